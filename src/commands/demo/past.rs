//! The past of the demo shop: a shop of a day has no statements to look at. On its first start the
//! demo's clock begins with the year before this one and is moved on from sale to sale, so that films are shared,
//! sold and given back, and months closed, by the very functions that do it every day.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::anyhow;

use crate::accounts::Account;
use crate::catalog;
use crate::checkout;
use crate::checkout::AskedBy;
use crate::checkout::RefundState;
use crate::commands::demo::films::DemoPerson;
use crate::commands::demo::films::FILMS;
use crate::commands::demo::seed;
use crate::commands::demo::seed::Purchase;
use crate::invoices::BuyerFields;
use crate::kernel::BasisPoints;
use crate::kernel::Clock;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Source;
use crate::kernel::Time;
use crate::kernel::clock::SystemClock;
use crate::kernel::ids::OrderId;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Slug;
use crate::payouts;
use crate::payouts::First;
use crate::payouts::Month;
use crate::payouts::Party;
use crate::payouts::Share;
use crate::payouts::Split;
use crate::platform::AppState;
use crate::platform::stripe::sandbox::SandboxHandle;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How its buyers came, in turn.
const CAME: [&str; 7] = [
    "direct",
    "tag:newsletter",
    "list",
    "site:cinema.example",
    "tag:newsletter",
    "home",
    "studio",
];
/// How long a refund may take.
const REFUND: Duration = Duration::from_secs(30);

/// The machine's clock, put back by some time.
#[derive(Debug, Default)]
pub(super) struct DemoClock {
    behind: AtomicI64,
}

impl DemoClock {
    /// A clock that shows the first day of the demo's past.
    pub(super) fn in_the_past() -> Self {
        let clock = Self::default();
        let present = Month::of(clock.now());
        let mut month = present;
        while !begins_a_past_year(month, present) {
            month = Month::of(month.start().before(DAY));
        }
        clock.show(month.start().after(DAY / 2));
        clock
    }

    /// Moves on to a moment; never back, and never beyond the present.
    fn reach(&self, to: Time) {
        if to > self.now() {
            self.show(to);
        }
    }

    fn show(&self, to: Time) {
        let behind = SystemClock.now().millis() - to.millis();
        self.behind.store(behind.max(0), Ordering::SeqCst);
    }

    /// Moves on to the present, for good.
    pub(super) fn arrive(&self) {
        self.behind.store(0, Ordering::SeqCst);
    }
}

/// Whether a month is January of a year that is over.
fn begins_a_past_year(month: Month, present: Month) -> bool {
    let (month, present) = (month.to_string(), present.to_string());
    month.ends_with("-01") && month[..4] < present[..4]
}

impl Clock for DemoClock {
    fn now(&self) -> Time {
        let behind = self.behind.load(Ordering::SeqCst);
        Time::from_millis(SystemClock.now().millis() - behind)
    }
}

/// Who shares in a film of the demo, and how much: percent, and what is recouped first.
struct Sharer {
    film: usize,
    name: &'static str,
    email: &'static str,
    percent: u16,
    first: Option<&'static str>,
}

/// Who shares; the rest is the studio's.
const SHARERS: [Sharer; 4] = [
    Sharer {
        film: 0,
        name: "Northlight Fund",
        email: "office@northlight.example",
        percent: 30,
        first: Some("15.00"),
    },
    Sharer {
        film: 0,
        name: "Noor Haddad",
        email: "noor@haddad.example",
        percent: 12,
        first: None,
    },
    Sharer {
        film: 1,
        name: "Elias Brandt",
        email: "elias@brandt.example",
        percent: 33,
        first: None,
    },
    Sharer {
        film: 2,
        name: "Hana Malá",
        email: "hana@mala.example",
        percent: 25,
        first: None,
    },
];

/// Who bought films before today, and with which card: one of France, Germany, the United Kingdom,
/// Japan or the United States.
const CUSTOMERS: [(&str, &str); 10] = [
    ("Bea Lindqvist", "4000002500000003"),
    ("Cem Aksoy", "4000002760000016"),
    ("Dara Quinn", "4000008260000000"),
    ("Emil Novák", "4000002760000016"),
    ("Fumiko Ono", "4000003920000003"),
    ("Gita Rao", "4000002500000003"),
    ("Hugo Martel", "4000002500000003"),
    ("Iris Vann", "4242424242424242"),
    ("Jonas Weber", "4000002760000016"),
    ("Kaya Osei", "4000008260000000"),
];

/// Month of the past, day of it, who bought which film. Months that are not over are left out.
const SALES: [(u32, u32, usize, usize); 23] = [
    (0, 9, 0, 0),
    (0, 23, 1, 1),
    (1, 14, 2, 0),
    (2, 5, 3, 0),
    (2, 19, 0, 1),
    (3, 11, 4, 1),
    (4, 2, 4, 0),
    (4, 27, 5, 0),
    (5, 16, 2, 1),
    (6, 8, 6, 0),
    (7, 21, 5, 1),
    (8, 3, 7, 0),
    (8, 24, 6, 1),
    (9, 12, 8, 0),
    (10, 18, 7, 1),
    (11, 6, 9, 0),
    (11, 20, 8, 1),
    (12, 10, 0, 2),
    (13, 7, 1, 0),
    (14, 15, 3, 2),
    (16, 4, 5, 2),
    (18, 22, 9, 1),
    (20, 9, 7, 2),
];
/// The sale of which the studio sends a part back.
const GIVEN_BACK: usize = 7;
/// The sale for which the buyer wanted an invoice; a part of it went back, too.
const INVOICED: usize = 17;

/// Lives through the past, up to the present.
pub(super) async fn live(
    state: &AppState,
    sandbox: &SandboxHandle,
    clock: &DemoClock,
) -> anyhow::Result<()> {
    println!("  a year of sales and statements");
    state.mailer.print_since(SystemClock.now()); // receipts of then would fill the console
    for film in 0..FILMS.len() {
        share(state, film).await.context("sharing a film")?;
    }
    let mut customers = Vec::new();
    for (name, card) in CUSTOMERS {
        customers.push((customer(state, name).await?, card));
    }
    let (first, present) = (Month::of(state.now()), Month::of(SystemClock.now()));
    for (number, (months, days, who, film)) in SALES.into_iter().enumerate() {
        let month = (0..months).fold(first, |month, _| month.next());
        if month >= present {
            break;
        }
        clock.reach(month.start().after(days * DAY - DAY / 3));
        let (viewer, card) = &customers[who];
        let bought = Purchase {
            viewer,
            film: &FILMS[film],
            card,
            source: Source::read(CAME[number % CAME.len()]),
        };
        seed::buy(state, sandbox, bought).await?;
        if number == INVOICED {
            invoice(state, viewer).await?;
        }
        if [GIVEN_BACK, INVOICED].contains(&number) {
            give_back(state, viewer).await?;
        }
    }
    clock.arrive();
    payouts::close_due(state).await?;
    Ok(())
}

async fn customer(state: &AppState, name: &'static str) -> anyhow::Result<Account> {
    let word = name.split(' ').next().unwrap_or(name).to_lowercase();
    let email = format!("{word}@viewer.example");
    let person = DemoPerson {
        email: &email,
        name,
    };
    seed::person(state, &person).await
}

/// Writes the split of a film.
async fn share(state: &AppState, film: usize) -> anyhow::Result<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let slug = Slug::parse(FILMS[film].slug)?;
    let title = catalog::title_by_slug(&mut tx, &slug).await?;
    let title = title.context("the film is not there")?;
    let currency = Currency::parse(FILMS[film].price.1)?;
    let (mut shares, mut firsts) = (Vec::new(), Vec::new());
    let mut left = BasisPoints::WHOLE.points();
    for sharer in SHARERS.iter().filter(|sharer| sharer.film == film) {
        let (name, email) = (seed::name(sharer.name)?, EmailAddress::parse(sharer.email)?);
        let enrolled = payouts::enroll(&mut tx, title.studio_id, name, email, now).await?;
        let party = Party::Participant(enrolled.context("somebody twice")?.id);
        if let Some(amount) = sharer.first {
            let amount = Money::parse(amount, currency)?;
            firsts.push(First { party, amount });
        }
        left -= sharer.percent * 100;
        let points = BasisPoints::new(sharer.percent * 100).context("a share")?;
        shares.push(Share { party, points });
    }
    let points = BasisPoints::new(left).context("a share")?;
    let party = Party::Studio;
    shares.insert(0, Share { party, points });
    let split = Split {
        title: title.id,
        number: 1,
        valid_from: now,
        firsts,
        shares,
    };
    payouts::append_split(&mut tx, title.studio_id, &split, "the demo", now).await??;
    Ok(tx.commit().await?)
}

/// Has somebody ask for the invoice of their newest order.
async fn invoice(state: &AppState, viewer: &Account) -> anyhow::Result<()> {
    let orders = checkout::orders_of_viewer(&mut *state.db.read().await?, viewer.id).await?;
    let order = orders.first().context("an order")?;
    let country = order.places.billing.as_deref();
    let buyer = BuyerFields::known(viewer.name.as_str(), country).parse();
    let buyer = buyer.map_err(|faults| anyhow!("{faults:?}"))?;
    let issued = checkout::issue_invoice(state, order.id, &buyer).await;
    let issued = issued.map_err(|error| anyhow!("{error}"))?;
    issued.map(|_| ()).context("the studio's details")
}

/// Has the studio send a part of somebody's newest order back, and waits until it was done.
async fn give_back(state: &AppState, viewer: &Account) -> anyhow::Result<()> {
    let orders = checkout::orders_of_viewer(&mut *state.db.read().await?, viewer.id).await?;
    let order = orders.first().context("an order")?.id;
    let asked = checkout::refund(state, order, "2.00", AskedBy::Studio).await;
    let asked = asked.map_err(|error| anyhow!("{error}"))?;
    asked.map_err(|_| anyhow!("the refund was refused"))?;
    tokio::time::timeout(REFUND, refunded(state, order))
        .await
        .context("a refund took too long")?
}

async fn refunded(state: &AppState, order: OrderId) -> anyhow::Result<()> {
    loop {
        let lines = checkout::refund_lines(&mut *state.db.read().await?, order).await?;
        if lines
            .iter()
            .any(|line| line.state == RefundState::Succeeded)
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_begins_early_enough_and_ends_now() {
        let clock = DemoClock::in_the_past();
        let (start, present) = (clock.now(), SystemClock.now());
        let (month, present_month) = (Month::of(start), Month::of(present));
        assert!(begins_a_past_year(month, present_month), "{month}");
        let last_year = (0..12).fold(month, |month, _| month.next());
        assert_eq!(last_year.to_string()[..4], present_month.to_string()[..4]);
        clock.reach(start.before(DAY));
        assert!(clock.now() >= start, "time goes on");
        clock.arrive();
        assert!(clock.now() >= present);
    }

    #[test]
    fn nobody_buys_a_film_twice() {
        let mut bought: Vec<(usize, usize)> = SALES.iter().map(|sale| (sale.2, sale.3)).collect();
        bought.sort_unstable();
        bought.dedup();
        assert_eq!(bought.len(), SALES.len());
        assert!(SALES.windows(2).all(|pair| pair[0] < pair[1]), "in order");
    }
}
