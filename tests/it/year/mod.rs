//! A year of a busy shop: orders in four currencies with taxes, refunds and disputes, entered as
//! Stripe tells of them, and films that are shared by splits that change. Afterwards
//! `matinee verify` finds nothing, and the books and every account's months are what a program in
//! another language computes from the same facts.

mod splits;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::checkout::Payment;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::OfferId;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::payouts;
use matinee::payouts::Month;
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
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use sqlx::Row as _;

use crate::harness::TestApp;
use crate::permutations::wished;
use splits::Sharing;

/// How many orders; `MATINEE_YEAR` says otherwise. The whole year is 100,000.
const ORDERS: u64 = 2_000;
/// Orders that are written at once.
const BATCH: u64 = 250;
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// What each of them costs, in minor units, and what a dispute costs.
const CURRENCIES: [(&str, i64, i64); 4] = [
    ("USD", 999, 1_500),
    ("EUR", 1_149, 2_000),
    ("JPY", 1_300, 1_300),
    ("KWD", 3_190, 4_610),
];

pub(crate) struct Sale {
    number: u64,
    id: OrderId,
    paid: Money,
    tax: i64,
    points: i64,
    fee: i64,
    dispute_fee: i64,
    /// Amount and whether it failed in the end.
    refunds: Vec<(i64, bool)>,
    /// How the dispute over the rest ended.
    dispute: Option<DisputeStatus>,
}

impl Sale {
    pub(crate) fn draw(rng: &mut StdRng, number: u64, now: Time) -> Self {
        let (code, price, dispute_fee) = CURRENCIES[rng.random_range(0..CURRENCIES.len())];
        let paid = price * rng.random_range(1..=5);
        let mut sale = Self {
            number,
            id: OrderId::new(now, rng),
            paid: Money::new(paid, Currency::parse(code).unwrap()),
            tax: if rng.random() {
                paid * rng.random_range(0..=25) / 125
            } else {
                0
            },
            points: [0, 250, 500][rng.random_range(0..3)],
            fee: paid * 29 / 1_000 + 30,
            dispute_fee,
            refunds: Vec::new(),
            dispute: None,
        };
        for _ in 0..[0, 0, 0, 0, 0, 0, 0, 0, 1, 2][rng.random_range(0..10)] {
            let left = sale.left();
            if left > 0 {
                let amount = if rng.random() {
                    left
                } else {
                    rng.random_range(1..=left)
                };
                sale.refunds.push((amount, rng.random_ratio(1, 10)));
            }
        }
        if sale.left() > 0 && rng.random_ratio(1, 40) {
            let ends = [
                DisputeStatus::NeedsResponse,
                DisputeStatus::Won,
                DisputeStatus::Lost,
            ];
            sale.dispute = Some(ends[rng.random_range(0..3)]);
        }
        sale
    }

    fn left(&self) -> i64 {
        let gone = self.refunds.iter().filter(|(_, failed)| !failed);
        self.paid.minor() - gone.map(|(amount, _)| amount).sum::<i64>()
    }

    fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.paid.currency())
    }

    fn line(&self, name: &str, source: String, amount: i64, fee: i64) -> BalanceTransaction {
        BalanceTransaction {
            id: format!("txn_{name}_{}", self.number),
            kind: name.to_owned(),
            category: name.to_owned(),
            amount: self.money(amount),
            fee: self.money(fee),
            application_fee: self.money(0),
            net: self.money(amount - fee),
            source: Some(source),
            created: Time::from_seconds(0),
        }
    }

    fn movements(&self) -> Vec<BalanceTransaction> {
        let source = || format!("du_{}", self.number);
        let taken = self.line("dispute", source(), -self.left(), self.dispute_fee);
        let back = self.line("reversal", source(), self.left(), 0);
        match self.dispute {
            None => Vec::new(),
            Some(DisputeStatus::Won) => vec![taken, back],
            Some(_) => vec![taken],
        }
    }

    /// What Stripe says right after the payment, or in the end.
    pub(crate) fn payment(&self, in_the_end: bool) -> Payment {
        let (number, id) = (self.number, self.id.to_string());
        let refunds = || {
            self.refunds
                .iter()
                .enumerate()
                .map(|(at, (amount, failed))| Refund {
                    id: format!("re_{number}_{at}"),
                    payment_intent: Some(format!("pi_{number}")),
                    charge: Some(format!("ch_{number}")),
                    refund_id: None,
                    status: if *failed {
                        RefundStatus::Failed
                    } else {
                        RefundStatus::Succeeded
                    },
                    amount: self.money(*amount),
                    created: Time::from_seconds(0),
                    balance: None,
                    failure_balance: None,
                })
        };
        let dispute = self.dispute.map(|status| Dispute {
            id: format!("du_{number}"),
            payment_intent: Some(format!("pi_{number}")),
            charge: format!("ch_{number}"),
            status,
            amount: self.money(self.left()),
            reason: "fraudulent".to_owned(),
            created: Time::from_seconds(0),
            evidence_due: None,
            balance: self.movements(),
        });
        Payment {
            seller: None,
            session: CheckoutSession {
                id: format!("cs_{number}"),
                url: None,
                status: SessionStatus::Complete,
                payment_status: PaymentStatus::Paid,
                total: Some(self.paid),
                client_reference_id: Some(id.clone()),
                order_id: Some(id),
                payment_intent: Some(format!("pi_{number}")),
                payment_failed: false,
                provider_fee: Some(self.money(self.fee)),
                livemode: false,
                created: Time::from_seconds(0),
                expires_at: Time::from_seconds(0),
                charge: Some(Charge {
                    id: format!("ch_{number}"),
                    payment_intent: format!("pi_{number}"),
                    amount: self.paid,
                    refunded: self.money(0),
                    disputed: self.dispute.is_some(),
                    balance: Some(self.line(
                        "charge",
                        format!("ch_{number}"),
                        self.paid.minor(),
                        self.fee,
                    )),
                    application_fee: None,
                    card_country: Some("DE".to_owned()),
                }),
                tax: (self.tax > 0).then(|| self.money(self.tax)),
                tax_rate: None,
                billing_country: Some("DE".to_owned()),
            },
            refunds: if in_the_end {
                refunds().collect()
            } else {
                Vec::new()
            },
            disputes: if in_the_end {
                dispute.into_iter().collect()
            } else {
                Vec::new()
            },
        }
    }

    /// The facts, for the other program.
    fn facts(&self, (studio, title): (StudioId, TitleId), now: Time) -> Value {
        let counting = self.refunds.iter().filter(|(_, failed)| !failed);
        let movements = self.movements();
        json!({
            "studio": studio.to_string(), "title": title.to_string(), "sold_at": now.millis(),
            "currency": self.paid.currency().code(), "paid": self.paid.minor(), "tax": self.tax,
            "points": self.points, "fee": self.fee,
            "refunds": counting.map(|(amount, _)| amount).collect::<Vec<_>>(),
            "movements": movements.iter().map(|m| [m.amount.minor(), m.fee.minor()]).collect::<Vec<_>>(),
        })
    }

    pub(crate) async fn insert(&self, tx: &mut Conn, studio: StudioId, title: TitleId, now: Time) {
        let order = sqlx::query(
            "INSERT INTO orders (id, account_id, studio_id, title_id, offer_id, title_name,
                 title_slug, studio_name, email, amount_minor, currency, operator_fee_bp, state,
                 attempt, session_expires_at, created_at, reader, session_id)
             VALUES ($1, $2, $3, $4, $5, 'Night Train', 'night-train', 'Lantern', 'a@b.example',
                     $6, $7, $8, 'open', 1, $9, $9, 'en', $10)",
        );
        let rng = &mut rand::rng();
        order
            .bind(self.id.to_string())
            .bind(AccountId::new(now, rng).to_string())
            .bind(studio.to_string())
            .bind(title.to_string())
            .bind(OfferId::new(now, rng).to_string())
            .bind(self.paid.minor())
            .bind(self.paid.currency().code())
            .bind(self.points)
            .bind(now.millis())
            .bind(format!("cs_{}", self.number))
            .execute(tx)
            .await
            .unwrap();
    }
}

/// What the other program makes of the facts.
#[derive(Deserialize)]
struct Recomputed {
    /// Sums per purpose and currency.
    books: BTreeMap<String, i64>,
    /// The months of every account, as [`splits::told`] has them.
    accounts: BTreeMap<String, Vec<i64>>,
}

fn recomputed<'a>(facts: impl Iterator<Item = &'a Value>) -> Recomputed {
    let mut program = Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/year/year.py"
        ))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = program.stdin.take().unwrap();
    for fact in facts {
        writeln!(input, "{fact}").unwrap();
    }
    drop(input);
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Enters what became of sales of the batch before.
async fn come_back(
    app: &TestApp,
    tx: &mut Conn,
    waiting: &mut Vec<(Sale, usize)>,
    facts: &mut [Value],
) {
    for (sale, at) in std::mem::take(waiting) {
        let payment = sale.payment(true);
        let entered = checkout::enter(tx, &app.state, &payment, Occasion::Visit).await;
        entered.unwrap();
        facts[at]["changed_at"] = json!(app.state.now().millis());
    }
}

async fn books(app: &TestApp) -> BTreeMap<String, i64> {
    let rows = sqlx::query(
        "SELECT a.purpose, a.currency,
                CAST(SUM(CASE WHEN e.to_account = a.id THEN e.amount_minor
                              ELSE -e.amount_minor END) AS BIGINT) AS minor
         FROM ledger_entry e JOIN ledger_account a ON a.id IN (e.from_account, e.to_account)
         GROUP BY a.purpose, a.currency",
    );
    let rows = rows
        .fetch_all(&mut *app.state.db.read().await.unwrap())
        .await
        .unwrap();
    let sums = rows.iter().map(|row| {
        let (purpose, currency): (&str, &str) = (row.get("purpose"), row.get("currency"));
        (format!("{purpose} {currency}"), row.get::<i64, _>("minor"))
    });
    sums.filter(|(_, minor)| *minor != 0).collect()
}

on_both_engines! {
    async fn a_year_adds_up(app: &TestApp) {
        let orders = wished("MATINEE_YEAR").unwrap_or(ORDERS);
        let seed = wished("MATINEE_SEED").unwrap_or_else(rand::random);
        println!("MATINEE_SEED={seed}");
        let mut rng = StdRng::seed_from_u64(seed);
        let start = app.state.now();
        let films: Vec<_> = (0..20).map(|at| {
            let studio = StudioId::new(start, &mut StdRng::seed_from_u64(seed ^ (at / 4)));
            (studio, TitleId::new(start, &mut rng))
        }).collect();
        let (mut facts, mut waiting) = (Vec::new(), Vec::new());
        let mut tx = app.state.db.begin_write().await.unwrap();
        let mut sharing = Sharing::begin(&mut tx, &mut rng, &films, start).await;
        tx.commit().await.unwrap();
        let pause = YEAR / u32::try_from(orders / BATCH + 1).unwrap();
        for first in (0..orders).step_by(usize::try_from(BATCH).unwrap()) {
            let now = app.state.now();
            let mut tx = app.state.db.begin_write().await.unwrap();
            come_back(app, &mut tx, &mut waiting, &mut facts).await;
            if rng.random() {
                sharing.change(&mut tx, &mut rng, &films, now).await;
            }
            for number in first..(first + BATCH).min(orders) {
                let sale = Sale::draw(&mut rng, number, now);
                let film = films[rng.random_range(0..films.len())];
                sale.insert(&mut tx, film.0, film.1, now).await;
                checkout::enter(&mut tx, &app.state, &sale.payment(false), Occasion::Visit).await.unwrap();
                facts.push(sale.facts(film, now));
                if !sale.refunds.is_empty() || sale.dispute.is_some() {
                    waiting.push((sale, facts.len() - 1));
                }
            }
            tx.commit().await.unwrap();
            app.clock.advance(pause);
            payouts::close_due(&app.state).await.unwrap();
        }
        let mut tx = app.state.db.begin_write().await.unwrap();
        come_back(app, &mut tx, &mut waiting, &mut facts).await;
        tx.commit().await.unwrap();
        let over = Month::of(app.state.now()).end();
        app.clock.set(over.after(Duration::from_secs(7_200)));
        payouts::close_due(&app.state).await.unwrap();
        let wanted = recomputed(facts.iter().chain(sharing.facts()));
        assert_eq!(books(app).await, wanted.books);
        let told = splits::told(app).await;
        for (account, line) in &wanted.accounts {
            assert_eq!(told.get(account), Some(line), "{account}");
        }
        assert_eq!(told.len(), wanted.accounts.len());

        let began = std::time::Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_matinee")).arg("verify").env_clear()
            .env("DATABASE_URL", app.database()).env("MATINEE_BLOBS", &app.state.config.blobs_dir)
            .output().unwrap();
        let words = String::from_utf8_lossy(&output.stdout);
        assert_eq!((output.status.code(), &*words), (Some(0), "everything holds\n"));
        println!("{orders} orders and {} months of accounts add up; verified in {:.1} s",
                 told.len(), began.elapsed().as_secs_f64());
    }
}
