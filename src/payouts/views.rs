//! What the pages of this slice show.

use std::collections::BTreeMap;

use askama::Template;
use askama_web::WebTemplate;

use super::form::FirstField;
use super::form::ShareField;
use super::form::SplitFields;
use super::form::party_value;
use super::form::percent;
use super::model::Participant;
use super::model::Party;
use super::model::Split;
use super::read::Found;
use super::read::ListsOfParticipant;
use super::read::ListsOfStudio;
use super::read::year_address;
use super::sheet::Grid;
use super::sheet::Sheet;
use super::sheet::month_name;
use super::split::Known;
use super::store::Listed;
use super::store::ListedYear;
use crate::catalog::Title;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

/// One split in the list of all.
pub(super) struct SplitLine {
    pub(super) from: Time,
    /// `5 000 USD to Zoë`, in order.
    pub(super) firsts: Vec<(String, String)>,
    /// Who, and how many percent.
    pub(super) shares: Vec<(String, String)>,
}

#[derive(Template, WebTemplate)]
#[template(path = "payouts/splits.html")]
pub(super) struct Splits {
    pub(super) page: Page,
    pub(super) slug: String,
    pub(super) title_name: String,
    pub(super) errors: FormErrors,
    pub(super) shares: Vec<ShareField>,
    pub(super) firsts: Vec<FirstField>,
    pub(super) from: String,
    /// What the form calls each participant, and the name.
    pub(super) parties: Vec<(String, String)>,
    /// The newest first.
    pub(super) splits: Vec<SplitLine>,
}

impl Splits {
    pub(super) fn new(
        page: Page,
        title: &Title,
        known: &Known,
        errors: FormErrors,
        fields: SplitFields,
    ) -> Self {
        let parties: Vec<(String, String)> = known
            .participants
            .iter()
            .map(|who| {
                (
                    party_value(Party::Participant(who.id)),
                    who.name.to_string(),
                )
            })
            .collect();
        let fields = fields.with_blanks();
        let splits = known.splits.iter().rev();
        let splits = splits
            .map(|split| line_of(&page, split, &known.participants))
            .collect();
        Self {
            page,
            slug: title.slug.to_string(),
            title_name: title.name().to_owned(),
            errors,
            shares: fields.shares,
            firsts: fields.firsts,
            from: fields.from,
            parties,
            splits,
        }
    }
}

fn line_of(page: &Page, split: &Split, participants: &[Participant]) -> SplitLine {
    let names: BTreeMap<_, _> = participants
        .iter()
        .map(|who| (Party::Participant(who.id), who.name.to_string()))
        .collect();
    let name = |party: Party| {
        let known = names.get(&party).cloned();
        known.unwrap_or_else(|| page.t("splits-the-studio").to_owned())
    };
    SplitLine {
        from: split.valid_from,
        firsts: split
            .firsts
            .iter()
            .map(|first| (name(first.party), page.price(&first.amount)))
            .collect(),
        shares: split
            .shares
            .iter()
            .map(|share| (name(share.party), percent(share.points)))
            .collect(),
    }
}

/// One statement in a list.
pub(super) struct StatementLine {
    pub(super) id: String,
    pub(super) month: String,
    pub(super) currency: String,
    pub(super) number: i64,
    /// Whose account; empty for the studio's own.
    pub(super) about: String,
}

impl StatementLine {
    fn new(page: &Page, line: &Listed, about: String) -> Self {
        Self {
            id: line.id.to_string(),
            month: month_name(&page.words, &line.month.to_string()),
            currency: line.currency.clone(),
            number: line.number,
            about,
        }
    }
}

/// One year in a list.
pub(super) struct YearLine {
    /// What comes after the address of the list.
    pub(super) address: String,
    pub(super) year: String,
    pub(super) currency: String,
    /// Whose account; empty for the studio's own.
    pub(super) about: String,
    /// Whether December is not closed.
    pub(super) is_draft: bool,
}

impl YearLine {
    fn new(line: &ListedYear, of: Option<ParticipantId>, about: String) -> Self {
        Self {
            address: year_address(&line.year, &line.currency, of),
            year: line.year.clone(),
            currency: line.currency.clone(),
            about,
            is_draft: !line.newest.ends_with("-12"),
        }
    }
}

/// One participant in the list of a studio.
pub(super) struct ParticipantLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "payouts/of_studio.html")]
pub(super) struct OfStudio {
    pub(super) page: Page,
    pub(super) statements: Vec<StatementLine>,
    pub(super) years: Vec<YearLine>,
    pub(super) drafts: Vec<String>,
    pub(super) participants: Vec<ParticipantLine>,
    pub(super) errors: FormErrors,
    pub(super) typed_name: String,
    pub(super) typed_email: String,
}

impl OfStudio {
    pub(super) fn new(
        page: Page,
        lists: ListsOfStudio,
        errors: FormErrors,
        (typed_name, typed_email): (String, String),
    ) -> Self {
        let statements = lists.statements.into_iter();
        let statements = statements
            .map(|(line, about)| StatementLine::new(&page, &line, about))
            .collect();
        let years = lists.years.into_iter();
        let participants = lists.participants.into_iter().map(|who| ParticipantLine {
            id: who.id.to_string(),
            name: who.name.to_string(),
            email: who.email.to_string(),
        });
        Self {
            page,
            statements,
            years: years
                .map(|(line, about)| YearLine::new(&line, line.participant, about))
                .collect(),
            drafts: lists.drafts,
            participants: participants.collect(),
            errors,
            typed_name,
            typed_email,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "payouts/of_participant.html")]
pub(super) struct OfParticipant {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) statements: Vec<StatementLine>,
    pub(super) years: Vec<YearLine>,
    pub(super) drafts: Vec<String>,
    /// Film and percent.
    pub(super) shares: Vec<(String, String)>,
}

impl OfParticipant {
    pub(super) fn new(page: Page, participant: &Participant, lists: ListsOfParticipant) -> Self {
        let statements = lists.statements.iter();
        let statements = statements
            .map(|line| StatementLine::new(&page, line, String::new()))
            .collect();
        let years = lists.years.iter();
        let shares = lists.shares.into_iter();
        Self {
            page,
            name: participant.name.to_string(),
            statements,
            years: years
                .map(|line| YearLine::new(line, None, String::new()))
                .collect(),
            drafts: lists.drafts,
            shares: shares
                .map(|(film, share)| (film, percent(share.points)))
                .collect(),
        }
    }
}

/// A statement as a page; the same for studios and participants, months and years.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/statement.html")]
pub(super) struct Show {
    pub(super) page: Page,
    pub(super) title: String,
    pub(super) period: String,
    /// What a draft says of itself.
    pub(super) draft: Option<&'static str>,
    pub(super) about: String,
    /// The studio of a participant, or the store of a studio, with its label.
    pub(super) beside: (&'static str, String),
    /// A month's number; years have none.
    pub(super) number: Option<i64>,
    pub(super) currency: String,
    pub(super) made_at: Time,
    /// Where its list is, and where its files are.
    pub(super) back: &'static str,
    pub(super) address: String,
    pub(super) steps: Vec<(String, String)>,
    pub(super) closing: String,
    /// A year's months, with what comes after the address of the list.
    pub(super) months: Option<(Grid, Vec<String>)>,
    pub(super) films: Option<Grid>,
    /// Film, participant, amount.
    pub(super) shares: Vec<(String, String, String)>,
    pub(super) shares_total: String,
    pub(super) digest: String,
    /// The digest of the statement before; years have none.
    pub(super) previous: Option<String>,
}

impl Show {
    pub(super) fn new(page: Page, found: &Found) -> Self {
        let sheet = &found.sheet;
        let (words, parts) = (&page.words, sheet.parts());
        let back = if page.path.starts_with("/studio") {
            "/studio/statements"
        } else {
            "/statements"
        };
        let title = words
            .say("statement-title")
            .with("month", sheet.name(words));
        let (number, previous) = match sheet {
            Sheet::Month(month) => (Some(month.number), Some(month.previous.clone())),
            Sheet::Year(_) => (None, None),
        };
        let steps = sheet.steps(words).into_iter();
        let shares = parts.shares.iter().map(|line| {
            let (film, who) = (line.film.name.clone(), line.participant.name.clone());
            (film, who, parts.amount(words, line.amount))
        });
        let links = found.months.iter().map(ToString::to_string).collect();
        Self {
            title: title.to_string(),
            period: sheet.period(words),
            draft: parts.is_draft.then(|| sheet.draft_mark()),
            about: parts.about().name.clone(),
            beside: (parts.beside().0, parts.beside().1.to_owned()),
            number: number.filter(|_| !parts.is_draft),
            currency: parts.currency.to_owned(),
            made_at: found.made_at,
            back,
            address: format!("{back}/{}", found.address),
            steps: steps
                .map(|(step, amount)| (step.to_owned(), amount))
                .collect(),
            closing: parts.amount(words, parts.closing),
            months: sheet.months(words).map(|grid| (grid, links)),
            films: sheet.films(words),
            shares: shares.collect(),
            shares_total: parts.amount(words, parts.total.shares),
            digest: sheet.digest(),
            previous,
            page,
        }
    }
}

/// The page that mails a new link.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/ask.html")]
pub(super) struct Ask {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) email: String,
    pub(super) sent: bool,
}

impl Ask {
    pub(super) fn new(page: Page, errors: FormErrors, email: String, sent: bool) -> Self {
        Self {
            page,
            errors,
            email,
            sent,
        }
    }
}

/// The address of somebody who shares, to change it.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/participant.html")]
pub(super) struct ShowParticipant {
    page: Page,
    id: String,
    name: String,
    errors: FormErrors,
    email: String,
}

impl ShowParticipant {
    pub(super) fn new(
        page: Page,
        participant: &Participant,
        errors: FormErrors,
        email: String,
    ) -> Self {
        Self {
            page,
            id: participant.id.to_string(),
            name: participant.name.to_string(),
            errors,
            email,
        }
    }
}

/// A link from a mail, opened; the button uses it up.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/enter.html")]
pub(super) struct Enter {
    pub(super) page: Page,
    pub(super) token: String,
}

/// A link that was used, or is too old.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/link_over.html")]
pub(super) struct LinkOver {
    pub(super) page: Page,
}
