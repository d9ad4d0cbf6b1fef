//! Watching: keys on loan, sealed and opened bytes by ranges, positions, and what ends them.

mod bytes;
mod scene;

use std::time::Duration;

use matinee::kernel::Clock;
use matinee::library;
use matinee::library::Entitlement;
use matinee::library::Right;
use matinee::playback;
use matinee::sealed::Layout;
use matinee::sealed::PeriodHeader;
use matinee::sealed::open_segment;
use reqwest::Method;
use serde_json::json;

use crate::harness::TestApp;
use scene::Browser;
use scene::Scene;
use scene::beat_path;
use scene::fetch;

on_both_engines! {
    async fn a_browser_borrows_a_key_and_opens_what_it_fetches(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        let browser = Browser::new();
        let answer = scene.borrow(&ada, &browser).await.expect(201);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let lease = answer.json();
        assert_eq!(lease["plaintext_length"], scene.plain.len());
        assert_eq!(lease["keys"].as_array().unwrap().len(), 1, "the film has one period");
        let key = browser.unwrap_key(&lease, scene.container, 0).unwrap();
        assert!(Browser::new().unwrap_key(&lease, scene.container, 0).is_none());

        let url = lease["url"].as_str().unwrap();
        let mut bytes = fetch(&app.nobody(), Method::GET, url, &[]).await.bytes().await.unwrap().to_vec();
        let header = PeriodHeader::parse(&bytes).unwrap();
        let layout = Layout::new(scene.plain.len() as u64).unwrap();
        let mut opened = Vec::new();
        for number in 0..layout.segments() {
            let place = layout.segment(number).unwrap();
            let body = place.body();
            let sealed = &mut bytes[body.start as usize..body.end as usize];
            opened.extend_from_slice(open_segment(&key, &header, place.index, place.last, sealed).unwrap());
        }
        assert!(opened == scene.plain);
    }

    async fn only_who_may_watch_gets_a_lease(app: &TestApp) {
        let scene = Scene::set(app).await;
        let (ada, ben, browser) = (scene.owner("Ada").await, app.viewer("Ben").await, Browser::new());
        let nobody = scene.borrow(&app.nobody(), &browser).await.expect(401);
        assert_eq!(nobody.json()["error"], "sign_in_required");
        let refused = scene.borrow(&ben, &browser).await.expect(403);
        assert_eq!(refused.json()["error"], "not_bought");
        for (field, value, status) in [
            ("edition", json!("no-such-film"), 404),
            ("container", json!("018f0000-0000-7000-8000-000000000000"), 404),
            ("public_key", json!("AAAA"), 422),
            ("public_key", json!("#"), 422),
            ("periods", json!([0, 1, 2, 3, 4, 5, 6, 7, "x"]), 422),
        ] {
            let mut wish = scene.wish(&browser);
            wish[field] = value;
            ada.post_json("/leases", &wish).await.expect(status);
        }
        scene.borrow(&ada, &browser).await.expect(201);
    }

    async fn a_film_that_left_the_shop_stays_with_who_bought_it(app: &TestApp) {
        let scene = Scene::set(app).await;
        let (ada, ben) = (scene.owner("Ada").await, app.viewer("Ben").await);
        let watch = format!("/watch/{}", scene.slug());
        assert_eq!(ben.get(&watch).await.location(), format!("/films/{}", scene.slug()));
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE title SET state = 'withdrawn'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        ben.get(&watch).await.expect(404);
        let page = ada.get(&watch).await.expect(200).text;
        assert!(page.contains("data-testid=\"player\"") && page.contains(&scene.media()), "{page}");
        assert!(page.contains("noindex"));
        scene.borrow(&ada, &Browser::new()).await.expect(201);
    }

    async fn six_devices_watch_and_the_seventh_waits(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        let mut leases = Vec::new();
        for _ in 0..6 {
            leases.push(scene.borrow(&ada, &Browser::new()).await.expect(201).json());
        }
        let seventh = scene.borrow(&ada, &Browser::new()).await.expect(409).json();
        assert_eq!(seventh["error"], "too_many_streams");
        assert_eq!(seventh["devices"], json!(vec!["Firefox on Linux"; 6]));
        let first = format!("/leases/{}", leases[0]["lease"].as_str().unwrap());
        fetch(&ada, Method::DELETE, &first, &[]).await.error_for_status().unwrap();
        ada.post_json(&beat_path(&leases[0]), &json!({})).await.expect(404);
        scene.borrow(&ada, &Browser::new()).await.expect(201);
        scene.borrow(&ada, &Browser::new()).await.expect(409);
        app.clock.advance(Duration::from_secs(600)); // nobody beats any more
        ada.post_json(&beat_path(&leases[1]), &json!({})).await.expect(404);
        scene.borrow(&ada, &Browser::new()).await.expect(201);
    }

    async fn devices_that_come_at_once_are_counted_one_by_one(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        let browsers: [Browser; 8] = std::array::from_fn(|_| Browser::new());
        let all = browsers.iter().map(|browser| scene.borrow(&ada, browser));
        let answers = futures_util::future::join_all(all).await;
        let lent = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
        assert_eq!(lent, 6);
    }

    async fn a_beat_renews_the_keys_and_keeps_the_place(app: &TestApp) {
        let scene = Scene::set(app).await;
        let (ada, ben) = (scene.owner("Ada").await, scene.owner("Ben").await);
        let browser = Browser::new();
        let lease = scene.borrow(&ada, &browser).await.expect(201).json();
        let beat = beat_path(&lease);
        app.clock.advance(Duration::from_secs(60));
        let renewed = ada.post_json(&beat, &json!({ "position_seconds": 1234, "periods": [0] })).await;
        let renewed = renewed.expect(200).json();
        assert_eq!(renewed["lease"], lease["lease"]);
        assert!(renewed["expires_at"].as_i64() > lease["expires_at"].as_i64());
        assert_ne!(renewed["url"], lease["url"]);
        assert!(browser.unwrap_key(&renewed, scene.container, 0).is_some());
        ada.post_json(&beat, &json!({ "position_seconds": null })).await.expect(200);

        let mut conn = app.state.db.read().await.unwrap();
        let places = playback::positions_of(&mut conn, scene.account("Ada").await).await.unwrap();
        assert_eq!((places.len(), places[0].title, places[0].seconds), (1, scene.film.title.id, 1234));
        let page = ada.get(&format!("/watch/{}", scene.slug())).await.expect(200).text;
        assert!(page.contains("data-position=\"1234\""), "{page}");

        ben.post_json(&beat, &json!({})).await.expect(404);
        let path = beat.strip_suffix("/beat").unwrap();
        assert_eq!(fetch(&ben, Method::DELETE, path, &[]).await.status(), 404);
        ada.post_json(&beat, &json!({})).await.expect(200);
    }

    async fn a_right_that_is_gone_ends_the_film_within_a_beat(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        let lease = scene.borrow(&ada, &Browser::new()).await.expect(201).json();
        let account = scene.account("Ada").await;
        let held = {
            let mut conn = app.state.db.read().await.unwrap();
            library::of_viewer(&mut conn, account).await.unwrap()[0]
        };
        let since = held.granted_at;
        for (right, code) in [
            (Right::Suspended { since }, "suspended"),
            (Right::Ended { since }, "refunded"),
        ] {
            note(app, &held, right).await;
            let beat = beat_path(&lease);
            let over = ada.post_json(&beat, &json!({ "periods": [0] })).await.expect(403);
            assert_eq!(over.json()["error"], code);
            assert_eq!(fetch(&ada, Method::GET, &scene.media(), &[]).await.status(), 403);
            assert_eq!(scene.borrow(&ada, &Browser::new()).await.expect(403).json()["error"], code);
        }
        // Won, or never disputed: the film is back.
        note(app, &held, Right::Owned { since }).await;
        scene.borrow(&ada, &Browser::new()).await.expect(201);
    }
}

async fn note(app: &TestApp, held: &Entitlement, right: Right) {
    let mut tx = app.state.db.begin_write().await.unwrap();
    let now = app.clock.now();
    library::record(&mut tx, held.viewer, held.title, held.order, right, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
