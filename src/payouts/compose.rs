//! Compose: from sums of the books and the splits of films to the statements of a month; pure.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::model::Party;
use super::model::Split;
use super::model::divided;
use super::month::Month;
use super::signed::Signable as _;
use super::statement::Figures;
use super::statement::FilmLine;
use super::statement::NO_DIGEST;
use super::statement::Named;
use super::statement::ShareLine;
use super::statement::Statement;
use crate::kernel::Currency;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::TitleId;
use crate::ledger::Movement;
use crate::ledger::Purpose;

/// Everything that the statements of a studio's month follow from.
pub(super) struct Facts {
    pub(super) store: String,
    pub(super) studio: Named,
    pub(super) month: Month,
    pub(super) made_at: Time,
    pub(super) movements: Vec<Movement>,
    pub(super) splits: BTreeMap<TitleId, Vec<Split>>,
    pub(super) titles: BTreeMap<TitleId, String>,
    pub(super) participants: BTreeMap<ParticipantId, String>,
}

/// What one film did in one currency.
#[derive(Default)]
struct Film {
    figures: Figures,
    /// The same by the era of the sales.
    by_era: BTreeMap<i64, Figures>,
    /// What sales of each era have brought before the month, and until its end.
    before: BTreeMap<i64, i64>,
    after: BTreeMap<i64, i64>,
    /// What each party had before the month, and has at its end.
    had: BTreeMap<Party, i64>,
    has: BTreeMap<Party, i64>,
}

/// What is owed to participants for one film of a closed month.
pub(super) struct Owed {
    pub(super) title: TitleId,
    pub(super) currency: Currency,
    pub(super) minor: i64,
}

/// A month of a studio: its statements as drafts, and what the books post for them.
pub(super) struct Composed {
    /// By currency; the studio's own first, then participants by age.
    pub(super) statements: Vec<(Party, Statement)>,
    pub(super) owed: Vec<Owed>,
}

type Films = BTreeMap<TitleId, Film>;

pub(super) fn compose(facts: &Facts) -> Composed {
    let mut composed = Composed {
        statements: Vec::new(),
        owed: Vec::new(),
    };
    for (code, (currency, films)) in films_by_currency(facts) {
        debug_assert_eq!(code, currency.code());
        composed
            .statements
            .push((Party::Studio, of_studio(facts, currency, &films)));
        let parties: BTreeSet<Party> = films
            .values()
            .flat_map(|film| film.has.keys())
            .copied()
            .collect();
        for party in parties {
            if let Party::Participant(id) = party {
                composed
                    .statements
                    .push((party, of_participant(facts, currency, &films, id)));
            }
        }
        let owed = films.iter().map(|(title, film)| Owed {
            title: *title,
            currency,
            minor: film.figures.shares,
        });
        composed.owed.extend(owed.filter(|owed| owed.minor != 0));
    }
    composed
}

fn films_by_currency(facts: &Facts) -> BTreeMap<&'static str, (Currency, Films)> {
    let mut all: BTreeMap<&'static str, (Currency, Films)> = BTreeMap::new();
    for movement in &facts.movements {
        let currency = movement.amount.currency();
        let (_, films) = all
            .entry(currency.code())
            .or_insert_with(|| (currency, Films::new()));
        films.entry(movement.title).or_default().take_in(movement);
    }
    for (currency, films) in all.values_mut() {
        for (title, film) in films.iter_mut() {
            let splits = facts.splits.get(title).map_or(&[][..], Vec::as_slice);
            film.divide(splits, *currency);
        }
    }
    all
}

impl Film {
    fn take_in(&mut self, movement: &Movement) {
        let minor = movement.amount.minor();
        for (purpose, minor) in [(movement.from, -minor), (movement.to, minor)] {
            if purpose == Purpose::StudioNet {
                *self.after.entry(movement.era).or_default() += minor;
                if !movement.inside {
                    *self.before.entry(movement.era).or_default() += minor;
                }
            }
        }
        if movement.inside {
            let era = self.by_era.entry(movement.era).or_default();
            for figures in [&mut self.figures, era] {
                figures.take_in(movement.from, -minor);
                figures.take_in(movement.to, minor);
                if movement.from == Purpose::Customer {
                    figures.sold += movement.entries;
                }
            }
        }
    }

    /// What the sales came to in which a party shares: those under splits that name it.
    fn figures_of(&self, party: Party, splits: &[Split]) -> Figures {
        let naming = splits.iter().filter(|split| split.names(party));
        let mut sum = Figures::default();
        for figures in naming.filter_map(|split| self.by_era.get(&split.number)) {
            sum.add(figures);
        }
        Figures {
            shares: self.got(party),
            ..sum
        }
    }

    fn divide(&mut self, splits: &[Split], currency: Currency) {
        self.had = divided(splits, &self.before, currency);
        self.has = divided(splits, &self.after, currency);
        self.figures.shares = self
            .has
            .keys()
            .filter(|party| **party != Party::Studio)
            .map(|party| self.got(*party))
            .sum();
    }

    /// What the month brought a party.
    fn got(&self, party: Party) -> i64 {
        let of = |parts: &BTreeMap<Party, i64>| parts.get(&party).copied().unwrap_or(0);
        of(&self.has) - of(&self.had)
    }
}

impl Figures {
    /// Customers' money is negative in the books and gross here; the account gross ends at zero.
    fn take_in(&mut self, purpose: Purpose, minor: i64) {
        match purpose {
            Purpose::Customer => self.gross -= minor,
            Purpose::Gross | Purpose::Participant => {}
            Purpose::Tax => self.tax += minor,
            Purpose::ProviderFee => self.provider_fee += minor,
            Purpose::OperatorFee => self.operator_fee += minor,
            Purpose::StudioNet => self.net += minor,
            Purpose::Refunds => self.refunds += minor,
            Purpose::Disputes => self.disputes += minor,
            Purpose::DisputeFees => self.dispute_fees += minor,
            Purpose::Exchange => self.exchanged += minor,
        }
    }
}

fn of_studio(facts: &Facts, currency: Currency, films: &Films) -> Statement {
    let mut statement = blank(facts, currency, None);
    for (title, film) in films {
        let named = facts.title(*title);
        statement.opening += film.had.get(&Party::Studio).copied().unwrap_or(0);
        statement.closing += film.has.get(&Party::Studio).copied().unwrap_or(0);
        for party in film.has.keys() {
            let Party::Participant(id) = party else {
                continue;
            };
            let amount = film.got(*party);
            if amount != 0 {
                statement.shares.push(ShareLine {
                    film: named.clone(),
                    participant: facts.participant(*id),
                    amount,
                });
            }
        }
        push(&mut statement, named, film.figures);
    }
    statement
}

fn of_participant(
    facts: &Facts,
    currency: Currency,
    films: &Films,
    id: ParticipantId,
) -> Statement {
    let party = Party::Participant(id);
    let mut statement = blank(facts, currency, Some(facts.participant(id)));
    for (title, film) in films
        .iter()
        .filter(|(_, film)| film.has.contains_key(&party))
    {
        statement.opening += film.had.get(&party).copied().unwrap_or(0);
        statement.closing += film.has.get(&party).copied().unwrap_or(0);
        let splits = facts.splits.get(title).map_or(&[][..], Vec::as_slice);
        push(
            &mut statement,
            facts.title(*title),
            film.figures_of(party, splits),
        );
    }
    statement
}

fn push(statement: &mut Statement, film: Named, figures: Figures) {
    if figures.is_empty() {
        return;
    }
    statement.total.add(&figures);
    statement.films.push(FilmLine { film, figures });
}

fn blank(facts: &Facts, currency: Currency, participant: Option<Named>) -> Statement {
    Statement {
        format: Statement::FORMAT.to_owned(),
        store: facts.store.clone(),
        studio: facts.studio.clone(),
        participant,
        month: facts.month.to_string(),
        currency: currency.code().to_owned(),
        decimals: currency.exponent(),
        draft: true,
        number: 0,
        previous: NO_DIGEST.to_owned(),
        made_at: facts.made_at.rfc3339(),
        opening: 0,
        films: Vec::new(),
        total: Figures::default(),
        shares: Vec::new(),
        closing: 0,
    }
}

impl Facts {
    fn title(&self, id: TitleId) -> Named {
        let name = self.titles.get(&id).cloned();
        Named {
            id: id.to_string(),
            name: name.unwrap_or_else(|| id.to_string()),
        }
    }

    fn participant(&self, id: ParticipantId) -> Named {
        let name = self.participants.get(&id).cloned();
        Named {
            id: id.to_string(),
            name: name.unwrap_or_else(|| id.to_string()),
        }
    }
}
