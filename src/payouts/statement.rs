//! The statement: its figures, and the one text that is hashed and signed.

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::kernel::Currency;
use crate::kernel::Money;

/// Names the format of the text; another meaning gets another name.
pub const FORMAT: &str = "matinee-statement-1";
/// What the first statement of a studio holds as the digest of the one before it.
pub const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An id and the name that belonged to it at the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A month's sums, in minor units. `net = gross - tax - operator_fee - provider_fee - refunds -
/// disputes - dispute_fees - exchanged`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Paid orders.
    pub sold: i64,
    /// What buyers paid.
    pub gross: i64,
    /// Owed to tax offices, less what refunds took back.
    pub tax: i64,
    /// Kept by the operator of the store, less what refunds took back.
    pub operator_fee: i64,
    /// Kept by the payment provider.
    pub provider_fee: i64,
    /// Given back to buyers.
    pub refunds: i64,
    /// Taken by banks, less what they gave back.
    pub disputes: i64,
    /// What the provider took for disputes.
    pub dispute_fees: i64,
    /// What the provider changed into the currency of the account, less what it changed into this.
    pub exchanged: i64,
    /// What is left to the studio and those who share.
    pub net: i64,
    /// Of it, what is owed to participants; in a participant's statement, to this one.
    pub shares: i64,
}

/// The sums of one film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilmLine {
    /// The film.
    pub film: Named,
    /// Its sums.
    pub figures: Figures,
}

/// What one participant gets of one film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareLine {
    /// The film.
    pub film: Named,
    /// Who.
    pub participant: Named,
    /// How much, in minor units.
    pub amount: i64,
}

/// A statement of account for a month and a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// [`FORMAT`].
    pub format: String,
    /// The address of the store.
    pub store: String,
    /// Whose films.
    pub studio: Named,
    /// Whose account, if not the studio's own.
    pub participant: Option<Named>,
    /// The month, `2026-10`.
    pub month: String,
    /// The currency's code.
    pub currency: String,
    /// Its decimals: amounts are in units of ten to the minus so much.
    pub decimals: u32,
    /// Whether the month is not over; drafts have no number and no signature.
    pub draft: bool,
    /// Counts the statements of the studio.
    pub number: i64,
    /// The digest of the statement before this one.
    pub previous: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// What was on the account before the month.
    pub opening: i64,
    /// The films with anything to say.
    pub films: Vec<FilmLine>,
    /// The sums over all films.
    pub total: Figures,
    /// Who gets what; empty in a participant's statement.
    pub shares: Vec<ShareLine>,
    /// What is on the account after it.
    pub closing: i64,
}

impl Figures {
    /// Adds another film's.
    pub fn add(&mut self, other: &Self) {
        self.sold += other.sold;
        self.gross += other.gross;
        self.tax += other.tax;
        self.operator_fee += other.operator_fee;
        self.provider_fee += other.provider_fee;
        self.refunds += other.refunds;
        self.disputes += other.disputes;
        self.dispute_fees += other.dispute_fees;
        self.exchanged += other.exchanged;
        self.net += other.net;
        self.shares += other.shares;
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn adds_up(&self) -> bool {
        let parts = [
            self.tax,
            self.operator_fee,
            self.provider_fee,
            self.refunds,
            self.disputes,
            self.dispute_fees,
            self.exchanged,
            self.net,
        ];
        let sum: i128 = parts.iter().map(|part| i128::from(*part)).sum();
        sum == i128::from(self.gross)
    }
}

impl Statement {
    /// The text that is hashed and signed: JSON in one line, fields in the order of the type.
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a statement has nothing that JSON has not")
    }

    /// The SHA-256 of the text, in hex.
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }

    /// What does not add up, in a sentence; nothing in a statement of ours.
    pub fn fault(&self) -> Option<String> {
        let mut total = Figures::default();
        for line in &self.films {
            if !line.figures.adds_up() {
                return Some(format!("the figures of {} do not add up", line.film.name));
            }
            total.add(&line.figures);
        }
        if total != self.total {
            return Some("the total is not the sum of its films".to_owned());
        }
        let owed: i64 = self.shares.iter().map(|line| line.amount).sum();
        let moved = match &self.participant {
            Some(_) => self.total.shares,
            None if owed != self.total.shares => {
                return Some("the shares are not what the films owe".to_owned());
            }
            None => self.total.net - self.total.shares,
        };
        (self.opening + moved != self.closing)
            .then(|| "opening and movements do not make the closing balance".to_owned())
    }

    /// An amount of it with its currency, for people.
    pub fn money(&self, minor: i64) -> Option<Money> {
        let currency = Currency::parse(&self.currency).ok()?;
        Some(Money::new(minor, currency))
    }

    /// An amount of it as a plain number with the decimals of the currency.
    pub fn number_of(&self, minor: i64) -> String {
        let scale = 10_u64.saturating_pow(self.decimals.min(18));
        let sign = if minor < 0 { "-" } else { "" };
        let (whole, part) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
        match self.decimals {
            0 => format!("{sign}{whole}"),
            width => format!("{sign}{whole}.{part:0width$}", width = width as usize),
        }
    }

    /// Whose account it is about.
    pub fn about(&self) -> &Named {
        self.participant.as_ref().unwrap_or(&self.studio)
    }

    /// The name of its file, without the ending.
    pub fn file_name(&self) -> String {
        let kind = if self.draft {
            "draft".to_owned()
        } else {
            format!("{:05}", self.number)
        };
        format!("statement-{}-{}-{kind}", self.month, self.currency)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::payouts) fn sample() -> Statement {
        let named = |id: &str, name: &str| Named {
            id: id.to_owned(),
            name: name.to_owned(),
        };
        let figures = Figures {
            sold: 2,
            gross: 2_000,
            tax: 200,
            operator_fee: 90,
            provider_fee: 110,
            refunds: 500,
            disputes: 0,
            dispute_fees: 0,
            exchanged: 0,
            net: 1_100,
            shares: 400,
        };
        Statement {
            format: FORMAT.to_owned(),
            store: "https://films.example".to_owned(),
            studio: named("studio_1", "Lantern, \"Reel\" & Sons"),
            participant: None,
            month: "2026-10".to_owned(),
            currency: "USD".to_owned(),
            decimals: 2,
            draft: false,
            number: 7,
            previous: NO_DIGEST.to_owned(),
            made_at: "2026-11-01T01:00:00Z".to_owned(),
            opening: -100,
            films: vec![FilmLine {
                film: named("title_1", "Small Hours"),
                figures,
            }],
            total: figures,
            shares: vec![ShareLine {
                film: named("title_1", "Small Hours"),
                participant: named("participant_1", "Zoë"),
                amount: 400,
            }],
            closing: 600,
        }
    }

    #[test]
    fn a_statement_of_ours_adds_up_and_reads_back() {
        let statement = sample();
        assert_eq!(statement.fault(), None);
        let read: Statement = serde_json::from_str(&statement.text()).unwrap();
        assert_eq!(read, statement);
        assert_eq!(statement.number_of(-5), "-0.05");
    }

    #[test]
    fn sums_that_do_not_fit_are_told() {
        let with = |change: fn(&mut Statement)| {
            let mut statement = sample();
            change(&mut statement);
            statement.fault().unwrap()
        };
        assert!(with(|s| s.films[0].figures.tax += 1).contains("Small Hours"));
        assert!(with(|s| s.total.sold += 1).contains("total"));
        assert!(with(|s| s.shares[0].amount += 1).contains("shares"));
        assert!(with(|s| s.closing += 1).contains("closing"));
    }
}
