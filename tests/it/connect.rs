//! Each studio sells by its own Stripe account: onboarding, direct charges, messages of accounts,
//! and what happens when an account can or may not go on.

use std::time::Duration;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::checkout::OrderState;
use matinee::checkout::SettleError;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::ids::StudioId;
use matinee::kernel::text::EmailAddress;
use matinee::kernel::text::Slug;
use matinee::platform::AppError;
use matinee::platform::stripe::ConnectedAccount;
use matinee::platform::stripe::NewSession;
use matinee::platform::stripe::StripeClient;
use matinee::studios;
use matinee::studios::Seller;
use matinee::studios::Standing;
use serde_json::Value;
use serde_json::json;

use crate::checkout::GOOD_CARD;
use crate::checkout::Shopper;
use crate::checkout::completed;
use crate::checkout::count;
use crate::checkout::drop_webhooks;
use crate::checkout::events;
use crate::checkout::everything;
use crate::checkout::knob;
use crate::checkout::pay;
use crate::checkout::tell;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::START;
use crate::harness::TestApp;

const OURS: &str = "whsec_of_the_tests";
const OF_ACCOUNTS: &str = "whsec_of_accounts";

/// A studio, and the account it sells by.
struct Stall {
    studio: StudioId,
    account: ConnectedAccount,
}

async fn open_studio(app: &TestApp, name: &str) -> StudioId {
    app.studio_owner(name).await;
    let slug = Slug::of_name(name, "studio");
    let mut conn = app.state.db.read().await.unwrap();
    let studio = studios::studio_by_slug(&mut conn, &slug).await.unwrap();
    studio.unwrap().id
}

async fn link(app: &TestApp, studio: StudioId) -> String {
    let email = EmailAddress::parse("ada@example.org").unwrap();
    studios::onboard(&app.state, studio, &email).await.unwrap()
}

/// Goes to Stripe's questions and answers them; where that leads.
async fn answer(app: &TestApp, link: &str, then: &str) -> String {
    let owner = Person::new(app.sandbox.base_url());
    let path = link.strip_prefix(app.sandbox.base_url()).unwrap();
    owner.get(path).await.expect(200);
    let answered = owner.post(path, &[("country", "US"), ("then", then)]).await;
    answered.location().to_owned()
}

async fn standing(app: &TestApp, studio: StudioId) -> Standing {
    let mut conn = app.state.db.read().await.unwrap();
    let account = studios::payment_account_of(&mut conn, studio).await;
    Standing::of(account.unwrap().as_ref())
}

/// Waits until a message of Stripe's had its effect.
async fn comes_to(app: &TestApp, studio: StudioId, wanted: Standing) {
    let reached = async {
        while standing(app, studio).await != wanted {
            tokio::task::yield_now().await;
        }
    };
    let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
    reached.unwrap_or_else(|_| panic!("the studio does not become {wanted:?}"));
}

/// A studio that went through Stripe's questions.
async fn stall(app: &TestApp, name: &str) -> Stall {
    let studio = open_studio(app, name).await;
    let to = link(app, studio).await;
    answer(app, &to, "finish").await;
    let mut conn = app.state.db.read().await.unwrap();
    let account = studios::payment_account_of(&mut conn, studio).await;
    let account = account.unwrap().unwrap();
    drop(conn);
    studios::refresh_account(&app.state, &account)
        .await
        .unwrap();
    assert_eq!(standing(app, studio).await, Standing::Ready);
    Stall {
        studio,
        account: account.id,
    }
}

impl Stall {
    /// Somebody who wants a film of this studio for $9.99.
    fn shopper(&self, app: &TestApp) -> Shopper {
        let mut shopper = Shopper::usd(app);
        shopper.wanted.studio = self.studio;
        shopper.wanted.seller = Some(self.account.clone());
        shopper
    }

    fn stripe(&self, app: &TestApp) -> StripeClient {
        app.state.stripe.acting_for(Some(&self.account))
    }

    /// Kinds and nets of the lines of its balance, the newest first.
    async fn balance(&self, app: &TestApp) -> Vec<(String, i64)> {
        balance(&self.stripe(app)).await
    }

    async fn change(&self, app: &TestApp, to: Value) {
        let path = format!("accounts/{}", self.account);
        knob(app, &path, to).await.expect(200);
    }
}

async fn balance(stripe: &StripeClient) -> Vec<(String, i64)> {
    let lines = stripe
        .balance_transactions_since(START, None)
        .await
        .unwrap();
    let lines = lines.items.into_iter();
    lines.map(|line| (line.kind, line.net.minor())).collect()
}

fn of_account(mut event: Value, account: &ConnectedAccount) -> Value {
    event["account"] = json!(account.as_str());
    event
}

fn about_account(kind: &str, account: &str) -> Value {
    json!({
        "id": format!("evt_{account}"), "object": "event", "type": kind, "livemode": false,
        "created": 1_800_000_000, "account": account,
        "data": {"object": {"id": account, "object": "account", "charges_enabled": true,
                            "details_submitted": true}},
    })
}

/// Everything that a message about an account could change.
/// Whether the cards on the films' page name a price.
async fn cards_show_a_price(viewer: &Person) -> bool {
    let films = viewer.get("/films").await.expect(200).text;
    assert!(films.contains("film-card"), "{films}");
    films.contains("data-testid=\"price\"")
}

async fn accounts(app: &TestApp) -> Vec<studios::PaymentAccount> {
    let mut conn = app.state.db.read().await.unwrap();
    studios::payment_accounts(&mut conn).await.unwrap()
}

on_both_engines! {
    async fn many_clicks_make_one_account_and_stripes_word_makes_a_seller(app: &ConnectedApp) {
        let studio = open_studio(app, "Lantern Films").await;
        assert_eq!(standing(app, studio).await, Standing::NotConnected);
        let links = futures_util::future::join_all((0..4).map(|_| link(app, studio))).await;
        assert_eq!(accounts(app).await.len(), 1);
        assert!(links.iter().all(|other| links.iter().filter(|link| *link == other).count() == 1));
        assert_eq!(standing(app, studio).await, Standing::Begun);
        let back = answer(app, &links[0], "leave").await;
        assert_eq!(back, format!("{}/studio/payments/return", app.url));
        assert_eq!(standing(app, studio).await, Standing::Begun, "coming back is not finishing");
        let used = Person::new(app.sandbox.base_url());
        let used = used.get(links[0].strip_prefix(app.sandbox.base_url()).unwrap()).await;
        assert_eq!(used.location(), format!("{}/studio/payments/refresh", app.url));
        answer(app, &links[1], "submit").await;
        comes_to(app, studio, Standing::Restricted).await;
        answer(app, &links[2], "finish").await;
        comes_to(app, studio, Standing::Ready).await;
        let mut conn = app.state.db.read().await.unwrap();
        let seller = studios::seller(&mut conn, &app.state.config.stripe, studio).await.unwrap();
        assert_eq!(seller, Seller::Studio(accounts(app).await[0].id.clone()));
    }

    async fn a_sale_goes_to_the_studio_and_a_share_to_the_operator(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        let ada = lantern.shopper(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        assert!(ada.owns(app).await);
        assert_eq!(ada.books(app).await, [999, 59, 49, 891]);
        assert_eq!(lantern.balance(app).await, [("charge".to_owned(), 891)]);
        assert_eq!(balance(&app.state.stripe).await, [("application_fee".to_owned(), 49)]);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (0, 0));
    }

    async fn a_thousand_deliveries_of_an_account_make_one_sale(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        let ada = lantern.shopper(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        let event = events(app, "checkout.session.completed").await.remove(0);
        let times = json!({"times": 1000, "parallel": 32});
        let told = knob(app, &format!("redeliver/{event}"), times).await;
        assert_eq!(told.json(), json!({"answers": {"200": 1000}}));
        assert_eq!(ada.books(app).await, [999, 59, 49, 891]);
        assert_eq!(count(app, "SELECT COUNT(*) FROM entitlement").await, 1);
    }

    async fn what_was_paid_twice_goes_back_with_the_share(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        let ada = lantern.shopper(app);
        let first = ada.checks_out(app).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE orders SET state = 'expired'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let second = ada.checks_out(app).await;
        for session in [&second, &first] {
            pay(app, session, GOOD_CARD).await;
            checkout::settle(&app.state, session, Occasion::Visit).await.unwrap();
        }
        app.work().await;
        let nets: i64 = balance(&app.state.stripe).await.iter().map(|(_, net)| net).sum();
        assert_eq!(nets, 49, "the operator keeps its share of one sale");
        let nets: i64 = lantern.balance(app).await.iter().map(|(_, net)| net).sum();
        let [_, _, operator, net] = ada.books(app).await;
        assert_eq!((nets, operator), (net, 49), "the books are Stripe's to the cent");
    }

    async fn messages_about_accounts_are_reasons_to_ask(app: &ConnectedApp) {
        let studio = open_studio(app, "Lantern Films").await;
        link(app, studio).await;
        let account = accounts(app).await[0].id.clone();
        let lie = about_account("account.updated", account.as_str());
        let before = accounts(app).await;
        let mut other_mode = lie.clone();
        other_mode["livemode"] = json!(true);
        for (what, event, secret, status) in [
            ("the other endpoint's secret", lie.clone(), OURS, 400),
            ("nobody's secret", lie.clone(), "whsec_other", 400),
            ("the other mode", other_mode, OF_ACCOUNTS, 400),
            ("a stranger", about_account("account.updated", "acct_stranger"), OF_ACCOUNTS, 200),
            ("no account", about_account("account.updated", "../v1"), OF_ACCOUNTS, 200),
            ("our own endpoint's event", completed("cs_1"), OF_ACCOUNTS, 400),
        ] {
            assert_eq!(tell(app, &event, secret, 0).await, status, "{what}");
            assert_eq!(accounts(app).await, before, "{what}");
        }
        // Properly signed, and false: Stripe says otherwise.
        for kind in ["account.updated", "account.application.deauthorized"] {
            let event = about_account(kind, account.as_str());
            assert_eq!(tell(app, &event, OF_ACCOUNTS, 0).await, 200);
            assert_eq!(standing(app, studio).await, Standing::Begun, "{kind}");
        }
    }

    async fn an_account_speaks_for_its_own_sales_only(app: &ConnectedApp) {
        let (lantern, foxes) = (stall(app, "Lantern Films").await, stall(app, "Foxes").await);
        drop_webhooks(app).await;
        let ada = lantern.shopper(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        let order = ada.orders(app).await[0].id.to_string();
        // The other studio has a payment page of its own that claims the order, and pays it.
        let forged = NewSession {
            order_id: &order, idempotency_key: "forged", price: ada.wanted.price,
            title_name: "x", description: "x", customer_email: "eve@example.org",
            success_url: "https://example.org/", cancel_url: "https://example.org/",
            expires_at: app.state.now().after(Duration::from_secs(3600)),
            application_fee: None, automatic_tax: false,
        };
        let forged = foxes.stripe(app).create_checkout_session(&forged).await.unwrap().id;
        pay(app, &forged, GOOD_CARD).await;
        let before = everything(app).await;
        for (what, event) in [
            ("another's session", of_account(completed(&session), &foxes.account)),
            ("a page that claims the order", of_account(completed(&forged), &foxes.account)),
            ("its account is not named", of_account(completed(&forged), &lantern.account)),
        ] {
            assert_eq!(tell(app, &event, OF_ACCOUNTS, 0).await, 200, "{what}");
            assert_eq!(everything(app).await, before, "{what}");
        }
        assert!(!ada.owns(app).await);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (1, 0), "only the order's own page counts");
        assert_eq!(lantern.balance(app).await.len(), 1);
        assert_eq!(ada.books(app).await[0], 999);
    }

    async fn with_every_message_lost_all_accounts_are_mended(app: &ConnectedApp) {
        let (lantern, foxes) = (stall(app, "Lantern Films").await, stall(app, "Foxes").await);
        drop_webhooks(app).await;
        let (ada, eve, own) = (lantern.shopper(app), foxes.shopper(app), Shopper::usd(app));
        let mut sessions = Vec::new();
        for shopper in [&ada, &eve, &own] {
            let session = shopper.checks_out(app).await;
            pay(app, &session, GOOD_CARD).await;
            sessions.push(session);
        }
        // The answer to one creation was lost, so only Stripe's list knows of the page.
        let mut tx = app.state.db.begin_write().await.unwrap();
        let lose = "UPDATE orders SET session_id = NULL, session_url = NULL WHERE studio_id = $1";
        sqlx::query(lose).bind(foxes.studio.to_string()).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (3, 0));
        for shopper in [&ada, &eve, &own] {
            assert!(shopper.owns(app).await);
        }
        knob(app, &format!("refund/{}", sessions[0]), json!({})).await.expect(200);
        knob(app, &format!("dispute/{}", sessions[1]), json!({})).await.expect(200);
        foxes.change(app, json!({"charges_enabled": false})).await;
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (2, 0));
        assert!(!ada.owns(app).await && !eve.owns(app).await && own.owns(app).await);
        assert_eq!(standing(app, foxes.studio).await, Standing::Restricted);
        let before = everything(app).await;
        for event in events(app, "checkout.session.completed").await {
            knob(app, &format!("redeliver/{event}"), json!({"times": 3})).await.expect(200);
        }
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (0, 0));
        assert_eq!(everything(app).await[..4], before[..4], "late messages change nothing");
    }

    async fn a_walk_that_was_interrupted_goes_on_from_its_mark(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        checkout::reconcile(&app.state).await.unwrap();
        let ada = lantern.shopper(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        knob(app, &format!("refund/{session}"), json!({})).await.expect(200);
        // The store was away for a month; the refund is older than what a look goes back.
        app.clock.advance(Duration::from_secs(30 * 24 * 3600));
        checkout::reconcile(&app.state).await.unwrap();
        assert!(!ada.owns(app).await);
        assert_eq!(count(app, "SELECT COUNT(*) FROM payment_mark").await, 2);
    }

    async fn an_account_that_was_cut_off_holds_nobody_up(app: &ConnectedApp) {
        let (lantern, foxes) = (stall(app, "Lantern Films").await, stall(app, "Foxes").await);
        let (ada, eve, late) = (lantern.shopper(app), foxes.shopper(app), lantern.shopper(app));
        let sold = late.checks_out(app).await;
        pay(app, &sold, GOOD_CARD).await;
        checkout::settle(&app.state, &sold, Occasion::Visit).await.unwrap();
        let session = ada.checks_out(app).await;
        lantern.change(app, json!({"deauthorize": true})).await;
        comes_to(app, lantern.studio, Standing::CutOff).await;
        drop_webhooks(app).await;
        let theirs = eve.checks_out(app).await;
        pay(app, &theirs, GOOD_CARD).await;
        for _ in 0..2 {
            let found = checkout::reconcile(&app.state).await.unwrap();
            assert_eq!(found.failed, 0, "nobody asks for what cannot be known");
        }
        assert!(eve.owns(app).await && late.owns(app).await);
        let refused = checkout::settle(&app.state, &session, Occasion::Visit).await;
        assert!(matches!(refused, Err(SettleError::CutOff)), "{refused:?}");
        let event = of_account(completed(&session), &lantern.account);
        assert_eq!(tell(app, &event, OF_ACCOUNTS, 0).await, 200, "not to be sent for days");
        app.clock.advance(Duration::from_secs(3601));
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(ada.state(app).await, OrderState::Expired);
        // A new account takes over; what was sold before stays with the old one.
        let to = link(app, lantern.studio).await;
        answer(app, &to, "finish").await;
        let known = accounts(app).await;
        assert_eq!(known.len(), 3);
        let new = known.iter().find(|account| account.number == 2).unwrap();
        studios::refresh_account(&app.state, new).await.unwrap();
        assert_eq!(standing(app, lantern.studio).await, Standing::Ready);
        assert_eq!(late.orders(app).await[0].wanted.seller, Some(lantern.account.clone()));
    }

    async fn nothing_is_sold_while_the_account_cannot_take_money(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        lantern.change(app, json!({"charges_enabled": false})).await;
        let ada = lantern.shopper(app);
        // Our note says yes, Stripe says no: the buyer is told, and the note is mended.
        let refused = ada.begins(app).await.unwrap_err();
        assert!(matches!(refused, AppError::Conflict("error-this-film-cannot-be-bought")));
        assert_eq!(standing(app, lantern.studio).await, Standing::Restricted);
        assert_eq!(ada.state(app).await, OrderState::Expired);
        lantern.change(app, json!({"charges_enabled": true, "refuses": ["usd"]})).await;
        let refused = ada.begins(app).await.unwrap_err();
        let words = "error-the-studio-takes-no-such-currency";
        assert!(matches!(refused, AppError::Conflict(found) if found == words), "{refused:?}");
        let since = lantern.stripe(app).checkout_sessions_since(START, None).await.unwrap();
        assert!(since.sessions.is_empty());
        let mut euro = lantern.shopper(app);
        euro.wanted.price = Money::new(999, Currency::parse("EUR").unwrap());
        euro.checks_out(app).await;
    }

    async fn a_page_of_an_account_that_was_cut_off_makes_room(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        let mut ada = lantern.shopper(app);
        ada.checks_out(app).await;
        lantern.change(app, json!({"deauthorize": true})).await;
        app.clock.advance(Duration::from_secs(1));
        let to = link(app, lantern.studio).await; // notices, and begins anew
        answer(app, &to, "finish").await;
        let account = accounts(app).await.remove(1);
        studios::refresh_account(&app.state, &account).await.unwrap();
        ada.wanted.seller = Some(account.id.clone());
        ada.checks_out(app).await;
        let sellers: Vec<_> = ada.orders(app).await.into_iter().map(|order| order.wanted.seller).collect();
        assert_eq!(sellers, [Some(account.id), Some(lantern.account)]);
    }

    async fn the_owner_goes_to_stripe_and_back(app: &ConnectedApp) {
        let owner = app.studio_owner("Lantern Films").await;
        let page = |path: &'static str| async { owner.get(path).await.expect(200).text };
        let text = page("/studio/payments").await;
        assert!(text.contains("data-standing=\"not-connected\"") && text.contains("5 % of the price of each sale"));
        let to = owner.post("/studio/payments/connect", &[]).await.location().to_owned();
        assert!(page("/studio/payments").await.contains("data-standing=\"begun\""));
        let fresh = owner.get("/studio/payments/refresh").await.location().to_owned();
        assert!(fresh.starts_with(app.sandbox.base_url()) && fresh != to);
        drop_webhooks(app).await; // coming back is enough
        let back = answer(app, &fresh, "finish").await;
        let back = owner.get(back.strip_prefix(&app.url).unwrap()).await;
        assert_eq!(back.location(), "/studio/payments");
        let text = page("/studio/payments").await;
        assert!(text.contains("data-standing=\"ready\"") && text.contains("acct_") && text.contains("USD"));
        assert!(!text.contains("data-testid=\"connect\""));
        let account = accounts(app).await[0].id.clone();
        knob(app, &format!("accounts/{account}"), json!({"deauthorize": true})).await.expect(200);
        owner.post("/studio/payments/check", &[]).await.expect(303);
        assert!(page("/studio/payments").await.contains("data-standing=\"cut-off\""));
        // The address for used-up links makes no account: anybody can send the owner there.
        assert_eq!(owner.get("/studio/payments/refresh").await.location(), "/studio/payments");
        assert_eq!(accounts(app).await.len(), 1);
    }

    async fn only_the_owner_connects(app: &ConnectedApp) {
        let owner = app.studio_owner("Lantern Films").await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE studio_member SET role = 'editor'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let text = owner.get("/studio/payments").await.expect(200).text;
        assert!(text.contains("Only the owner") && !text.contains("data-testid=\"connect\""));
        owner.post("/studio/payments/connect", &[]).await.expect(403);
        owner.get("/studio/payments/refresh").await.expect(403);
        assert_eq!(accounts(app).await, []);
    }

    async fn the_shop_says_what_cannot_be_bought_and_why(app: &ConnectedApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let ada = app.viewer("Ada").await;
        let offer = [("offer", film.offer.id.to_string())];
        let offer: Vec<_> = offer.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let shown = ada.get("/films/night-train").await.expect(200).text;
        assert!(shown.contains("cannot be bought at the moment") && !shown.contains("data-testid=\"buy\""));
        assert!(!cards_show_a_price(&ada).await, "nobody could pay it");
        let refused = ada.post("/checkout", &offer).await.expect(409).text;
        assert!(refused.contains("cannot be bought at the moment"), "{refused}");
        assert_eq!(count(app, "SELECT COUNT(*) FROM orders").await, 0);

        let to = link(app, film.studio.id).await;
        answer(app, &to, "finish").await;
        comes_to(app, film.studio.id, Standing::Ready).await;
        let shown = ada.get("/films/night-train").await.expect(200).text;
        assert!(shown.contains("data-testid=\"buy\""));
        assert!(cards_show_a_price(&ada).await);
        let page = ada.post("/checkout", &offer).await.location().to_owned();
        let session = page.rsplit('/').next().unwrap();
        pay(app, session, GOOD_CARD).await;
        checkout::settle(&app.state, session, Occasion::Visit).await.unwrap();

        let account = accounts(app).await[0].id.clone();
        knob(app, &format!("accounts/{account}"), json!({"deauthorize": true})).await.expect(200);
        comes_to(app, film.studio.id, Standing::CutOff).await;
        let shown = ada.get("/films/night-train").await.expect(200).text;
        assert!(shown.contains("/watch/night-train"), "who bought it watches it");
        let eve = app.viewer("Eve").await;
        assert!(eve.get("/films/night-train").await.text.contains("cannot be bought at the moment"));
        eve.post("/checkout", &offer).await.expect(409);
        assert!(!cards_show_a_price(&eve).await);
    }

    async fn a_connection_that_ended_by_mistake_comes_back(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        let forget = async || {
            let mut tx = app.state.db.begin_write().await.unwrap();
            let wrong = "UPDATE payment_account SET cut_off_at = 1, charges_enabled = 0";
            sqlx::query(wrong).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(standing(app, lantern.studio).await, Standing::CutOff);
        };
        forget().await;
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(standing(app, lantern.studio).await, Standing::Ready);
        forget().await;
        link(app, lantern.studio).await;
        assert_eq!(accounts(app).await.len(), 1, "it needs no second account");
    }

    async fn who_waits_for_an_account_that_left_may_buy_again(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        let ada = lantern.shopper(app);
        ada.checks_out(app).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE orders SET state = 'pending'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        lantern.change(app, json!({"deauthorize": true})).await;
        comes_to(app, lantern.studio, Standing::CutOff).await;
        let day = Duration::from_secs(24 * 3600);
        for (days, wanted) in [(29, OrderState::Pending), (2, OrderState::Expired)] {
            app.clock.advance(days * day);
            checkout::reconcile(&app.state).await.unwrap();
            assert_eq!(ada.orders(app).await[0].state, wanted, "{days}");
        }
    }

    async fn publishing_waits_for_the_account(app: &ConnectedApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let owner = app.nobody();
        let known = [("email", "lantern-films@example.org"), ("password", PASSWORD)];
        owner.post("/login", &known).await.expect(303);
        let title = "/studio/titles/night-train";
        owner.post(&format!("{title}/withdraw"), &[]).await.expect(303);
        let publish = [("rights", "yes"), ("signed_name", "Robin")];
        let text = owner.post(&format!("{title}/publish"), &publish).await.expect(422).text;
        let alert = text.split("missing-title").last().unwrap();
        assert!(alert.contains("<a href=\"/studio/payments\">Connect a Stripe account."), "{alert}");
        assert!(text.contains("of 6 done") && text.contains("5 % of the price of each sale"));
        assert!(text.contains("Of $9.99 that is $0.49"));
        for (then, words) in [("submit", "See what Stripe still needs"), ("finish", "")] {
            let to = link(app, film.studio.id).await;
            answer(app, &to, then).await;
            let wanted = if then == "finish" { Standing::Ready } else { Standing::Restricted };
            comes_to(app, film.studio.id, wanted).await;
            let text = owner.post(&format!("{title}/publish"), &publish).await.expect(422).text;
            let alert = text.split("missing-title").last().unwrap();
            assert!(alert.contains(words));
            assert_eq!(alert.contains("href=\"/studio/payments\">See"), then == "submit");
        }
    }

    async fn an_answer_that_was_overtaken_changes_nothing(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        let account = accounts(app).await.remove(0);
        let mut tx = app.state.db.begin_write().await.unwrap();
        let later = "UPDATE payment_account SET asked_at = asked_at + 1";
        sqlx::query(later).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        lantern.change(app, json!({"charges_enabled": false})).await;
        studios::refresh_account(&app.state, &account).await.unwrap();
        assert_eq!(standing(app, lantern.studio).await, Standing::Ready);
        app.clock.advance(Duration::from_millis(1));
        studios::refresh_account(&app.state, &account).await.unwrap();
        assert_eq!(standing(app, lantern.studio).await, Standing::Restricted);
    }

    async fn the_owner_hears_that_nothing_is_sold(app: &ConnectedApp) {
        let letters = "SELECT COUNT(*) FROM mail WHERE subject LIKE 'Your films can%'";
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        for (change, expected) in [
            (json!({"charges_enabled": false}), 1),
            (json!({"charges_enabled": true}), 2),
            (json!({"deauthorize": true}), 3),
        ] {
            lantern.change(app, change).await;
            for _ in 0..2 {
                checkout::reconcile(&app.state).await.unwrap();
            }
            assert_eq!(count(app, letters).await, expected, "told once");
        }
    }

    async fn an_order_sold_by_another_studio_is_a_fault(app: &ConnectedApp) {
        let (lantern, foxes) = (stall(app, "Lantern Films").await, stall(app, "Foxes").await);
        lantern.shopper(app).checks_out(app).await;
        let change = |seller: &ConnectedAccount| {
            let seller = seller.to_string();
            async move {
                let mut tx = app.state.db.begin_write().await.unwrap();
                let change = sqlx::query("UPDATE orders SET seller_account = $1").bind(seller);
                change.execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
                checkout::audit(&mut app.state.db.read().await.unwrap()).await.unwrap().len()
            }
        };
        assert_eq!(change(&foxes.account).await, 1);
        assert_eq!(change(&lantern.account).await, 0);
    }

    async fn an_owner_does_not_ask_stripe_without_end(app: &ConnectedApp) {
        let owner = app.studio_owner("Lantern Films").await;
        for _ in 0..60 {
            owner.post("/studio/payments/check", &[]).await.expect(303);
        }
        let refused = owner.post("/studio/payments/connect", &[]).await.expect(429);
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(accounts(app).await, []);
    }

    async fn a_price_is_asked_in_the_currency_of_the_account(app: &ConnectedApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let owner = app.nobody();
        let known = [("email", "lantern-films@example.org"), ("password", PASSWORD)];
        owner.post("/login", &known).await.expect(303);
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE offer SET retired_at = 1").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let page = || async { owner.get("/studio/titles/night-train/offers").await.expect(200).text };
        assert!(page().await.contains("value=\"USD\" selected") && !page().await.contains("is kept in"));
        link(app, film.studio.id).await;
        let account = accounts(app).await.remove(0);
        let path = format!("accounts/{}", account.id);
        knob(app, &path, json!({"country": "DE"})).await.expect(200);
        studios::refresh_account(&app.state, &account).await.unwrap();
        assert!(page().await.contains("value=\"EUR\" selected") && page().await.contains("is kept in EUR"));
    }

    async fn whatever_goes_back_the_books_are_stripes_to_the_cent(app: &ConnectedApp) {
        let lantern = stall(app, "Lantern Films").await;
        drop_webhooks(app).await;
        let (ada, eve) = (lantern.shopper(app), lantern.shopper(app));
        let mut sessions = Vec::new();
        for shopper in [&ada, &eve] {
            let session = shopper.checks_out(app).await;
            pay(app, &session, GOOD_CARD).await;
            sessions.push(session);
        }
        let same = async |what: &str| {
            checkout::reconcile(&app.state).await.unwrap();
            let nets: i64 = lantern.balance(app).await.iter().map(|(_, net)| net).sum();
            let shares: i64 = balance(&app.state.stripe).await.iter().map(|(_, net)| net).sum();
            let [_, _, operator, net] = ada.books(app).await;
            assert_eq!((net, operator), (nets, shares), "{what}");
        };
        same("two sales").await;
        // In Stripe's dashboard the operator's share stays where it is, unless one asks for it.
        for part in [333, 1, 100] {
            let refund = json!({ "amount": part });
            knob(app, &format!("refund/{}", sessions[0]), refund).await.expect(200);
            same("a part went back").await;
        }
        let opened = knob(app, &format!("dispute/{}", sessions[1]), json!({})).await.expect(200);
        same("a dispute").await;
        let dispute = opened.json()["dispute"].as_str().unwrap().to_owned();
        knob(app, &format!("disputes/{dispute}"), json!({"status": "lost"})).await.expect(200);
        same("a dispute that was lost").await;
    }
}
