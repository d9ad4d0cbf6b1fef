//! People: sign-up, sign-in, sessions, links from mails.

use std::time::Duration;

use matinee::kernel::text::EmailAddress;
use matinee::platform::mail;
use matinee::platform::mail::Stored;
use reqwest::Method;
use sqlx::Row;

use crate::harness::Answer;
use crate::harness::Person;
use crate::harness::TestApp;

const PASSWORD: &str = "seven quiet rivers";
const NEW_PASSWORD: &str = "nine loud mountains";
const HOUR: Duration = Duration::from_secs(3600);

async fn sign_up(person: &Person, email: &str, password: &str) -> Answer {
    let fields = [("name", "Ada"), ("email", email), ("password", password)];
    person.post("/signup", &fields).await
}

async fn sign_in(person: &Person, email: &str, password: &str) -> Answer {
    person
        .post("/login", &[("email", email), ("password", password)])
        .await
}

/// Somebody with an account, signed in.
async fn ada(app: &TestApp) -> Person {
    let ada = app.nobody();
    sign_up(&ada, "ada@example.org", PASSWORD).await.expect(303);
    ada
}

async fn is_signed_in(person: &Person) -> bool {
    person.get("/account").await.status == 200
}

/// The mails to an address, newest first.
async fn mails(app: &TestApp, to: &str) -> Vec<Stored> {
    app.work().await;
    let mut conn = app.state.db.read().await.unwrap();
    let all = mail::latest(&mut conn, 100).await.unwrap();
    let to = EmailAddress::parse(to).unwrap();
    all.into_iter()
        .filter(|mail| mail.recipient == to.as_str())
        .collect()
}

/// The mail to an address about something; the clock stands still, so age does not tell them apart.
async fn mail_about(app: &TestApp, to: &str, subject: &str) -> Stored {
    let found = mails(app, to).await;
    let mail = found.into_iter().find(|mail| mail.subject == subject);
    mail.unwrap_or_else(|| panic!("no mail to {to}: {subject}"))
}

/// The path and query of the link in a mail that leads below `path`.
fn link(app: &TestApp, mail: &Stored, path: &str) -> String {
    let start = format!("{}{path}?token=", app.url);
    let at = mail
        .body_text
        .find(&start)
        .unwrap_or_else(|| panic!("no {path} in {}", mail.body_text));
    let rest = &mail.body_text[at + app.url.len()..];
    rest.split_whitespace().next().unwrap().to_owned()
}

fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

/// A hash under OWASP's floor, weaker than what the store makes today.
fn argon2_of_a_year_ago(password: &str) -> String {
    use argon2::PasswordHasher;
    let params = argon2::Params::new(19_456, 2, 1, None).unwrap();
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    hasher
        .hash_password(password.as_bytes())
        .unwrap()
        .to_string()
}

fn session_cookie(answer: &Answer) -> String {
    let lines = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|line| line.to_str().unwrap());
    lines
        .filter(|line| line.starts_with("matinee="))
        .map(str::to_owned)
        .collect()
}

on_both_engines! {
    async fn a_visitor_signs_up_and_is_signed_in(app: &TestApp) {
        let ada = ada(app).await;
        let page = ada.get("/account").await.expect(200).text;
        assert!(page.contains("ada@example.org") && page.contains("not confirmed"), "{page}");
        ada.post("/logout", &[]).await.expect(303);
        assert!(!is_signed_in(&ada).await);
        sign_in(&ada, " ADA@Example.org ", PASSWORD).await.expect(303);
        assert!(is_signed_in(&ada).await);
    }

    async fn known_and_new_addresses_are_answered_alike(app: &TestApp) {
        ada(app).await;
        let (known, new) = (app.nobody(), app.nobody());
        let a = sign_up(&known, "ada@example.org", NEW_PASSWORD).await.expect(303);
        let b = sign_up(&new, "eve@example.org", NEW_PASSWORD).await.expect(303);
        assert_eq!(a.location(), b.location());
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&a), names(&b));
        let (a, b) = (known.get(a.location()).await.expect(200), new.get(b.location()).await.expect(200));
        assert_eq!(a.text.replace("ada@", "eve@"), b.text);
        assert!(!is_signed_in(&known).await && is_signed_in(&new).await);
        mail_about(app, "ada@example.org", "You have an account already").await;
        assert_eq!(sign_in(&app.nobody(), "ada@example.org", NEW_PASSWORD).await.status, 422);
    }

    async fn an_unknown_address_and_a_wrong_password_are_answered_alike(app: &TestApp) {
        ada(app).await;
        let nobody = app.nobody();
        let a = sign_in(&nobody, "ada@example.org", "not it at all").await.expect(422);
        let b = sign_in(&nobody, "eve@example.org", "not it at all").await.expect(422);
        assert_eq!(a.text.replace("ada@", "eve@"), b.text);
        assert!(a.text.contains("value=\"ada@example.org\"") && !a.text.contains("not it at all"));
    }

    async fn the_session_id_changes_at_sign_in(app: &TestApp) {
        ada(app).await;
        let planted = "matinee=AAAAAAAAAAAAAAAAAAAAAQ";
        let visitor = app.nobody();
        let form = "email=ada%40example.org&password=seven+quiet+rivers";
        let request = visitor
            .request(Method::POST, "/login")
            .header("cookie", planted)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        let answer = visitor.send(request).await.expect(303);
        let cookie = session_cookie(&answer);
        assert!(!cookie.is_empty() && !cookie.starts_with(planted), "{cookie}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let thief = app.nobody();
        let request = thief.request(Method::GET, "/account").header("cookie", planted);
        assert_eq!(thief.send(request).await.status, 303);
    }

    async fn signing_out_ends_the_session_on_the_server(app: &TestApp) {
        let ada = ada(app).await;
        let kept = ada.request(Method::GET, "/account");
        let out = ada.post("/logout", &[]).await.expect(303);
        assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"");
        assert_eq!(ada.send(kept).await.status, 303, "the old cookie is worth nothing");
    }

    async fn signing_out_everywhere_else_leaves_one_session(app: &TestApp) {
        let here = ada(app).await;
        let (there, elsewhere) = (app.nobody(), app.nobody());
        sign_in(&there, "ada@example.org", PASSWORD).await.expect(303);
        sign_in(&elsewhere, "ada@example.org", PASSWORD).await.expect(303);
        let page = here.get("/account").await.text;
        assert_eq!(page.matches("name=\"session\"").count(), 2);
        let handle = page.split("name=\"session\" value=\"").nth(1).unwrap();
        let handle = handle.split('"').next().unwrap();
        here.post("/account/sessions/end", &[("session", handle)]).await.expect(303);
        let left = [is_signed_in(&there).await, is_signed_in(&elsewhere).await];
        assert_eq!(left.iter().filter(|yes| **yes).count(), 1);
        here.post("/account/sessions/end-others", &[]).await.expect(303);
        assert!(is_signed_in(&here).await);
        assert!(!is_signed_in(&there).await && !is_signed_in(&elsewhere).await);
    }

    async fn nobody_ends_the_session_of_another(app: &TestApp) {
        let here = ada(app).await;
        let there = app.nobody();
        sign_in(&there, "ada@example.org", PASSWORD).await.expect(303);
        let page = here.get("/account").await.text;
        let handle = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let eve = app.nobody();
        sign_up(&eve, "eve@example.org", PASSWORD).await.expect(303);
        eve.post("/account/sessions/end", &[("session", handle)]).await.expect(303);
        assert!(is_signed_in(&there).await);
    }

    async fn a_link_confirms_an_address_once_and_only_by_post(app: &TestApp) {
        let ada = ada(app).await;
        let mail = mails(app, "ada@example.org").await.remove(0);
        let link = link(app, &mail, "/account/verify");
        let scanner = app.nobody();
        for _ in 0..2 {
            scanner.get(&link).await.expect(200);
        }
        assert!(ada.get("/account").await.text.contains("not confirmed"));
        let form = [("token", token(&link))];
        scanner.post("/account/verify", &form).await.expect(200);
        assert!(!ada.get("/account").await.text.contains("not confirmed"));
        scanner.post("/account/verify", &form).await.expect(410);
        scanner.get(&link).await.expect(410);
    }

    async fn a_reset_ends_every_session_and_works_once(app: &TestApp) {
        let ada = ada(app).await;
        let visitor = app.nobody();
        visitor.post("/account/forgot", &[("email", "ada@example.org")]).await.expect(200);
        let mail = mail_about(app, "ada@example.org", "Choose a new password").await;
        let link = link(app, &mail, "/account/reset");
        visitor.get(&link).await.expect(200);
        let weak = [("token", token(&link)), ("password", "password")];
        let refused = visitor.post("/account/reset", &weak).await.expect(422).text;
        assert!(refused.contains("easy to guess"), "{refused}");
        assert!(is_signed_in(&ada).await, "nothing happened yet");
        let form = [("token", token(&link)), ("password", NEW_PASSWORD)];
        visitor.post("/account/reset", &form).await.expect(200);
        assert!(!is_signed_in(&ada).await);
        visitor.post("/account/reset", &form).await.expect(410);
        sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(422);
        sign_in(&visitor, "ada@example.org", NEW_PASSWORD).await.expect(303);
        mail_about(app, "ada@example.org", "Your password was changed").await;
    }

    async fn a_reset_link_lives_for_an_hour(app: &TestApp) {
        ada(app).await;
        let visitor = app.nobody();
        visitor.post("/account/forgot", &[("email", "ada@example.org")]).await.expect(200);
        let mail = mail_about(app, "ada@example.org", "Choose a new password").await;
        let link = link(app, &mail, "/account/reset");
        app.clock.advance(HOUR);
        visitor.get(&link).await.expect(410);
        let form = [("token", token(&link)), ("password", NEW_PASSWORD)];
        visitor.post("/account/reset", &form).await.expect(410);
        sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(303);
    }

    async fn asking_for_a_link_tells_nothing(app: &TestApp) {
        ada(app).await;
        let visitor = app.nobody();
        let a = visitor.post("/account/forgot", &[("email", "ada@example.org")]).await.expect(200);
        let b = visitor.post("/account/forgot", &[("email", "eve@example.org")]).await.expect(200);
        assert_eq!(a.text.replace("ada@", "eve@"), b.text);
        assert!(mails(app, "eve@example.org").await.is_empty());
    }

    async fn strangers_cannot_flood_a_mail_box(app: &TestApp) {
        ada(app).await;
        let visitor = app.nobody();
        for _ in 0..9 {
            visitor.post("/account/forgot", &[("email", "ada@example.org")]).await.expect(200);
        }
        let sent = mails(app, "ada@example.org").await.len();
        assert_eq!(sent, 1 + 5, "the first mail of the sign-up, and five of the nine");
    }

    async fn guessing_is_slowed_and_the_window_passes(app: &TestApp) {
        ada(app).await;
        let visitor = app.nobody();
        app.clock.advance(HOUR);
        for _ in 0..10 {
            sign_in(&visitor, "ada@example.org", "not it at all").await.expect(422);
        }
        let refused = sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(429);
        assert!(refused.headers.contains_key("retry-after"));
        sign_in(&visitor, "eve@example.org", "not it at all").await.expect(422);
        app.clock.advance(HOUR / 4);
        sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(303);
    }

    async fn sign_up_is_no_way_around_the_limit_on_guesses(app: &TestApp) {
        ada(app).await;
        app.clock.advance(HOUR);
        let visitor = app.nobody();
        for number in 0..10 {
            sign_up(&visitor, "ada@example.org", &format!("seven quiet guesses {number}")).await.expect(303);
        }
        sign_up(&visitor, "ada@example.org", PASSWORD).await.expect(429);
        assert!(!is_signed_in(&visitor).await);
    }

    async fn a_form_sent_twice_signs_its_owner_in(app: &TestApp) {
        ada(app).await;
        let again = app.nobody();
        sign_up(&again, "ada@example.org", PASSWORD).await.expect(303);
        assert!(is_signed_in(&again).await);
        assert_eq!(mails(app, "ada@example.org").await.len(), 1);
    }

    async fn a_new_password_needs_the_present_one(app: &TestApp) {
        let (here, there) = (ada(app).await, app.nobody());
        sign_in(&there, "ada@example.org", PASSWORD).await.expect(303);
        let wrong = [("current_password", "not it at all"), ("password", NEW_PASSWORD)];
        let page = here.post("/account/password", &wrong).await.expect(422).text;
        assert!(page.contains("not your present password") && !page.contains(NEW_PASSWORD));
        let right = [("current_password", PASSWORD), ("password", NEW_PASSWORD)];
        here.post("/account/password", &right).await.expect(303);
        assert!(is_signed_in(&here).await && !is_signed_in(&there).await);
        mail_about(app, "ada@example.org", "Your password was changed").await;
    }

    async fn an_account_moves_when_the_new_address_says_so(app: &TestApp) {
        let ada = ada(app).await;
        let eve = app.nobody();
        sign_up(&eve, "eve@example.org", PASSWORD).await.expect(303);
        let ask = |email: &'static str| [("email", email), ("current_password", PASSWORD)];
        ada.post("/account/email", &ask("new@example.org")).await.expect(200);
        let mail = mails(app, "new@example.org").await.remove(0);
        let link_to_new = link(app, &mail, "/account/email/confirm");
        ada.get(&link_to_new).await.expect(200);
        assert!(ada.get("/account").await.text.contains("ada@example.org"));
        ada.post("/account/email/confirm", &[("token", token(&link_to_new))]).await.expect(200);
        assert!(ada.get("/account").await.text.contains("new@example.org"));
        let told = mail_about(app, "ada@example.org", "Your e-mail address was changed").await;
        assert!(told.body_text.contains("n…@example.org"));

        ada.post("/account/email", &ask("eve@example.org")).await.expect(200);
        let mail = mail_about(app, "eve@example.org", "Confirm your new e-mail address").await;
        let taken = link(app, &mail, "/account/email/confirm");
        ada.post("/account/email/confirm", &[("token", token(&taken))]).await.expect(410);
        assert!(ada.get("/account").await.text.contains("new@example.org"));
    }

    async fn of_two_uses_of_a_link_at_once_one_counts(app: &TestApp) {
        ada(app).await;
        let (one, two) = (app.nobody(), app.nobody());
        one.post("/account/forgot", &[("email", "ada@example.org")]).await.expect(200);
        let mail = mail_about(app, "ada@example.org", "Choose a new password").await;
        let link = link(app, &mail, "/account/reset");
        let form = |password: &'static str| [("token", token(&link)), ("password", password)];
        let (a, b) = (form("nine loud mountains"), form("six wide harbours"));
        let (a, b) = tokio::join!(one.post("/account/reset", &a), two.post("/account/reset", &b));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410]);
    }

    async fn of_two_sign_ups_at_once_one_makes_the_account(app: &TestApp) {
        let (one, two) = (app.nobody(), app.nobody());
        let (a, b) = tokio::join!(
            sign_up(&one, "ada@example.org", PASSWORD),
            sign_up(&two, "ada@example.org", NEW_PASSWORD)
        );
        assert_eq!((a.status.as_u16(), b.status.as_u16()), (303, 303));
        assert!(is_signed_in(&one).await != is_signed_in(&two).await);
    }

    async fn a_session_that_is_written_during_a_reset_is_over(app: &TestApp) {
        let ada = ada(app).await;
        let mut conn = app.state.db.read().await.unwrap();
        let copy = "CREATE TABLE kept AS SELECT * FROM session";
        sqlx::query(copy).execute(&mut *conn).await.unwrap();
        let right = [("current_password", PASSWORD), ("password", NEW_PASSWORD)];
        let kept = ada.request(Method::GET, "/account");
        ada.post("/account/password", &right).await.expect(303);
        let put_back = "INSERT INTO session SELECT * FROM kept";
        sqlx::query(put_back).execute(&mut *conn).await.unwrap();
        assert_eq!(ada.send(kept).await.status, 303);
    }

    async fn a_hash_of_earlier_parameters_is_made_anew_at_sign_in(app: &TestApp) {
        ada(app).await;
        let mut conn = app.state.db.read().await.unwrap();
        let old = argon2_of_a_year_ago(PASSWORD);
        let set = sqlx::query("UPDATE account SET password_hash = $1").bind(&old);
        set.execute(&mut *conn).await.unwrap();
        let visitor = app.nobody();
        let stored = async || -> String {
            let mut conn = app.state.db.read().await.unwrap();
            let asked = sqlx::query_scalar("SELECT password_hash FROM account");
            asked.fetch_one(&mut *conn).await.unwrap()
        };
        sign_in(&visitor, "ada@example.org", "not it at all").await.expect(422);
        assert_eq!(stored().await, old);
        sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(303);
        let fresh = stored().await;
        assert_ne!(fresh, old);
        assert!(fresh.starts_with("$argon2id$"), "{fresh}");
        sign_in(&visitor, "ada@example.org", PASSWORD).await.expect(303);
        assert_eq!(stored().await, fresh, "once is enough");
    }

    async fn the_tables_hold_no_password_and_no_token(app: &TestApp) {
        let ada = ada(app).await;
        let mail = mails(app, "ada@example.org").await.remove(0);
        let secret = token(&link(app, &mail, "/account/verify")).to_owned();
        let cookie = ada.request(Method::GET, "/").build().unwrap();
        let cookie = cookie.headers()["cookie"].to_str().unwrap().split_once('=').unwrap().1.to_owned();
        let mut conn = app.state.db.read().await.unwrap();
        for table in ["account", "account_link", "session", "limit_counter", "job"] {
            let rows = sqlx::query(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}")));
            for row in rows.fetch_all(&mut *conn).await.unwrap() {
                for column in 0..row.len() {
                    let text = row.try_get::<String, _>(column).unwrap_or_default();
                    for part in [PASSWORD, &secret, &cookie] {
                        assert!(!text.contains(part), "{table} holds a secret");
                    }
                }
            }
        }
    }

    async fn sessions_end_by_themselves(app: &TestApp) {
        let ada = ada(app).await;
        for _ in 0..2 {
            app.clock.advance(13 * 24 * HOUR);
            assert!(is_signed_in(&ada).await, "used within 14 days");
        }
        app.clock.advance(5 * 24 * HOUR);
        assert!(!is_signed_in(&ada).await, "30 days after it began");
        sign_in(&ada, "ada@example.org", PASSWORD).await.expect(303);
        app.clock.advance(15 * 24 * HOUR);
        assert!(!is_signed_in(&ada).await, "not used for 14 days");
    }
}

#[tokio::test]
async fn a_form_keeps_what_was_typed_and_says_what_to_mend() {
    let app = TestApp::sqlite().await;
    let visitor = app.nobody();
    let fields = [
        ("name", "Ada <b>"),
        ("email", "ada@example"),
        ("password", "short"),
    ];
    let page = visitor.post("/signup", &fields).await.expect(422).text;
    assert!(page.contains("value=\"Ada &#60;b&#62;\"") && page.contains("value=\"ada@example\""));
    assert!(!page.contains("short\""), "a password is never shown again");
    for part in [
        "href=\"#email\"",
        "href=\"#password\"",
        "aria-invalid=\"true\"",
        "id=\"email-error\"",
        "full e-mail address",
        "at least 8 characters",
        "<title>Error:",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    let page = visitor.post("/signup", &[]).await.expect(422).text;
    assert_eq!(
        page.matches("href=\"#").count() - page.matches("href=\"#main\"").count(),
        3
    );
    let common = [
        ("name", "Ada"),
        ("email", "ada@example.org"),
        ("password", "iloveyou1"),
    ];
    assert!(
        visitor
            .post("/signup", &common)
            .await
            .expect(422)
            .text
            .contains("easy to guess")
    );
}

#[tokio::test]
async fn next_leads_to_this_site_only() {
    let app = TestApp::sqlite().await;
    ada(&app).await;
    let go = async |next: &str| {
        let fields = [
            ("email", "ada@example.org"),
            ("password", PASSWORD),
            ("next", next),
        ];
        app.clock.advance(HOUR);
        app.nobody()
            .post("/login", &fields)
            .await
            .location()
            .to_owned()
    };
    assert_eq!(go("/films/nachtzug?a=1").await, "/films/nachtzug?a=1");
    for elsewhere in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/..//evil.example",
        "",
    ] {
        assert_eq!(go(elsewhere).await, "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn a_page_for_people_sends_visitors_to_sign_in_and_back() {
    let app = TestApp::sqlite().await;
    ada(&app).await;
    let visitor = app.nobody();
    let asked = visitor.get("/account?done=mail").await;
    assert_eq!(asked.location(), "/login?next=%2Faccount%3Fdone%3Dmail");
    let page = visitor.get(asked.location()).await.expect(200).text;
    assert!(
        page.contains("name=\"next\" value=\"/account?done=mail\""),
        "{page}"
    );
    let request = visitor
        .request(Method::GET, "/account")
        .header("accept", "application/json");
    let answer = visitor.send(request).await.expect(401);
    assert_eq!(answer.json()["error"], "sign_in_required");
}

#[tokio::test]
async fn no_page_of_a_person_is_kept_by_a_cache() {
    let app = TestApp::sqlite().await;
    let ada = ada(&app).await;
    for path in [
        "/account",
        "/account/password",
        "/account/email",
        "/signup/done",
    ] {
        assert_eq!(
            ada.get(path).await.expect(200).headers["cache-control"],
            "no-store",
            "{path}"
        );
    }
}
