//! Facts decide rights: whatever happens to a payment, and in whatever order, how often and how
//! late the store is told of it, it ends where the last state of the payment says.
//!
//! A history is a random walk of a payment as Stripe lets it go. Each step is an event; behind it
//! stands what Stripe would answer from then on. The store hears of every event at least once, in
//! any order, and is given an answer of that time or later; between them come visits with answers
//! of any age. A reference model, written without the store's own arithmetic, says where order,
//! right and books must end. Half of the prices hold a tax, half of the accounts change the money.

use std::collections::BTreeMap;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::checkout::Payment;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::platform::db::Conn;
use matinee::platform::stripe::BalanceTransaction;
use matinee::platform::stripe::Charge;
use matinee::platform::stripe::CheckoutSession;
use matinee::platform::stripe::Dispute;
use matinee::platform::stripe::DisputeStatus;
use matinee::platform::stripe::PaymentStatus;
use matinee::platform::stripe::Refund;
use matinee::platform::stripe::RefundStatus;
use matinee::platform::stripe::SessionStatus;
use matinee::platform::stripe::VerifiedEvent;
use matinee::platform::stripe::webhook;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde_json::json;
use sqlx::Row as _;

use crate::checkout::Shopper;
use crate::checkout::drop_webhooks;
use crate::harness::TestApp;

/// How many histories are shuffled; `MATINEE_SHUFFLES` says otherwise.
const SHUFFLES: u64 = 10_000;
const PRICE: i64 = 999;
/// What the tests' operator keeps, in basis points.
const OPERATOR: i64 = 500;
const FEE: i64 = 59;
const DISPUTE_FEE: i64 = 1_500;

/// A payment as it is at Stripe.
#[derive(Clone, Debug)]
struct Truth {
    session: CheckoutSession,
    /// The tax in the price, known with the payment.
    tax: i64,
    is_fee_known: bool,
    /// Whether the account is kept in yen, so that all the money is changed.
    is_changed: bool,
    refunds: Vec<Refund>,
    disputes: Vec<Dispute>,
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

/// A line of the balance; dollars are changed into 150 yen each where the account is kept in yen.
fn movement(name: String, amount: i64, fee: i64, is_changed: bool) -> BalanceTransaction {
    let usd = |cents: i64| match is_changed {
        true => Money::new(cents * 150 / 100, Currency::parse("JPY").unwrap()),
        false => usd(cents),
    };
    let net = Money::new(usd(amount).minor() - usd(fee).minor(), usd(0).currency());
    BalanceTransaction {
        id: name,
        kind: "adjustment".to_owned(),
        category: "dispute".to_owned(),
        amount: usd(amount),
        fee: usd(fee),
        application_fee: usd(0),
        net,
        source: None,
        created: Time::from_seconds(1_800_000_000),
    }
}

impl Truth {
    fn line(&self, name: String, amount: i64, fee: i64) -> BalanceTransaction {
        movement(name, amount, fee, self.is_changed)
    }

    fn is_paid(&self) -> bool {
        self.session.payment_status == PaymentStatus::Paid
    }

    fn refunded(&self) -> i64 {
        let counting = [RefundStatus::Pending, RefundStatus::Succeeded];
        let refunds = self.refunds.iter();
        let counting = refunds.filter(|refund| counting.contains(&refund.status));
        counting.map(|refund| refund.amount.minor()).sum()
    }

    /// What disputes of one of these states are over.
    fn disputed(&self, states: &[DisputeStatus]) -> i64 {
        let disputes = self.disputes.iter();
        let those = disputes.filter(|dispute| states.contains(&dispute.status));
        those.map(|dispute| dispute.amount.minor()).sum()
    }

    fn withheld(&self) -> i64 {
        self.disputed(&[DisputeStatus::NeedsResponse, DisputeStatus::UnderReview])
    }

    fn lost(&self) -> i64 {
        self.disputed(&[DisputeStatus::Lost])
    }

    /// What Stripe answers now. Who only visits is not told of refunds and disputes of which the
    /// charge shows nothing.
    fn answer(&self, thorough: bool) -> Payment {
        let mut session = self.session.clone();
        if self.is_paid() {
            session.payment_intent = Some("pi_1".to_owned());
            session.tax = Some(usd(self.tax));
            let line = self
                .is_fee_known
                .then(|| self.line("txn_ch_1".to_owned(), PRICE, FEE));
            session.provider_fee = line.as_ref().map(BalanceTransaction::provider_fee);
            session.charge = Some(Charge {
                id: "ch_1".to_owned(),
                payment_intent: "pi_1".to_owned(),
                amount: usd(PRICE),
                refunded: usd(self.refunded()),
                disputed: !self.disputes.is_empty(),
                balance: line,
                application_fee: None,
                card_country: Some("DE".to_owned()),
            });
        }
        let mut payment = Payment {
            seller: None,
            session,
            refunds: self.refunds.clone(),
            disputes: self.disputes.clone(),
        };
        if !thorough && self.refunded() == 0 {
            payment.refunds.clear();
        }
        payment
    }

    /// Goes one step on, if there is one; the kind of the event that tells of it.
    fn step(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        match (self.session.status, self.session.payment_status) {
            (SessionStatus::Open, _) => Some(self.leave_the_page(rng)),
            (SessionStatus::Complete, PaymentStatus::Unpaid) if !self.session.payment_failed => {
                Some(self.hear_of_the_bank(rng))
            }
            _ if self.is_paid() => self.go_back(rng),
            _ => None,
        }
    }

    fn leave_the_page(&mut self, rng: &mut StdRng) -> &'static str {
        let way = rng.random_range(0..10);
        if way == 0 {
            self.session.status = SessionStatus::Expired;
            return "checkout.session.expired";
        }
        self.session.status = SessionStatus::Complete;
        if way > 3 {
            self.come_in(rng);
        }
        "checkout.session.completed"
    }

    fn hear_of_the_bank(&mut self, rng: &mut StdRng) -> &'static str {
        if rng.random_ratio(1, 5) {
            self.session.payment_failed = true;
            return "checkout.session.async_payment_failed";
        }
        self.come_in(rng);
        "checkout.session.async_payment_succeeded"
    }

    fn come_in(&mut self, rng: &mut StdRng) {
        self.session.payment_status = PaymentStatus::Paid;
        self.is_fee_known = rng.random();
    }

    /// Tries ways until one is open.
    fn go_back(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        (0..20).find_map(|_| match rng.random_range(0..6) {
            0 if !self.is_fee_known => {
                self.is_fee_known = true;
                Some("charge.updated")
            }
            0 | 1 => self.begin_refund(rng),
            2 => self.end_refund(rng),
            3 => self.open_dispute(rng),
            _ => self.end_dispute(rng),
        })
    }

    fn begin_refund(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        let left = PRICE - self.refunded() - self.lost() - self.withheld();
        if left == 0 || self.withheld() > 0 {
            return None; // Stripe refunds nothing while a dispute is open
        }
        let amount = if rng.random() {
            left
        } else {
            rng.random_range(1..=left)
        };
        let number = self.refunds.len();
        self.refunds.push(Refund {
            id: format!("re_{number}"),
            payment_intent: Some("pi_1".to_owned()),
            charge: Some("ch_1".to_owned()),
            refund_id: None,
            status: if rng.random() {
                RefundStatus::Pending
            } else {
                RefundStatus::Succeeded
            },
            amount: usd(amount),
            created: Time::from_seconds(1_800_000_000),
            balance: rng
                .random_bool(0.5)
                .then(|| self.line(format!("txn_re_{number}"), -amount, 0)),
            failure_balance: None,
        });
        Some("refund.created")
    }

    /// Stripe books a refund at once or later, and a failure too.
    fn end_refund(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        let is_changed = self.is_changed;
        let line = |refund: &Refund, what: &str, amount| {
            Some(movement(
                format!("txn_{}{what}", refund.id),
                amount,
                0,
                is_changed,
            ))
        };
        let is_going = |refund: &Refund| {
            matches!(
                refund.status,
                RefundStatus::Pending | RefundStatus::Succeeded
            )
        };
        let refund = self
            .refunds
            .iter_mut()
            .rev()
            .find(|refund| is_going(refund) || refund.failure_balance.is_none())?;
        let amount = refund.amount.minor();
        if refund.balance.is_none() {
            refund.balance = line(refund, "", -amount);
            return Some("refund.updated");
        }
        if !is_going(refund) {
            refund.failure_balance = line(refund, "_failed", amount);
            return Some("refund.updated");
        }
        if refund.status == RefundStatus::Pending && rng.random() {
            refund.status = RefundStatus::Succeeded;
            return Some("refund.updated");
        }
        refund.status = RefundStatus::Failed;
        if rng.random() {
            refund.failure_balance = line(refund, "_failed", amount);
        }
        Some("refund.failed")
    }

    fn open_dispute(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        let amount = PRICE - self.refunded() - self.lost();
        if amount == 0 || self.disputes.last().is_some_and(is_open) {
            return None;
        }
        let number = self.disputes.len();
        let mut dispute = Dispute {
            id: format!("du_{number}"),
            payment_intent: Some("pi_1".to_owned()),
            charge: "ch_1".to_owned(),
            status: DisputeStatus::Warning,
            amount: usd(amount),
            reason: "fraudulent".to_owned(),
            created: Time::from_seconds(1_800_000_000),
            evidence_due: None,
            balance: Vec::new(),
        };
        if rng.random_ratio(4, 5) {
            take_money(&mut dispute, self.is_changed);
        }
        self.disputes.push(dispute);
        Some("charge.dispute.created")
    }

    fn end_dispute(&mut self, rng: &mut StdRng) -> Option<&'static str> {
        let is_changed = self.is_changed;
        let free = PRICE - self.refunded() - self.lost();
        let dispute = self.disputes.last_mut()?;
        match dispute.status {
            DisputeStatus::Warning if rng.random() || free < dispute.amount.minor() => {
                dispute.status = DisputeStatus::WarningClosed;
                Some("charge.dispute.closed")
            }
            DisputeStatus::Warning => {
                take_money(dispute, is_changed);
                Some("charge.dispute.funds_withdrawn")
            }
            DisputeStatus::NeedsResponse if rng.random() => {
                dispute.status = DisputeStatus::UnderReview;
                Some("charge.dispute.updated")
            }
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview if rng.random() => {
                dispute.status = DisputeStatus::Lost;
                Some("charge.dispute.closed")
            }
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview | DisputeStatus::Lost => {
                dispute.status = DisputeStatus::Won;
                let back = movement(
                    format!("txn_{}_back", dispute.id),
                    dispute.amount.minor(),
                    0,
                    is_changed,
                );
                dispute.balance.push(back);
                Some("charge.dispute.funds_reinstated")
            }
            _ => None,
        }
    }
}

fn is_open(dispute: &Dispute) -> bool {
    matches!(
        dispute.status,
        DisputeStatus::Warning | DisputeStatus::NeedsResponse | DisputeStatus::UnderReview
    )
}

fn take_money(dispute: &mut Dispute, is_changed: bool) {
    dispute.status = DisputeStatus::NeedsResponse;
    let name = format!("txn_{}", dispute.id);
    dispute.balance.push(movement(
        name,
        -dispute.amount.minor(),
        DISPUTE_FEE,
        is_changed,
    ));
}

/// Where everything ends.
#[derive(Debug, PartialEq, Eq)]
struct End {
    order: &'static str,
    /// Refunded, lost, withheld.
    sums: [i64; 3],
    right: Option<&'static str>,
    /// What each account holds, empty ones left out.
    books: BTreeMap<String, i64>,
    receipts: i64,
}

/// The reference model.
fn model(truth: &Truth) -> End {
    let mut end = End {
        order: match truth.session.status {
            SessionStatus::Open => "open",
            SessionStatus::Expired => "expired",
            SessionStatus::Complete if truth.session.payment_failed => "failed",
            SessionStatus::Complete if !truth.is_paid() => "pending",
            _ => "paid",
        },
        sums: [truth.refunded(), truth.lost(), truth.withheld()],
        right: None,
        books: BTreeMap::new(),
        receipts: 0,
    };
    if !truth.is_paid() {
        return end;
    }
    let [refunded, lost, withheld] = end.sums;
    end.right = Some(match PRICE - refunded - lost {
        0 => "ended",
        left if left <= withheld => "suspended",
        _ => "owned",
    });
    end.receipts = 1;
    end.books = if truth.is_changed {
        books_in_two_currencies(truth)
    } else {
        books_in_one_currency(truth)
    };
    end.books.retain(|_, minor| *minor != 0);
    end
}

/// The operator's share of what is left of the sale.
fn share(truth: &Truth) -> i64 {
    left(truth, (PRICE - truth.tax) * OPERATOR / 10_000)
}

/// What is left of a part of the price: refunds take of it as they take of the price.
fn left(truth: &Truth, part: i64) -> i64 {
    part - part * truth.refunded() / PRICE
}

/// What banks took, and what that cost.
fn taken(truth: &Truth) -> (i64, i64) {
    let movements = || truth.disputes.iter().flat_map(|dispute| &dispute.balance);
    (
        movements().map(|movement| -movement.amount.minor()).sum(),
        movements().map(|movement| movement.fee.minor()).sum(),
    )
}

fn books_in_one_currency(truth: &Truth) -> BTreeMap<String, i64> {
    let fee = if truth.is_fee_known { FEE } else { 0 };
    let (share, (taken, costs)) = (share(truth), taken(truth));
    let tax = left(truth, truth.tax);
    let studio = PRICE - truth.refunded() - tax - share - fee - taken - costs;
    let books = [
        ("customer", -PRICE),
        ("tax", tax),
        ("operator_fee", share),
        ("provider_fee", fee),
        ("refunds", truth.refunded()),
        ("disputes", taken),
        ("dispute_fees", costs),
        ("studio_net", studio),
    ];
    books
        .map(|(purpose, minor)| (format!("{purpose} USD"), minor))
        .into()
}

/// All dollars of the payment are changed once it is known for how many yen, and those of each
/// refund are changed back; what banks take is in yen from the beginning.
fn books_in_two_currencies(truth: &Truth) -> BTreeMap<String, i64> {
    let lines = truth
        .refunds
        .iter()
        .flat_map(|refund| [&refund.balance, &refund.failure_balance].map(|line| (refund, line)))
        .filter_map(|(refund, line)| Some((refund.amount.minor(), line.as_ref()?.amount.minor())));
    // Dollars that were changed back, and the yen they took.
    let (dollars, yen) = lines.fold((0, 0), |(dollars, yen), (minor, line)| {
        (dollars - minor * line.signum(), yen - line)
    });
    let known = i64::from(truth.is_fee_known);
    let (changed, came) = (PRICE * known - dollars, PRICE * 150 / 100 * known - yen);
    let (share, (taken, costs), fee) = (share(truth), taken(truth), FEE * 150 / 100 * known);
    let tax = left(truth, truth.tax);
    let studio = PRICE - truth.refunded() - tax - share - changed;
    let books = [
        ("customer USD", -PRICE),
        ("tax USD", tax),
        ("operator_fee USD", share),
        ("refunds USD", truth.refunded()),
        ("exchange USD", changed),
        ("studio_net USD", studio),
        ("exchange JPY", -came),
        ("provider_fee JPY", fee),
        ("disputes JPY", taken),
        ("dispute_fees JPY", costs),
        ("studio_net JPY", came - fee - taken - costs),
    ];
    books
        .map(|(account, minor)| (account.to_owned(), minor))
        .into()
}

async fn found(tx: &mut Conn, order: &str) -> End {
    let word = |words: &[&'static str], word: String| -> &'static str {
        words
            .iter()
            .find(|known| **known == word)
            .unwrap_or_else(|| panic!("{word}?"))
    };
    let row = sqlx::query("SELECT * FROM orders WHERE id = $1").bind(order);
    let row = row.fetch_one(&mut *tx).await.unwrap();
    let states = ["open", "pending", "paid", "expired", "failed", "surplus"];
    let right = sqlx::query_scalar("SELECT state FROM entitlement").fetch_optional(&mut *tx);
    let right: Option<String> = right.await.unwrap();
    let accounts = sqlx::query(
        "SELECT a.purpose, a.currency, CAST(SUM(CASE WHEN e.to_account = a.id THEN e.amount_minor
                                         ELSE -e.amount_minor END) AS BIGINT) AS minor
         FROM ledger_entry e JOIN ledger_account a ON a.id IN (e.from_account, e.to_account)
         GROUP BY a.purpose, a.currency",
    );
    let accounts = accounts.fetch_all(&mut *tx).await.unwrap();
    let books = accounts.iter().map(|row| {
        let (purpose, currency): (&str, &str) = (row.get("purpose"), row.get("currency"));
        (format!("{purpose} {currency}"), row.get::<i64, _>("minor"))
    });
    let receipts = sqlx::query_scalar("SELECT COUNT(*) FROM mail WHERE cause LIKE 'receipt:%'");
    End {
        order: word(&states, row.get("state")),
        sums: ["refunded_minor", "lost_minor", "withheld_minor"].map(|sum| row.get(sum)),
        right: right.map(|right| word(&["owned", "suspended", "ended"], right)),
        books: books.filter(|(_, minor)| *minor != 0).collect(),
        receipts: receipts.fetch_one(&mut *tx).await.unwrap(),
    }
}

/// One thing that the store is told: an event, or nothing but that somebody looks.
#[derive(Debug)]
struct Told {
    event: Option<VerifiedEvent>,
    answer: Payment,
}

fn event(number: usize, kind: &str) -> VerifiedEvent {
    let body = json!({
        "id": format!("evt_{number}"), "object": "event", "type": kind, "livemode": false,
        "created": 1_800_000_000, "data": {"object": {"id": "x", "payment_intent": "pi_1"}},
    });
    let body = body.to_string();
    let secret = "whsec_test".to_owned().into();
    let header = webhook::sign(body.as_bytes(), &secret, 1_800_000_000);
    webhook::verify(body.as_bytes(), &header, &[secret], 1_800_000_000).unwrap()
}

/// Everything that happened, as the store may come to hear of it.
fn shuffled(rng: &mut StdRng, states: &[Truth], kinds: &[&str]) -> Vec<Told> {
    let mut told = Vec::new();
    for (number, kind) in kinds.iter().enumerate() {
        for _ in 0..rng.random_range(1..=2) {
            let at = rng.random_range(number + 1..states.len());
            told.push(Told {
                event: Some(event(number, kind)),
                answer: states[at].answer(!kind.starts_with("checkout.")),
            });
        }
    }
    for _ in 0..rng.random_range(0..=3) {
        let at = rng.random_range(0..states.len());
        told.push(Told {
            event: None,
            answer: states[at].answer(rng.random()),
        });
    }
    told.shuffle(rng);
    told
}

async fn tell(tx: &mut Conn, app: &TestApp, told: &Told) {
    let occasion = match &told.event {
        Some(event) => Occasion::Event(event),
        None => Occasion::Visit,
    };
    checkout::enter(tx, &app.state, &told.answer, occasion)
        .await
        .unwrap();
}

/// What whoever runs the test wishes for.
#[allow(clippy::disallowed_methods)] // not the store's configuration
pub(crate) fn wished(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

on_both_engines! {
    async fn whatever_the_order_the_end_is_the_same(app: &TestApp) {
        let shuffles = wished("MATINEE_SHUFFLES").unwrap_or(SHUFFLES);
        let seed = wished("MATINEE_SEED").unwrap_or_else(rand::random);
        println!("MATINEE_SEED={seed}");
        let mut rng = StdRng::seed_from_u64(seed);
        drop_webhooks(app).await;
        let ada = Shopper::usd(app);
        let id = ada.checks_out(app).await;
        let order = ada.orders(app).await.remove(0).id.to_string();
        let session = app.state.stripe.checkout_session(&id).await.unwrap();
        let beginning = Truth { session, tax: 0, is_fee_known: false, is_changed: false, refunds: Vec::new(), disputes: Vec::new() };
        let mut ends = BTreeMap::<_, u64>::new();
        for number in 0..shuffles {
            let beginning = Truth { tax: [0, 163][rng.random_range(0..2)], is_changed: rng.random(), ..beginning.clone() };
            let (mut states, mut kinds) = (vec![beginning], Vec::new());
            for _ in 0..rng.random_range(1..=9) {
                let mut next = states[states.len() - 1].clone();
                let Some(kind) = next.step(&mut rng) else { break };
                kinds.push(kind);
                states.push(next);
            }
            let expected = model(&states[states.len() - 1]);
            let mut tx = app.state.db.begin_write().await.unwrap();
            let story = shuffled(&mut rng, &states, &kinds);
            for told in &story {
                tell(&mut tx, app, told).await;
            }
            let end = found(&mut tx, &order).await;
            assert_eq!(end, expected, "MATINEE_SEED={seed}, history {number}: {kinds:?} told as {story:#?}");
            *ends.entry((end.order, end.right)).or_default() += 1;
        } // undone: the next history begins with the same order
        println!("{shuffles} histories, 0 differences; they ended as {ends:?}");
        for right in ["owned", "suspended", "ended"] {
            let many = ends.get(&("paid", Some(right))).copied().unwrap_or_default();
            assert!(many >= shuffles / 100, "too few ended {right}: {many}");
        }
    }
}
