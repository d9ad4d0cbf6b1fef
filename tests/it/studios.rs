//! Studios: opening one, its tokens, its team, and whether it may sell.

use std::time::Duration;

use matinee::kernel::text::Slug;
use matinee::platform::mail;
use matinee::studios;
use matinee::studios::Studio;
use reqwest::Method;

use crate::harness::Answer;
use crate::harness::Person;
use crate::harness::TestApp;

const PASSWORD: &str = "seven quiet rivers";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The owner of a studio, signed in.
async fn owner(app: &TestApp, email: &str, studio: &str) -> Person {
    let owner = app.nobody();
    let fields = [
        ("studio_name", studio),
        ("name", "Ada"),
        ("email", email),
        ("password", PASSWORD),
    ];
    owner.post("/studio/signup", &fields).await.expect(303);
    owner
}

async fn viewer(app: &TestApp, email: &str) -> Person {
    let viewer = app.nobody();
    let fields = [("name", "Eve"), ("email", email), ("password", PASSWORD)];
    viewer.post("/signup", &fields).await.expect(303);
    viewer
}

async fn studio(app: &TestApp, slug: &str) -> Option<Studio> {
    let mut conn = app.state.db.read().await.unwrap();
    studios::studio_by_slug(&mut conn, &Slug::parse(slug).unwrap())
        .await
        .unwrap()
}

async fn may_sell(app: &TestApp, slug: &str) -> bool {
    let studio = studio(app, slug).await.unwrap();
    let mut conn = app.state.db.read().await.unwrap();
    studios::may_sell(&mut conn, studio.id).await.unwrap()
}

/// The token of the first link below `path` in the mails to an address.
async fn mailed_token(app: &TestApp, to: &str, path: &str) -> String {
    app.work().await;
    let mut conn = app.state.db.read().await.unwrap();
    let start = format!("{}{path}?token=", app.url);
    let all = mail::latest(&mut conn, 100).await.unwrap();
    let texts = all
        .iter()
        .filter(|mail| mail.recipient == to)
        .map(|mail| &mail.body_text);
    let rest = texts.filter_map(|text| text.split(&start).nth(1)).next();
    rest.expect("a mail with the link")
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned()
}

async fn confirm(app: &TestApp, email: &str) {
    let token = mailed_token(app, email, "/account/verify").await;
    app.nobody()
        .post("/account/verify", &[("token", &token)])
        .await
        .expect(200);
}

async fn make_token(owner: &Person) -> String {
    let page = owner
        .post("/studio/tokens", &[("name", "Cutting room")])
        .await
        .expect(200)
        .text;
    let secret = page.split("data-testid=\"token-secret\">").nth(1).unwrap();
    secret.split('<').next().unwrap().to_owned()
}

/// Asks as a program; a page for people alone answers 403 to a token that works.
async fn with_token(app: &TestApp, token: &str) -> Answer {
    let program = app.nobody();
    let request = program.request(Method::GET, "/studio/tokens");
    program
        .send(request.header("authorization", format!("Bearer {token}")))
        .await
}

on_both_engines! {
    async fn a_visitor_opens_a_studio_and_may_sell_once_confirmed(app: &TestApp) {
        let owner = owner(app, "ada@example.org", "Nordlicht Film").await;
        owner.get("/studio/team").await.expect(200);
        assert_eq!(studio(app, "nordlicht-film").await.unwrap().name.as_str(), "Nordlicht Film");
        assert!(!may_sell(app, "nordlicht-film").await);
        confirm(app, "ada@example.org").await;
        assert!(may_sell(app, "nordlicht-film").await);
    }

    async fn somebody_signed_in_gives_the_name_only(app: &TestApp) {
        let eve = viewer(app, "eve@example.org").await;
        assert_eq!(eve.get("/studio/team").await.location(), "/studio/signup");
        let page = eve.get("/studio/signup").await.expect(200).text;
        assert!(page.contains("name=\"studio_name\"") && !page.contains("name=\"password\""));
        eve.post("/studio/signup", &[("studio_name", "")]).await.expect(422);
        eve.post("/studio/signup", &[("studio_name", "Eve & Co")]).await.expect(303);
        eve.get("/studio/team").await.expect(200);
        assert_eq!(eve.get("/studio/signup").await.location(), "/studio");
        eve.post("/studio/signup", &[("studio_name", "Another")]).await.expect(409);
        assert!(studio(app, "another").await.is_none(), "nothing is half done");
    }

    async fn studios_of_one_name_have_addresses_of_their_own(app: &TestApp) {
        owner(app, "ada@example.org", "Nordlicht").await;
        owner(app, "eve@example.org", "Nordlicht").await;
        assert!(studio(app, "nordlicht").await.is_some() && studio(app, "nordlicht-2").await.is_some());
    }

    async fn a_known_address_opens_nothing_for_a_stranger(app: &TestApp) {
        viewer(app, "eve@example.org").await;
        let stranger = app.nobody();
        let fields = [
            ("studio_name", "Stolen"), ("name", "X"), ("email", "eve@example.org"),
            ("password", "another quiet river"),
        ];
        let answer = stranger.post("/studio/signup", &fields).await.expect(303);
        assert_eq!(answer.location(), "/signup/done", "the answer of every sign-up");
        assert!(studio(app, "stolen").await.is_none());
    }

    async fn a_token_acts_for_its_studio_until_it_is_revoked(app: &TestApp) {
        let owner = owner(app, "ada@example.org", "Nordlicht").await;
        let secret = make_token(&owner).await;
        assert!(secret.starts_with("mat_") && secret.len() == 47, "{secret}");
        let page = owner.get("/studio/tokens").await.expect(200).text;
        assert!(page.contains("Cutting room") && !page.contains(&secret), "shown once");
        assert!(page.contains(&secret[..9]) && page.contains("Never"));

        let refused = with_token(app, &secret).await.expect(403);
        assert!(refused.json()["message"].as_str().unwrap().contains("API token"));
        assert!(!owner.get("/studio/tokens").await.text.contains("Never"), "its use was noted");

        let long = "x".repeat(121);
        let refused_page = owner.post("/studio/tokens", &[("name", &long)]).await.expect(422).text;
        assert!(refused_page.contains(&format!("value=\"{long}\"")), "what was typed is kept");

        let id = page.split("/studio/tokens/").nth(1).unwrap().split('/').next().unwrap();
        owner.post(&format!("/studio/tokens/{id}/revoke"), &[]).await.expect(303);
        let answer = with_token(app, &secret).await.expect(401);
        assert_eq!(answer.json()["error"], "sign_in_required");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        owner.post(&format!("/studio/tokens/{id}/revoke"), &[]).await.expect(404);
    }

    async fn a_token_moves_no_money_and_reads_of_no_buyer(app: &TestApp) {
        let (token, _, _) = crate::harness::people::two_studios(&app.state, "night-train").await;
        let program = app.nobody();
        let ask = |method: Method, path: &str| program.request(method, path).header("authorization", format!("Bearer {token}"));
        program.send(ask(Method::GET, "/studio/sales.csv")).await.expect(200);
        let order = "/studio/orders/order_0198c0f1e5d27cc09b5d000000000001";
        for path in ["/studio/orders", order, &format!("{order}/evidence.txt"), &format!("{order}/invoice"), "/studio/invoices", "/studio/invoices.csv", "/studio/invoices/x"] {
            program.send(ask(Method::GET, path)).await.expect(403);
        }
        for path in [
            "/studio/orders", &format!("{order}/refund"), &format!("{order}/evidence"), &format!("{order}/invoice"),
            "/studio/titles/night-train/splits", "/studio/participants", "/studio/participants/x", "/studio/participants/x/invite",
        ] {
            let form = ask(Method::POST, path).header("content-type", "application/x-www-form-urlencoded").body("amount=1");
            program.send(form).await.expect(403);
        }
    }

    async fn nobody_revokes_the_token_of_another_studio(app: &TestApp) {
        let ada = owner(app, "ada@example.org", "Nordlicht").await;
        let eve = owner(app, "eve@example.org", "Südlicht").await;
        let secret = make_token(&ada).await;
        let page = ada.get("/studio/tokens").await.text;
        let id = page.split("/studio/tokens/").nth(1).unwrap().split('/').next().unwrap();
        eve.post(&format!("/studio/tokens/{id}/revoke"), &[]).await.expect(404);
        with_token(app, &secret).await.expect(403);
    }

    async fn an_editor_joins_by_mail_and_leaves_with_the_tokens(app: &TestApp) {
        let owner = owner(app, "ada@example.org", "Nordlicht").await;
        let invite = [("email", "eve@example.org")];
        let page = owner.post("/studio/team/invite", &invite).await.expect(422).text;
        assert!(page.contains("confirm your own address"), "{page}");
        confirm(app, "ada@example.org").await;
        owner.post("/studio/team/invite", &invite).await.expect(303);
        assert!(owner.get("/studio/team").await.text.contains("eve@example.org"));
        let token = mailed_token(app, "eve@example.org", "/studio/join").await;

        let eve = viewer(app, "other@example.org").await;
        eve.get(&format!("/studio/join?token={token}")).await.expect(200);
        assert_eq!(eve.get("/studio/team").await.location(), "/studio/signup", "GET joins nobody");
        eve.post("/studio/join", &[("token", &token)]).await.expect(303);
        let page = eve.get("/studio/team").await.expect(200).text;
        assert!(page.contains("Editor") && !page.contains("Invite somebody"), "{page}");
        viewer(app, "third@example.org").await.post("/studio/join", &[("token", &token)]).await.expect(410);
        eve.post("/studio/team/invite", &invite).await.expect(403);

        let secret = make_token(&eve).await;
        with_token(app, &secret).await.expect(403);
        let page = owner.get("/studio/team").await.text;
        let member = page.split("name=\"member\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        eve.post("/studio/team/remove", &[("member", member)]).await.expect(403);
        owner.post("/studio/team/remove", &[("member", member)]).await.expect(303);
        assert_eq!(eve.get("/studio/team").await.location(), "/studio/signup");
        with_token(app, &secret).await.expect(401);
    }

    async fn an_invitation_can_be_taken_back_and_ends_by_itself(app: &TestApp) {
        let owner = owner(app, "ada@example.org", "Nordlicht").await;
        confirm(app, "ada@example.org").await;
        let eve = viewer(app, "eve@example.org").await;
        let invite = [("email", "team@example.org")];
        owner.post("/studio/team/invite", &invite).await.expect(303);
        let token = mailed_token(app, "team@example.org", "/studio/join").await;
        owner.post("/studio/team/take-back", &invite).await.expect(303);
        eve.post("/studio/join", &[("token", &token)]).await.expect(410);
        owner.post("/studio/team/invite", &[("email", "late@example.org")]).await.expect(303);
        let token = mailed_token(app, "late@example.org", "/studio/join").await;
        app.clock.advance(7 * DAY);
        eve.post("/studio/join", &[("token", &token)]).await.expect(410);
    }
}

#[tokio::test]
async fn programs_get_statuses_where_people_are_led_on() {
    let app = TestApp::sqlite().await;
    let visitor = app.nobody();
    assert_eq!(
        visitor.get("/studio/team").await.location(),
        "/login?next=%2Fstudio%2Fteam"
    );
    let json = visitor
        .request(Method::GET, "/studio/team")
        .header("accept", "application/json");
    visitor.send(json).await.expect(401);
    let tus = visitor
        .request(Method::GET, "/studio/team")
        .header("tus-resumable", "1.0.0");
    visitor.send(tus).await.expect(401);
    for token in ["mat_unknown", "sk_test_x", ""] {
        with_token(&app, token).await.expect(401);
    }
    let eve = viewer(&app, "eve@example.org").await;
    let json = eve
        .request(Method::GET, "/studio/team")
        .header("accept", "application/json");
    eve.send(json).await.expect(404);
}

#[tokio::test]
async fn the_form_of_a_new_studio_shows_every_fault_at_once() {
    let app = TestApp::sqlite().await;
    let fields = [
        ("studio_name", " "),
        ("name", "Ada"),
        ("email", "ada@"),
        ("password", "x"),
    ];
    let page = app
        .nobody()
        .post("/studio/signup", &fields)
        .await
        .expect(422)
        .text;
    for part in [
        "href=\"#studio_name\"",
        "href=\"#email\"",
        "href=\"#password\"",
        "value=\"Ada\"",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
}
