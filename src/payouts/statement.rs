//! The statement: its figures, and the one text that is hashed and signed.

use serde::Deserialize;
use serde::Serialize;

use super::csv;
use super::signed::Signable;
use super::year::moved;

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
    /// [`Signable::FORMAT`].
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
    /// Adds another film's, or another month's. Sums beyond all money stay at the brink.
    pub fn add(&mut self, other: &Self) {
        let sums = [
            (&mut self.sold, other.sold),
            (&mut self.gross, other.gross),
            (&mut self.tax, other.tax),
            (&mut self.operator_fee, other.operator_fee),
            (&mut self.provider_fee, other.provider_fee),
            (&mut self.refunds, other.refunds),
            (&mut self.disputes, other.disputes),
            (&mut self.dispute_fees, other.dispute_fees),
            (&mut self.exchanged, other.exchanged),
            (&mut self.net, other.net),
            (&mut self.shares, other.shares),
        ];
        for (sum, more) in sums {
            *sum = sum.saturating_add(more);
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the parts are the whole.
    pub(super) fn adds_up(&self) -> bool {
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
    /// An amount of it as a plain number with the decimals of the currency.
    pub fn number_of(&self, minor: i64) -> String {
        number_of(minor, self.decimals)
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

impl Signable for Statement {
    const FORMAT: &'static str = "matinee-statement-1";
    const LABEL: &'static str = "matinee/statement/v1";

    fn format(&self) -> &str {
        &self.format
    }

    fn is_draft(&self) -> bool {
        self.draft
    }

    fn fault(&self) -> Option<String> {
        if let Some(fault) = decimals_fault(self.decimals) {
            return Some(fault);
        }
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
        let owed = (self.shares.iter()).fold(0_i64, |sum, line| sum.saturating_add(line.amount));
        if self.participant.is_none() && owed != self.total.shares {
            return Some("the shares are not what the films owe".to_owned());
        }
        let moved = moved(&self.total, self.participant.is_some());
        (self.opening.checked_add(moved) != Some(self.closing))
            .then(|| "opening and movements do not make the closing balance".to_owned())
    }

    fn table(&self) -> String {
        csv::of_month(self)
    }
}

/// No currency has so many decimals.
const MOST_DECIMALS: u32 = 8;

/// What is wrong with the decimals that a file names.
pub(super) fn decimals_fault(decimals: u32) -> Option<String> {
    (decimals > MOST_DECIMALS).then(|| format!("no currency has {decimals} decimals"))
}

/// An amount as a plain number with so many decimals.
pub(super) fn number_of(minor: i64, decimals: u32) -> String {
    let scale = 10_u64.pow(decimals.min(MOST_DECIMALS));
    let sign = if minor < 0 { "-" } else { "" };
    let (whole, part) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
    match decimals {
        0 => format!("{sign}{whole}"),
        width => format!(
            "{sign}{whole}.{part:0width$}",
            width = width.min(MOST_DECIMALS) as usize
        ),
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
            format: Statement::FORMAT.to_owned(),
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
