//! The studio's desk over HTTP: titles, posters, prices, the gate before the shop, and sales.

use std::io::Cursor;
use std::time::Duration;
use std::time::Instant;

use image::ImageFormat;
use image::RgbImage;
use matinee::catalog;
use matinee::catalog::Signed;
use matinee::catalog::Title;
use matinee::catalog::TitleState;
use matinee::kernel::Clock;
use matinee::kernel::text::Slug;
use matinee::ledger;
use reqwest::Method;
use reqwest::header::CACHE_CONTROL;
use reqwest::header::CONTENT_TYPE;

use crate::harness::Answer;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::TestApp;

const NIGHT: [(&str, &str); 6] = [
    ("name", "The Long Night"),
    ("synopsis", "It is long."),
    ("year", "1931"),
    ("runtime_minutes", "92"),
    ("genres", "drama"),
    ("credits", "Director: Ada <Lovelace>"),
];
const TITLE: &str = "/studio/titles/the-long-night";
const SIGNED: [(&str, &str); 2] = [("signed_name", "Robin Producer"), ("rights", "yes")];

/// A studio whose owner may sell, with a draft.
async fn desk(app: &TestApp) -> Person {
    let owner = app.studio_owner("Rabbit Hole").await;
    run(app, "UPDATE account SET email_verified_at = 1").await;
    let made = owner.post("/studio/titles/new", &NIGHT).await;
    assert_eq!(made.location(), TITLE);
    owner
}

async fn run(app: &TestApp, statement: &'static str) {
    let mut tx = app.state.db.begin_write().await.unwrap();
    sqlx::query(statement).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
}

async fn title(app: &TestApp) -> Title {
    let slug = Slug::parse("the-long-night").unwrap();
    let found = catalog::title_by_slug(&mut app.state.db.read().await.unwrap(), &slug).await;
    found.unwrap().unwrap()
}

async fn signed(app: &TestApp) -> Option<Signed> {
    let id = title(app).await.id;
    catalog::last_signed(&mut app.state.db.read().await.unwrap(), id)
        .await
        .unwrap()
}

/// A film as uploads and packaging leave it; `number` tells films apart.
async fn film_arrives(app: &TestApp, number: u8, state: &str) {
    let title = title(app).await;
    let (container, digits) = (
        uuid::Uuid::from_bytes([number; 16]),
        hex::encode([number; 32]),
    );
    let upload = format!("upload_{}", container.simple());
    let later = app.clock.now().millis() + i64::from(number);
    let mut tx = app.state.db.begin_write().await.unwrap();
    let key = "INSERT INTO film_key (container, kek_version, wrapped_dek, commitment)
               VALUES ($1, 1, $2, $2)";
    let key = sqlx::query(key)
        .bind(container.to_string())
        .bind(vec![0_u8; 32]);
    key.execute(&mut *tx).await.unwrap();
    sqlx::query(
        "INSERT INTO upload (id, studio_id, title_id, container, kind, metadata, plaintext_length,
            ciphertext_length, received_bytes, state, root, created_at, expires_at)
         VALUES ($1, $2, $3, $4, 'feature', '', 100, 116, 116, 'finished', $5, $6, $6)",
    )
    .bind(&upload)
    .bind(title.studio_id.to_string())
    .bind(title.id.to_string())
    .bind(container.to_string())
    .bind(&digits)
    .bind(later)
    .execute(&mut *tx)
    .await
    .unwrap();
    let playable = state == "playable";
    sqlx::query(
        "INSERT INTO rendition (container, upload_id, title_id, kind, plaintext_length, root, state,
            reason, mime, extension, duration_ms, width, height, created_at)
         VALUES ($1, $2, $3, 'feature', 100, $4, $5, $6, $7, $8, $9, $9, $9, $10)",
    )
    .bind(container.to_string())
    .bind(&upload)
    .bind(title.id.to_string())
    .bind(&digits)
    .bind(state)
    .bind((state == "refused").then_some("The picture is coded in ProRes, which browsers cannot play."))
    .bind(playable.then_some("video/mp4; codecs=\"avc1.64001f\""))
    .bind(playable.then_some("mp4"))
    .bind(playable.then_some(720_i64))
    .bind(later)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// A picture in one color, which its size decides.
fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let color = image::Rgb([(width / 3) as u8, (height / 3) as u8, 20]);
    let picture = RgbImage::from_pixel(width, height, color);
    picture.write_to(&mut file, ImageFormat::Jpeg).unwrap();
    file.into_inner()
}

async fn send_poster(person: &Person, file: &[u8]) -> Answer {
    let head = "--edge\r\ncontent-disposition: form-data; name=\"poster\"; filename=\"p.jpg\"\r\n\
                content-type: image/jpeg\r\n\r\n";
    let body = [head.as_bytes(), file, b"\r\n--edge--\r\n"].concat();
    let request = person.request(Method::POST, &format!("{TITLE}/poster"));
    let kind = "multipart/form-data; boundary=edge";
    person
        .send(request.header(CONTENT_TYPE, kind).body(body))
        .await
}

/// Everything but the signature.
async fn get_ready(app: &TestApp, owner: &Person) {
    film_arrives(app, 1, "playable").await;
    send_poster(owner, &jpeg(300, 450)).await.expect(303);
    let price = [("kind", "buy"), ("price", "9.99"), ("currency", "USD")];
    owner
        .post(&format!("{TITLE}/offers"), &price)
        .await
        .expect(303);
}

async fn publish(owner: &Person, fields: &[(&str, &str)]) -> Answer {
    owner.post(&format!("{TITLE}/publish"), fields).await
}

on_both_engines! {
    async fn a_title_is_made_and_changed_by_its_form(app: &TestApp) {
        let owner = desk(app).await;
        let page = owner.get(TITLE).await.expect(200).text;
        assert!(page.contains("1 of 5 done"), "the address is confirmed: {page}");
        assert!(page.contains("Ada &#60;Lovelace&#62;"));
        let list = owner.get("/studio").await.expect(200).text;
        assert!(list.contains("The Long Night") && list.contains("1 of 5 done"));

        let mut changed = NIGHT.to_vec();
        changed.extend([("genres", "crime"), ("slug", "day"), ("rating", "16")]);
        let moved = owner.post(TITLE, &changed).await;
        assert_eq!(moved.location(), "/studio/titles/day");
        owner.get(TITLE).await.expect(404);
        let page = owner.get("/studio/titles/day").await.text;
        assert!(page.contains("value=\"16\" selected"));
        for genre in ["drama", "crime"] {
            assert!(page.contains(&format!("value=\"{genre}\" checked")), "{genre}");
        }
    }

    async fn a_refused_form_keeps_what_was_typed(app: &TestApp) {
        let owner = desk(app).await;
        let wrong = [("name", "  "), ("synopsis", "Half a <story"), ("year", "19x1"), ("genres", "war")];
        for path in ["/studio/titles/new", TITLE] {
            let page = owner.post(path, &wrong).await.expect(422).text;
            assert!(page.contains("<title>Error: "), "{path}");
            assert!(page.contains("role=\"alert\" tabindex=\"-1\" autofocus"));
            assert!(page.contains("Half a &#60;story") && page.contains("value=\"19x1\""));
            for field in ["name", "year", "runtime_minutes", "genres"] {
                assert!(page.contains(&format!("id=\"{field}-error\"")), "{path}: {field}");
            }
        }
        assert_eq!(title(app).await.name(), "The Long Night");
        assert_eq!(owner.get("/studio").await.text.matches("title-row__name").count(), 1);
    }

    async fn the_title_of_another_studio_is_not_there(app: &TestApp) {
        let owner = desk(app).await;
        get_ready(app, &owner).await;
        let stranger = app.studio_owner("Foxes").await;
        for path in ["", "/upload", "/offers"] {
            stranger.get(&format!("{TITLE}{path}")).await.expect(404);
            stranger.get(&format!("/studio/titles/no-such{path}")).await.expect(404);
        }
        stranger.post(TITLE, &NIGHT).await.expect(404);
        stranger.post(&format!("{TITLE}/offers"), &[("price", "1")]).await.expect(404);
        publish(&stranger, &SIGNED).await.expect(404);
        send_poster(&stranger, &jpeg(300, 450)).await.expect(404);
        assert!(!stranger.get("/studio").await.text.contains("The Long Night"));
    }

    async fn a_poster_becomes_pictures_that_may_be_kept_forever(app: &TestApp) {
        let owner = desk(app).await;
        send_poster(&owner, &jpeg(300, 500)).await.expect(303);
        let first = title(app).await.poster_url(400).unwrap();
        assert!(owner.get(TITLE).await.text.contains(&first));
        let picture = app.nobody().get(&first).await.expect(200);
        assert_eq!(picture.headers[CONTENT_TYPE], "image/jpeg");
        assert_eq!(picture.headers["x-content-type-options"], "nosniff");
        assert!(picture.headers[CACHE_CONTROL].to_str().unwrap().contains("immutable"));

        send_poster(&owner, &jpeg(500, 300)).await.expect(303);
        let second = title(app).await.poster_url(400).unwrap();
        assert_ne!(first, second);
        app.nobody().get(&second).await.expect(200);
        app.nobody().get(&first).await.expect(404);
    }

    async fn a_poster_that_is_none_is_refused_at_once(app: &TestApp) {
        let owner = desk(app).await;
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\x01\x86\xa0\0\x01\x86\xa0\x08\x06\0\0\0".to_vec();
        bomb.extend([0xe1, 0x30, 0x08, 0x58]);
        let large = vec![0xff_u8; 11 << 20];
        let cases: [(&str, &[u8], u16, &str); 5] = [
            ("nothing", b"", 422, "choose a picture"),
            ("a script", b"<svg onload='alert(1)'/>", 422, "not a JPEG, PNG or WebP"),
            ("a bomb", &bomb, 422, "picture"),
            ("half a picture", &jpeg(300, 450)[..40], 422, "damaged"),
            ("too long", &large, 413, "10 MiB"),
        ];
        for (what, file, status, words) in cases {
            let started = Instant::now();
            let page = send_poster(&owner, file).await.expect(status).text;
            assert!(page.contains("id=\"poster-error\"") && page.contains(words), "{what}: {page}");
            assert!(started.elapsed() < Duration::from_secs(2), "{what}: {:?}", started.elapsed());
        }
        let no_form = owner.post(&format!("{TITLE}/poster"), &[("poster", "x")]).await.expect(422);
        assert!(no_form.text.contains("choose a picture"));
        assert_eq!(title(app).await.poster, None);
    }

    async fn a_price_is_kept_with_what_the_studio_keeps(app: &TestApp) {
        let owner = desk(app).await;
        let path = format!("{TITLE}/offers");
        let wrong = [("price", "0.1"), ("currency", "EUR")];
        let page = owner.post(&path, &wrong).await.expect(422).text;
        assert!(page.contains("value=\"0.1\"") && page.contains("value=\"EUR\" selected"), "{page}");
        assert!(page.contains("id=\"price-error\"") && page.contains("€0.50"));
        let rent = [("kind", "rent"), ("price", "1"), ("currency", "EUR")];
        owner.post(&path, &rent).await.expect(422);
        owner.post(&path, &[("price", "9.99"), ("currency", "USD")]).await.expect(303);
        let page = owner.get(&path).await.expect(200).text;
        // the store of the tests takes 5 %
        for part in ["$9.99", "$8.91", "$0.59", "$0.49"] {
            assert!(page.contains(&format!("<strong>{part}</strong>")), "{part}: {page}");
        }
        owner.post(&path, &[("price", "12"), ("currency", "USD")]).await.expect(303);
        assert!(owner.get(&path).await.text.contains("Earlier prices: $9.99"));
    }

    async fn nothing_goes_on_sale_before_everything_is_there(app: &TestApp) {
        let owner = desk(app).await;
        run(app, "UPDATE account SET email_verified_at = NULL").await;
        let page = publish(&owner, &SIGNED).await.expect(422).text;
        let alert = page.split("missing-title").last().unwrap();
        for (words, link) in [
            ("Upload the film.", format!("{TITLE}/upload")),
            ("Choose a poster.", format!("{TITLE}#poster-card")),
            ("Set a price.", format!("{TITLE}/offers")),
            ("Confirm your e-mail address", "/account".to_owned()),
        ] {
            assert!(alert.contains(&format!("<a href=\"{link}\">{words}")), "{words}: {alert}");
        }
        assert!(owner.get(TITLE).await.text.contains("data-testid=\"publish\" disabled"));

        get_ready(app, &owner).await;
        let still = publish(&owner, &SIGNED).await.expect(422).text;
        assert!(still.contains("Confirm your e-mail address") && !still.contains("Set a price."));
        run(app, "UPDATE account SET email_verified_at = 1").await;
        run(app, "UPDATE rendition SET state = 'checking', mime = NULL").await;
        assert!(publish(&owner, &SIGNED).await.expect(422).text.contains("Wait until the film has been checked"));
        run(app, "UPDATE rendition SET state = 'playable', mime = 'video/mp4'").await;
        run(app, "UPDATE offer SET retired_at = 1").await;
        assert!(publish(&owner, &SIGNED).await.expect(422).text.contains("Set a price."));
        run(app, "UPDATE offer SET retired_at = NULL").await;
        run(app, "UPDATE title SET poster = NULL").await;
        assert!(publish(&owner, &SIGNED).await.expect(422).text.contains("Choose a poster."));
        assert_eq!(title(app).await.state, TitleState::Draft);
        assert_eq!(signed(app).await, None);
    }

    async fn a_signature_is_given_for_the_film_that_was_shown(app: &TestApp) {
        let owner = desk(app).await;
        get_ready(app, &owner).await;
        let page = owner.get(TITLE).await.text;
        assert!(page.contains("4 of 5 done") && page.contains(&hex::encode([1; 32])), "{page}");
        let unticked = publish(&owner, &[("signed_name", "Robin P")]).await.expect(422).text;
        assert!(unticked.contains("id=\"rights-error\"") && unticked.contains("value=\"Robin P\""));
        let unnamed = publish(&owner, &[("rights", "yes")]).await.expect(422).text;
        assert!(unnamed.contains("id=\"signed_name-error\""));
        let other = hex::encode([9; 32]);
        let other = [SIGNED[0], SIGNED[1], ("root", other.as_str())];
        assert!(publish(&owner, &other).await.expect(422).text.contains("Another film has arrived"));
        assert_eq!(title(app).await.state, TitleState::Draft);

        let shown = hex::encode([1; 32]);
        publish(&owner, &[SIGNED[0], SIGNED[1], ("root", shown.as_str())]).await.expect(303);
        assert_eq!(title(app).await.state, TitleState::Published);
        let signed = signed(app).await.unwrap();
        assert_eq!((signed.signed_name.as_str(), signed.address.as_str()), ("Robin Producer", "127.0.0.1"));
        assert_eq!(signed.root.to_string(), shown);
        let page = owner.get(TITLE).await.text;
        assert!(page.contains("5 of 5 done") && page.contains("Robin Producer"));
        assert!(!page.contains("name=\"slug\""), "the address is fixed now");
        publish(&owner, &SIGNED).await.expect(409);
    }

    async fn a_new_film_waits_for_a_signature_of_its_own(app: &TestApp) {
        let owner = desk(app).await;
        get_ready(app, &owner).await;
        publish(&owner, &SIGNED).await.expect(303);
        let sold = title(app).await.film;
        film_arrives(app, 2, "playable").await;
        assert_eq!(title(app).await.film, sold, "buyers get what was signed for");
        let page = owner.get(TITLE).await.text;
        assert!(page.contains("4 of 5 done") && page.contains("Put the new film on sale"));
        publish(&owner, &SIGNED).await.expect(303);
        assert_ne!(title(app).await.film, sold);
        film_arrives(app, 3, "refused").await;
        let page = owner.get(&format!("{TITLE}/upload")).await.expect(200).text;
        assert!(page.contains("data-film-state=\"refused\"") && page.contains("ProRes"));
        assert!(owner.get(TITLE).await.text.contains("5 of 5 done"), "the film on sale still plays");
    }

    async fn a_film_is_withdrawn_and_comes_back(app: &TestApp) {
        let owner = desk(app).await;
        get_ready(app, &owner).await;
        let withdraw = format!("{TITLE}/withdraw");
        owner.post(&withdraw, &[]).await.expect(409);
        publish(&owner, &SIGNED).await.expect(303);
        owner.post(&withdraw, &[]).await.expect(303);
        assert_eq!(title(app).await.state, TitleState::Withdrawn);
        assert!(owner.get(TITLE).await.text.contains("Put it on sale again"));
        publish(&owner, &SIGNED).await.expect(303);
        assert_eq!(title(app).await.state, TitleState::Published);
    }

    async fn the_page_of_the_upload_says_how_the_film_stands(app: &TestApp) {
        let owner = desk(app).await;
        let page = || async { owner.get(&format!("{TITLE}/upload")).await.expect(200).text };
        let nothing = page().await;
        assert!(nothing.contains("data-film-state=\"nothing\"") && nothing.contains("data-uploader"));
        film_arrives(app, 1, "checking").await;
        assert!(page().await.contains("data-film-state=\"checking\""));
        run(app, "UPDATE upload SET state = 'receiving', root = NULL, received_bytes = 58").await;
        assert!(page().await.contains("50 % are here"));
        run(app, "UPDATE upload SET state = 'refused'").await;
        assert!(page().await.contains("not what was sealed"));
    }

    async fn sales_are_shown_and_downloaded(app: &TestApp) {
        let film = app.film_on_sale("=Night \"Train\"", "Lantern Films", 999).await;
        let owner = app.nobody();
        let known = [("email", "lantern-films@example.org"), ("password", PASSWORD)];
        owner.post("/login", &known).await.expect(303);
        assert!(owner.get("/studio/sales").await.expect(200).text.contains("Nothing sold yet"));
        let ada = app.viewer("Ada").await;
        let bought = ada.post("/checkout", &[("offer", &film.offer.id.to_string())]).await;
        let page = bought.location().strip_prefix(app.sandbox.base_url()).unwrap().to_owned();
        let till = Person::new(app.sandbox.base_url());
        let paid = till.post(&page, &[("number", "4242 4242 4242 4242")]).await;
        ada.get(paid.location().strip_prefix(&app.url).unwrap()).await.expect(200);
        app.work().await;

        let mut conn = app.state.db.read().await.unwrap();
        let net = ledger::sales_of_studio(&mut conn, film.studio.id).await.unwrap()[0].net;
        let page = owner.get("/studio/sales").await.text;
        assert!(page.contains(&format!("data-testid=\"sales-net\">{net}<")), "{page}");
        assert!(page.contains("class=\"bars__bar\"") && page.contains("=Night"));
        assert!(owner.get("/studio").await.text.contains(&net.to_string()));
        let days = owner.get("/studio/sales/days.csv").await.expect(200).text;
        assert_eq!(days.lines().count(), 2, "one day and one currency: {days}");
        assert!(page.contains("class=\"days\"") && page.contains("What you keep of a film at $9.99"));
        let file = owner.get("/studio/sales.csv").await.expect(200);
        assert!(file.headers["content-disposition"].to_str().unwrap().contains("lantern-films-sales-"));
        assert!(file.text.contains(r#""'=Night ""Train""","USD","1","9.99","#), "{}", file.text);
        assert!(file.text.ends_with(&format!(r#""0.49","0.00","0.00","{}"{}"#, net.number(), "\r\n")), "{}", file.text);
        let other = app.studio_owner("Foxes").await;
        assert!(!other.get("/studio/sales.csv").await.text.contains("Night"));
    }
}
