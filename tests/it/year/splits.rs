//! Those who share in the films of the year: who they are, splits that change while it goes on, and
//! what the statements say in the end.

use std::collections::BTreeMap;

use matinee::kernel::BasisPoints;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::kernel::ids::ParticipantId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::kernel::text::DisplayName;
use matinee::kernel::text::EmailAddress;
use matinee::payouts;
use matinee::payouts::First;
use matinee::payouts::Party;
use matinee::payouts::Share;
use matinee::payouts::Split;
use matinee::platform::db::Conn;
use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::Value;
use serde_json::json;
use sqlx::Row as _;

use super::CURRENCIES;
use crate::harness::TestApp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Participants of each studio.
const PEOPLE: usize = 4;

/// The splits so far, and who may be in one.
pub(super) struct Sharing {
    people: BTreeMap<StudioId, Vec<ParticipantId>>,
    counts: BTreeMap<TitleId, i64>,
    facts: Vec<Value>,
}

impl Sharing {
    /// Gives every studio its participants, and three films of four a first split.
    pub(super) async fn begin(
        tx: &mut Conn,
        rng: &mut StdRng,
        films: &[(StudioId, TitleId)],
        now: Time,
    ) -> Self {
        let mut sharing = Self {
            people: BTreeMap::new(),
            counts: BTreeMap::new(),
            facts: Vec::new(),
        };
        for (studio, _) in films {
            if !sharing.people.contains_key(studio) {
                let mut people = Vec::new();
                for number in 0..PEOPLE {
                    let name = DisplayName::parse(&format!("Participant {number}")).unwrap();
                    let email = format!("p{number}@{studio}.example").replace('_', "-");
                    let email = EmailAddress::parse(&email).unwrap();
                    let made = payouts::enroll(tx, *studio, name, email, now).await;
                    people.push(made.unwrap().unwrap().id);
                }
                sharing.people.insert(*studio, people);
            }
        }
        for (at, film) in films.iter().enumerate() {
            if at % 4 != 0 {
                sharing.split(tx, rng, *film, now, now).await;
            }
        }
        sharing
    }

    /// Now and then a film is divided anew, at once or from a later day on.
    pub(super) async fn change(
        &mut self,
        tx: &mut Conn,
        rng: &mut StdRng,
        films: &[(StudioId, TitleId)],
        now: Time,
    ) {
        let film = films[rng.random_range(0..films.len())];
        let from = Time::from_millis(now.millis() + rng.random_range(0..40) * DAY_MS);
        self.split(tx, rng, film, from, now).await;
    }

    async fn split(
        &mut self,
        tx: &mut Conn,
        rng: &mut StdRng,
        (studio, title): (StudioId, TitleId),
        valid_from: Time,
        now: Time,
    ) {
        let number = self.counts.entry(title).or_default();
        *number += 1;
        let people = &self.people[&studio];
        let split = Split {
            title,
            number: *number,
            valid_from,
            firsts: firsts(rng, people),
            shares: shares(rng, people),
        };
        let written = payouts::append_split(tx, studio, &split, "the year", now).await;
        assert_eq!(written.unwrap(), Ok(()));
        self.facts.push(json!({
            "title": title.to_string(), "number": split.number,
            "valid_from": valid_from.millis(),
            "firsts": split.firsts.iter().map(|first| json!([
                name(first.party), first.amount.currency().code(), first.amount.minor()
            ])).collect::<Vec<_>>(),
            "shares": split.shares.iter().map(|share| json!([
                name(share.party), share.points.points()
            ])).collect::<Vec<_>>(),
        }));
    }

    /// What the other program is told.
    pub(super) fn facts(&self) -> &[Value] {
        &self.facts
    }
}

/// Nobody's name is the studio's.
fn name(party: Party) -> String {
    match party {
        Party::Studio => String::new(),
        Party::Participant(id) => id.to_string(),
    }
}

/// The studio and some of its people, in parts that seldom come out even.
fn shares(rng: &mut StdRng, people: &[ParticipantId]) -> Vec<Share> {
    let mut parties = vec![Party::Studio];
    for id in people {
        if rng.random() {
            parties.push(Party::Participant(*id));
        }
    }
    let mut left = BasisPoints::WHOLE.points();
    let last = parties.len() - 1;
    let mut shares = Vec::new();
    for (at, party) in parties.into_iter().enumerate() {
        let points = if at == last {
            left
        } else {
            rng.random_range(1..=left / 2)
        };
        left -= points;
        let points = BasisPoints::new(points).unwrap();
        shares.push(Share { party, points });
    }
    shares
}

/// Half of the splits have something to recoup first, some in several currencies.
fn firsts(rng: &mut StdRng, people: &[ParticipantId]) -> Vec<First> {
    let mut firsts: Vec<First> = Vec::new();
    for (code, price, _) in CURRENCIES {
        if rng.random_ratio(1, 3) {
            let parties = people.iter().map(|id| Party::Participant(*id));
            let parties: Vec<Party> = parties.chain([Party::Studio]).collect();
            let party = *parties.choose(rng).unwrap();
            let currency = Currency::parse(code).unwrap();
            let amount = Money::new(price * rng.random_range(1..200), currency);
            firsts.push(First { party, amount });
        }
    }
    firsts
}

/// Every account's months as the statements tell them: of a studio all figures, of everybody the
/// opening and the closing balance.
pub(super) async fn told(app: &TestApp) -> BTreeMap<String, Vec<i64>> {
    let rows = sqlx::query("SELECT content FROM statement")
        .fetch_all(&mut *app.state.db.read().await.unwrap())
        .await
        .unwrap();
    let mut accounts = BTreeMap::new();
    for row in rows {
        let statement: Value = serde_json::from_str(row.get("content")).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let party = text(&statement["participant"]["id"]);
        let mut line = Vec::new();
        if party.is_empty() {
            let figures = [
                "sold",
                "gross",
                "tax",
                "operator_fee",
                "provider_fee",
                "refunds",
                "disputes",
                "dispute_fees",
                "net",
            ];
            line.extend(figures.map(|figure| statement["total"][figure].as_i64().unwrap()));
        }
        line.extend(["opening", "closing"].map(|end| statement[end].as_i64().unwrap()));
        let key = [
            text(&statement["studio"]["id"]),
            party,
            text(&statement["month"]),
            text(&statement["currency"]),
        ];
        if line.iter().any(|minor| *minor != 0) {
            accounts.insert(key.join("|"), line);
        }
    }
    accounts
}
