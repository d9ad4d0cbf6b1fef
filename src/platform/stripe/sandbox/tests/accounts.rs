//! Connected accounts: onboarding, direct charges, the platform's share, and the end of it.

use serde_json::Value;
use serde_json::json;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::platform::stripe::Account;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::NewRefund;
use crate::platform::stripe::RefundReason;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;

use super::START;
use super::World;
use super::world;

const REFRESH: &str = "http://127.0.0.1:9/studio/payouts/refresh";
const RETURN: &str = "http://127.0.0.1:9/studio/payouts";

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn refused(error: StripeCallError) -> (u16, String) {
    match error {
        StripeCallError::Refused { status, code } => (status, code),
        other => panic!("{other:?}"),
    }
}

impl World {
    /// An account whose owner answered everything.
    async fn studio(&self, email: &str) -> Account {
        let account = self.client.create_account(email, email).await.unwrap();
        self.change(
            &account,
            json!({"charges_enabled": true, "details_submitted": true}),
        )
        .await;
        self.client.account(&account.id).await.unwrap()
    }

    async fn change(&self, account: &Account, to: Value) {
        let path = format!("accounts/{}", account.id);
        assert_eq!(self.knob(&path, to).await.0, 200);
    }

    /// A direct charge of 9.99 with a share of 50 for the platform.
    async fn direct(&self, client: &StripeClient, order_id: &str) -> CheckoutSession {
        let mut new = self.new_session(order_id, 999, "USD");
        new.application_fee = Some(usd(50));
        let session = client.create_checkout_session(&new).await.unwrap();
        let path = format!("pay/{}", session.id);
        let card = json!({"card": "4242424242424242"});
        assert_eq!(self.knob(&path, card).await.0, 200);
        client.checkout_session(&session.id).await.unwrap()
    }

    async fn nets(&self, client: &StripeClient) -> Vec<(i64, String)> {
        let lines = client
            .balance_transactions_since(START, None)
            .await
            .unwrap();
        let lines = lines.items.into_iter();
        lines.map(|line| (line.net.minor(), line.kind)).collect()
    }
}

#[tokio::test]
async fn an_owner_answers_the_questions_once_per_link() {
    let mut world = world().await;
    let account = world
        .client
        .create_account("ada@example.org", "studio_1")
        .await
        .unwrap();
    assert!(!account.charges_enabled && !account.details_submitted);
    let again = world
        .client
        .create_account("ada@example.org", "studio_1")
        .await;
    assert_eq!(again.unwrap(), account);

    let client = world.client.clone();
    let link = |key: &'static str| client.account_link(&account.id, REFRESH, RETURN, key);
    let base = &world.sandbox.base_url().to_owned();
    let path = link("visit_1").await.unwrap().replace(base, "");
    let (status, html) = world.page(&path).await;
    assert_eq!(status, 200);
    assert!(html.contains("Connect an account") && html.contains("ada@example.org"));
    let (status, headers, _) = world.form(&path, "country=DE&then=leave").await;
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (303, RETURN)
    );
    assert_eq!(world.client.account(&account.id).await.unwrap(), account);
    // The link is used up: it leads to a fresh one.
    let url = format!("{base}{path}");
    let answer = world.web.get(url).send().await.unwrap();
    assert_eq!(answer.headers()["location"].to_str().unwrap(), REFRESH);

    let path = link("visit_2").await.unwrap().replace(base, "");
    world.page(&path).await;
    world.form(&path, "country=DE&then=submit").await;
    let waiting = world.client.account(&account.id).await.unwrap();
    assert!(!waiting.charges_enabled && waiting.details_submitted);
    let (event, _) = world.hears("account.updated").await;
    assert_eq!(event.account(), Some(account.id.as_str()));
    let path = link("visit_3").await.unwrap().replace(base, "");
    world.page(&path).await;
    world.form(&path, "country=DE&then=finish").await;
    let ready = world.client.account(&account.id).await.unwrap();
    assert!(ready.charges_enabled && ready.details_submitted);
    assert_eq!(ready.country.as_deref(), Some("DE"));
    assert_eq!(ready.default_currency, Currency::parse("EUR").ok());
}

#[tokio::test]
async fn a_direct_charge_belongs_to_the_studio_and_the_share_to_the_platform() {
    let mut world = world().await;
    let account = world.studio("ada@example.org").await;
    let studio = world.client.acting_for(Some(&account.id));
    let session = world.direct(&studio, "order_1").await;
    let charge = session.charge.clone().unwrap();
    assert_eq!(charge.application_fee, Some(usd(50)));
    assert_eq!(session.provider_fee, Some(usd(59)));
    let line = charge.balance.unwrap();
    assert_eq!(
        (line.fee, line.application_fee, line.net),
        (usd(109), usd(50), usd(890))
    );
    let (event, _) = world.hears("checkout.session.completed").await;
    assert_eq!(event.account(), Some(account.id.as_str()));

    assert_eq!(world.nets(&studio).await, [(890, "charge".to_owned())]);
    assert_eq!(
        world.nets(&world.client).await,
        [(50, "application_fee".to_owned())]
    );
    // Nobody else sees the payment, not even the platform without naming the account.
    let other = world.studio("eve@example.org").await;
    let other = world.client.acting_for(Some(&other.id));
    for stranger in [&world.client, &other] {
        let unseen = stranger.checkout_session(&session.id).await;
        assert!(
            matches!(unseen, Err(StripeCallError::NotFound)),
            "{unseen:?}"
        );
        let since = stranger.checkout_sessions_since(START, None).await.unwrap();
        assert!(since.sessions.is_empty());
        let error = world.refund_of(stranger, &session, 999, false).await;
        assert!(matches!(error, Err(StripeCallError::NotFound)), "{error:?}");
    }
}

impl World {
    async fn refund_of(
        &self,
        client: &StripeClient,
        session: &CheckoutSession,
        minor: i64,
        with_fee: bool,
    ) -> Result<crate::platform::stripe::Refund, StripeCallError> {
        let new = NewRefund {
            payment_intent: session.payment_intent.as_deref().unwrap(),
            amount: usd(minor),
            refund_id: &format!("refund_{minor}_{with_fee}"),
            reason: RefundReason::RequestedByCustomer,
            refund_application_fee: with_fee,
        };
        client.create_refund(&new).await
    }
}

#[tokio::test]
async fn the_share_goes_back_in_proportion_if_that_is_asked_for() {
    let mut world = world().await;
    let account = world.studio("ada@example.org").await;
    let studio = world.client.acting_for(Some(&account.id));
    let session = world.direct(&studio, "order_1").await;
    let plain = world
        .refund_of(&studio, &session, 100, false)
        .await
        .unwrap();
    assert_eq!(plain.balance.unwrap().net, usd(-100));
    let part = world.refund_of(&studio, &session, 300, true).await.unwrap();
    let line = part.balance.unwrap();
    assert_eq!((line.amount, line.fee), (usd(-300), usd(-15)));
    assert_eq!((line.application_fee, line.net), (usd(-15), usd(-285)));
    let (event, body) = world.hears("application_fee.refunded").await;
    assert_eq!(event.account(), None);
    assert_eq!(body["data"]["object"]["amount_refunded"], 15);
    let rest = world.refund_of(&studio, &session, 599, true).await.unwrap();
    assert_eq!(rest.balance.unwrap().fee, usd(-35));
    let platform = world.nets(&world.client).await;
    assert_eq!(platform.iter().map(|(net, _)| net).sum::<i64>(), 0);

    let own = world.paid("order_2", 999, "USD", "4242424242424242").await;
    let error = world.refund_of(&world.client, &own, 998, true).await;
    assert_eq!(refused(error.unwrap_err()).0, 400);
}

#[tokio::test]
async fn a_key_belongs_to_one_account() {
    let world = world().await;
    let account = world.studio("ada@example.org").await;
    let studio = world.client.acting_for(Some(&account.id));
    let new = world.new_session("order_1", 999, "USD");
    let ours = world.client.create_checkout_session(&new).await.unwrap();
    let theirs = studio.create_checkout_session(&new).await.unwrap();
    assert_ne!(ours.id, theirs.id);
}

#[tokio::test]
async fn only_a_connected_and_enabled_account_sells() {
    let mut world = world().await;
    let account = world
        .client
        .create_account("ada@example.org", "k")
        .await
        .unwrap();
    let studio = world.client.acting_for(Some(&account.id));
    let new = world.new_session("order_1", 999, "USD");
    let error = studio.create_checkout_session(&new).await.unwrap_err();
    assert_eq!(refused(error).0, 400);
    let mut with_fee = new.clone();
    with_fee.application_fee = Some(usd(50));
    let error = world
        .client
        .create_checkout_session(&with_fee)
        .await
        .unwrap_err();
    assert_eq!(refused(error).0, 400);

    let made_up = ConnectedAccount::parse("acct_nobody").unwrap();
    let error = world.client.account(&made_up).await.unwrap_err();
    assert_eq!(refused(error), (403, "account_invalid".to_owned()));
    world
        .change(&account, json!({"charges_enabled": true}))
        .await;
    studio.create_checkout_session(&new).await.unwrap();
    world.change(&account, json!({"deauthorize": true})).await;
    let (event, body) = world.hears("account.application.deauthorized").await;
    assert_eq!(event.account(), Some(account.id.as_str()));
    assert_eq!(body["data"]["object"]["object"], "application");
    let error = studio
        .checkout_sessions_since(START, None)
        .await
        .unwrap_err();
    assert_eq!(refused(error), (403, "account_invalid".to_owned()));
    let error = world.client.account(&account.id).await.unwrap_err();
    assert_eq!(refused(error), (403, "account_invalid".to_owned()));
}
