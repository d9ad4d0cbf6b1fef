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
use super::paper;
use super::read::Found;
use super::read::ListsOfParticipant;
use super::read::ListsOfStudio;
use super::split::Known;
use crate::catalog::Title;
use crate::kernel::Time;
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
        let statements = lists
            .statements
            .into_iter()
            .map(|(line, about)| StatementLine {
                id: line.id.to_string(),
                month: line.month.to_string(),
                currency: line.currency,
                number: line.number,
                about,
            });
        let participants = lists.participants.into_iter().map(|who| ParticipantLine {
            id: who.id.to_string(),
            name: who.name.to_string(),
            email: who.email.to_string(),
        });
        Self {
            page,
            statements: statements.collect(),
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
    pub(super) drafts: Vec<String>,
    /// Film and percent.
    pub(super) shares: Vec<(String, String)>,
}

impl OfParticipant {
    pub(super) fn new(page: Page, participant: &Participant, lists: ListsOfParticipant) -> Self {
        let statements = lists.statements.into_iter().map(|line| StatementLine {
            id: line.id.to_string(),
            month: line.month.to_string(),
            currency: line.currency,
            number: line.number,
            about: String::new(),
        });
        let shares = lists.shares.into_iter();
        Self {
            page,
            name: participant.name.to_string(),
            statements: statements.collect(),
            drafts: lists.drafts,
            shares: shares
                .map(|(film, share)| (film, percent(share.points)))
                .collect(),
        }
    }
}

/// One row of the table of films: its name and its cells.
pub(super) type Row = (String, Vec<String>);

/// A statement as a page; the same for studios and participants.
#[derive(Template, WebTemplate)]
#[template(path = "payouts/statement.html")]
pub(super) struct Show {
    pub(super) page: Page,
    pub(super) month: String,
    pub(super) draft: bool,
    pub(super) about: String,
    pub(super) studio: String,
    pub(super) number: i64,
    pub(super) currency: String,
    pub(super) made_at: Time,
    /// Where its list is, and where its files are.
    pub(super) back: &'static str,
    pub(super) address: String,
    pub(super) steps: Vec<(String, String)>,
    pub(super) closing: String,
    pub(super) columns: Vec<String>,
    pub(super) films: Vec<Row>,
    pub(super) total: Vec<String>,
    /// Film, participant, amount.
    pub(super) shares: Vec<(String, String, String)>,
    pub(super) digest: String,
    pub(super) previous: String,
}

impl Show {
    pub(super) fn new(page: Page, found: &Found) -> Self {
        let statement = &found.statement;
        let number = |minor: i64| statement.number_of(minor);
        let shown = paper::shown(statement);
        let cells = |figures| paper::cells(statement, figures, &shown);
        let back = if page.path.starts_with("/studio") {
            "/studio/statements"
        } else {
            "/statements"
        };
        let words = &page.words;
        let steps = paper::steps(words, statement);
        let steps = steps
            .into_iter()
            .map(|(step, minor)| (step.to_owned(), number(minor)));
        let films = statement.films.iter();
        let shares = statement.shares.iter().map(|line| {
            (
                line.film.name.clone(),
                line.participant.name.clone(),
                number(line.amount),
            )
        });
        Self {
            month: paper::month_name(words, statement),
            draft: statement.draft,
            about: statement.about().name.clone(),
            studio: statement.studio.name.clone(),
            number: statement.number,
            currency: statement.currency.clone(),
            made_at: found.made_at,
            back,
            address: format!("{back}/{}", found.address),
            steps: steps.collect(),
            closing: number(statement.closing),
            columns: shown
                .iter()
                .map(|at| words.t(paper::COLUMNS[*at]).to_owned())
                .collect(),
            films: films
                .map(|line| (line.film.name.clone(), cells(&line.figures)))
                .collect(),
            total: cells(&statement.total),
            shares: shares.collect(),
            digest: statement.digest(),
            previous: statement.previous.clone(),
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
