//! The form of a split: what was typed, and what it means.

use super::model::First;
use super::model::Party;
use super::model::Share;
use super::model::Split;
use super::model::SplitFault;
use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::platform::web::FormErrors;

/// Lines for shares, and for what is recouped first, that the form offers beyond those filled in.
const BLANK: usize = 3;
/// More lines than anybody needs are refused before they are read.
const MOST: usize = 200;

/// One line of the shares as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ShareField {
    pub(super) party: String,
    pub(super) percent: String,
}

/// One line of what is recouped first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FirstField {
    pub(super) party: String,
    pub(super) amount: String,
    pub(super) currency: String,
}

/// The whole form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SplitFields {
    pub(super) shares: Vec<ShareField>,
    pub(super) firsts: Vec<FirstField>,
    pub(super) from: String,
}

impl SplitFields {
    /// Reads the pairs of the body; repeated names are lines.
    pub(super) fn read(pairs: &[(String, String)]) -> Self {
        let all = |name: &str| -> Vec<String> {
            let found = pairs.iter().filter(|(key, _)| key == name);
            found
                .map(|(_, value)| value.trim().to_owned())
                .take(MOST)
                .collect()
        };
        let shares = all("party").into_iter().zip(all("share"));
        let firsts = all("first_party").into_iter().zip(all("first_amount"));
        let firsts = firsts.zip(all("first_currency"));
        Self {
            shares: shares
                .map(|(party, percent)| ShareField { party, percent })
                .collect(),
            firsts: firsts
                .map(|((party, amount), currency)| FirstField {
                    party,
                    amount,
                    currency,
                })
                .collect(),
            from: all("from").pop().unwrap_or_default(),
        }
    }

    /// The present split as a form, for changing it.
    pub(super) fn of(split: Option<&Split>) -> Self {
        let share = |share: &Share| ShareField {
            party: party_value(share.party),
            percent: percent(share.points),
        };
        let first = |first: &First| FirstField {
            party: party_value(first.party),
            amount: first.amount.number(),
            currency: first.amount.currency().code().to_owned(),
        };
        let whole = ShareField {
            party: party_value(Party::Studio),
            percent: "100".to_owned(),
        };
        Self {
            shares: split.map_or(vec![whole], |split| {
                split.shares.iter().map(share).collect()
            }),
            firsts: split.map_or(Vec::new(), |split| split.firsts.iter().map(first).collect()),
            from: String::new(),
        }
    }

    /// The same with lines to fill in.
    pub(super) fn with_blanks(mut self) -> Self {
        self.shares.retain(|line| *line != ShareField::default());
        self.firsts
            .retain(|line| !line.amount.is_empty() || !line.party.is_empty());
        for _ in 0..BLANK {
            self.shares.push(ShareField::default());
            self.firsts.push(FirstField::default());
        }
        self
    }

    /// The split that the form means, or what to mend.
    pub(super) fn split(
        &self,
        title: TitleId,
        number: i64,
        known: &[Party],
        now: Time,
    ) -> Result<Split, FormErrors> {
        let mut errors = FormErrors::new();
        let shares = self
            .shares
            .iter()
            .filter(|line| **line != ShareField::default());
        let shares: Vec<Share> = shares
            .filter_map(|line| share(line, known, &mut errors))
            .collect();
        let firsts = self
            .firsts
            .iter()
            .filter(|line| !line.party.is_empty() || !line.amount.is_empty());
        let firsts: Vec<First> = firsts
            .filter_map(|line| first(line, known, &mut errors))
            .collect();
        let valid_from = errors.take("from", moment(&self.from, now));
        let Some(valid_from) = valid_from.filter(|_| errors.is_empty()) else {
            return Err(errors);
        };
        let split = Split {
            title,
            number,
            valid_from,
            firsts,
            shares,
        };
        match split.check(now) {
            Ok(()) => Ok(split),
            Err(fault) => Err(FormErrors::one(field_of(fault), fault)),
        }
    }
}

const fn field_of(fault: SplitFault) -> &'static str {
    match fault {
        SplitFault::Past => "from",
        _ => "share",
    }
}

impl From<SplitFault> for Note {
    fn from(fault: SplitFault) -> Self {
        match fault {
            SplitFault::NotWhole(sum) => {
                let sum = format!("{}.{:02}", sum / 100, sum % 100);
                Self::new("fault-split-not-whole").with("sum", sum)
            }
            SplitFault::Nothing => Self::new("fault-split-nothing"),
            SplitFault::Twice => Self::new("fault-split-twice"),
            SplitFault::Past => Self::new("fault-split-past"),
        }
    }
}

/// What a form calls a party: `studio`, or the participant's id.
pub(super) fn party_value(party: Party) -> String {
    match party {
        Party::Studio => "studio".to_owned(),
        Party::Participant(id) => id.to_string(),
    }
}

fn party(value: &str, known: &[Party]) -> Option<Party> {
    known
        .iter()
        .copied()
        .find(|party| party_value(*party) == value)
}

/// `33.33` for 3,333 basis points.
pub(super) fn percent(points: BasisPoints) -> String {
    let (whole, part) = (points.points() / 100, points.points() % 100);
    match part {
        0 => whole.to_string(),
        part => format!("{whole}.{part:02}")
            .trim_end_matches('0')
            .to_owned(),
    }
}

fn points(text: &str) -> Option<BasisPoints> {
    let text = text.trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    if part.len() > 2
        || whole.len() > 3
        || !format!("{whole}{part}").bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let points: u16 = format!("{whole}{part:0<2}").parse().ok()?;
    BasisPoints::new(points)
}

fn share(line: &ShareField, known: &[Party], errors: &mut FormErrors) -> Option<Share> {
    let found = party(&line.party, known);
    let size = points(&line.percent);
    if found.is_none() {
        errors.add("share", Note::new("fault-split-who"));
    }
    if size.is_none() {
        errors.add("share", Note::new("fault-split-percent"));
    }
    Some(Share {
        party: found?,
        points: size?,
    })
}

fn first(line: &FirstField, known: &[Party], errors: &mut FormErrors) -> Option<First> {
    let found = party(&line.party, known);
    if found.is_none() {
        errors.add("first_amount", Note::new("fault-split-who"));
    }
    let currency = errors.take("first_amount", Currency::parse(&line.currency))?;
    let amount = errors.take("first_amount", Money::parse(&line.amount, currency))?;
    Some(First {
        party: found?,
        amount,
    })
}

/// The first moment of a day in UTC; today and nothing mean now.
fn moment(text: &str, now: Time) -> Result<Time, SplitFault> {
    if text.is_empty() || text == now.date() {
        return Ok(now);
    }
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let day = time::Date::parse(text, format).map_err(|_| SplitFault::Past)?;
    Ok(Time::from_seconds(
        day.midnight().assume_utc().unix_timestamp(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::ParticipantId;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn investor() -> Party {
        Party::Participant(ParticipantId::from_uuid(uuid::Uuid::from_u128(1)))
    }

    fn read(pairs: &[(&str, &str)]) -> Result<Split, FormErrors> {
        let investor = party_value(investor());
        let owned: Vec<(String, String)> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.replace("INVESTOR", &investor)))
            .collect();
        let title = TitleId::from_uuid(uuid::Uuid::nil());
        let known = [Party::Studio, self::investor()];
        SplitFields::read(&owned).split(title, 1, &known, NOW)
    }

    #[test]
    fn a_form_becomes_a_split_and_a_split_a_form() {
        let split = read(&[
            ("party", "studio"),
            ("share", "66.67"),
            ("party", "INVESTOR"),
            ("share", "33,33 %"),
            ("party", ""),
            ("share", ""),
            ("first_party", "INVESTOR"),
            ("first_amount", "1000"),
            ("first_currency", "JPY"),
            ("from", ""),
        ])
        .unwrap();
        assert_eq!(split.valid_from, NOW);
        assert_eq!(split.shares[1].points.points(), 3_333);
        assert_eq!(split.firsts[0].amount.minor(), 1_000);
        let fields = SplitFields::of(Some(&split));
        assert_eq!(fields.shares[0].percent, "66.67");
        assert_eq!(fields.firsts[0].currency, "JPY");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let fault = |pairs: &[(&str, &str)], field: &str| read(pairs).unwrap_err().english(field);
        let half = [("party", "studio"), ("share", "50")];
        assert!(
            fault(&half, "share").contains("50.00"),
            "{}",
            fault(&half, "share")
        );
        assert!(read(&[("party", "stranger"), ("share", "100")]).is_err());
        assert!(read(&[("party", "studio"), ("share", "100.001")]).is_err());
        assert!(read(&[("party", "studio"), ("share", "-1")]).is_err());
        let past = [
            ("party", "studio"),
            ("share", "100"),
            ("from", "2020-01-01"),
        ];
        assert!(!fault(&past, "from").is_empty());
        let first = [
            ("party", "studio"),
            ("share", "100"),
            ("first_party", "INVESTOR"),
            ("first_amount", "1.5"),
            ("first_currency", "JPY"),
        ];
        assert!(!fault(&first, "first_amount").is_empty());
    }
}
