//! What the page of an order shows, and its three deeds: refund, evidence to read, evidence to hand in.

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use serde::Deserialize;

use crate::checkout;
use crate::checkout::AskedBy;
use crate::checkout::DisputeLine;
use crate::checkout::Order;
use crate::checkout::OrderState;
use crate::checkout::RefundLine;
use crate::invoices;
use crate::invoices::Issued;
use crate::invoices::Link;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::ledger;
use crate::ledger::Posting;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Who sold.
    Studio,
    /// Who runs the store; sees the books and the messages, too.
    Operator,
}

impl Role {
    const fn asked_by(self) -> AskedBy {
        match self {
            Self::Studio => AskedBy::Studio,
            Self::Operator => AskedBy::Operator,
        }
    }

    const fn base(self) -> &'static str {
        match self {
            Self::Studio => "/studio/orders",
            Self::Operator => "/operator/orders",
        }
    }
}

/// An order and what happened to it.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The order.
    pub order: Order,
    /// What was paid and neither went back nor is contested.
    pub left: Money,
    /// Money that went back, or is asked for.
    pub refunds: Vec<RefundLine>,
    /// Objections of the buyer's bank.
    pub disputes: Vec<DisputeLine>,
    /// Its lines in the books; for the operator.
    pub postings: Vec<Posting>,
    /// Messages of Stripe's that were noted, by kind and time; for the operator.
    pub events: Vec<(String, Time)>,
    /// Its invoice and credit notes.
    pub documents: Vec<Issued>,
    /// What is wrong with the form.
    pub errors: FormErrors,
    /// The amount as it was typed.
    pub amount: String,
    role: Role,
    now: Time,
}

/// The form of a refund.
#[derive(Deserialize)]
pub struct RefundFields {
    #[serde(default)]
    amount: String,
}

/// The button beside a dispute.
#[derive(Deserialize)]
pub struct EvidenceFields {
    #[serde(default)]
    dispute: String,
}

impl Desk {
    /// Reads everything about an order.
    pub async fn of(state: &AppState, order: Order, role: Role) -> AppResult<Self> {
        let mut conn = state.db.read().await?;
        let (postings, events) = match role {
            Role::Studio => (Vec::new(), Vec::new()),
            Role::Operator => (
                ledger::postings_of_order(&mut conn, order.id).await?,
                checkout::events_of_order(&mut conn, order.id).await?,
            ),
        };
        Ok(Self {
            refunds: checkout::refund_lines(&mut conn, order.id).await?,
            disputes: checkout::dispute_lines(&mut conn, order.id).await?,
            documents: invoices::documents_of_order(&mut conn, order.id).await?,
            postings,
            events,
            errors: FormErrors::new(),
            left: order.left(),
            amount: order.left().number(),
            role,
            now: state.now(),
            order,
        })
    }

    /// Where its forms go.
    pub fn path(&self) -> String {
        format!("{}/{}", self.role.base(), self.order.id)
    }

    /// Links to its documents for its studio; the operator reads their numbers only.
    pub fn links(&self, page: &Page) -> Vec<Link> {
        invoices::links_for_studio(&page.words, &self.documents)
    }

    /// Whether it is for a studio to issue an invoice.
    pub fn can_invoice(&self) -> bool {
        self.role == Role::Studio
            && self.order.state == OrderState::Paid
            && self.documents.is_empty()
    }

    /// Whether who looks may open the documents.
    pub fn opens_documents(&self) -> bool {
        self.role == Role::Studio
    }

    /// The proofs of the buyer's place: what proves, and which country.
    pub fn proofs(&self, page: &Page) -> Vec<(&'static str, String)> {
        let places = &self.order.places;
        let proofs = [
            ("desk-place-billing", &places.billing),
            ("desk-place-card", &places.card),
            ("desk-place-network", &places.network),
        ];
        let named = |(key, code): (&'static str, &Option<String>)| {
            Some((key, page.words.country(code.as_deref()?)))
        };
        proofs.into_iter().filter_map(named).collect()
    }

    /// The country that two proofs agree on.
    pub fn place(&self, page: &Page) -> Option<String> {
        let code = self.order.places.agreed()?;
        Some(page.words.country(code))
    }

    /// Whether the form of a refund is worth showing.
    pub fn can_refund(&self) -> bool {
        self.order.paid_at.is_some() && !self.order.is_contested() && self.order.left().minor() > 0
    }

    /// Whether evidence about a dispute can be handed in.
    pub fn wants_evidence(&self, dispute: &DisputeLine) -> bool {
        dispute.wants_evidence(self.now)
    }

    /// The key of the words for where the order stands.
    pub fn state_words(&self) -> &'static str {
        order_words(&self.order)
    }

    /// The key of the words for where a refund stands.
    pub fn refund_words(&self, refund: &RefundLine) -> &'static str {
        checkout::refund_words(refund.state)
    }

    /// The key of the words for who asked for a refund.
    pub fn asker_words(&self, refund: &RefundLine) -> &'static str {
        match refund.by {
            AskedBy::Viewer => "desk-by-viewer",
            AskedBy::Studio => "desk-by-studio",
            AskedBy::Store => "desk-by-store",
            AskedBy::Operator => "desk-by-operator",
            AskedBy::Provider => "desk-by-provider",
        }
    }

    /// The key of the words for where a dispute stands.
    pub fn dispute_words(&self, dispute: &DisputeLine) -> &'static str {
        checkout::dispute_words(dispute.state)
    }
}

/// The key of the words for where an order stands.
pub fn order_words(order: &Order) -> &'static str {
    match order.state {
        OrderState::Open => "desk-open",
        OrderState::Pending => "desk-pending",
        OrderState::Paid if order.withheld > 0 => "desk-contested",
        OrderState::Paid if order.lost > 0 => "desk-lost",
        OrderState::Paid if order.returned_at.is_some() => "desk-returned",
        OrderState::Paid if order.refunded > 0 => "desk-part-returned",
        OrderState::Paid => "desk-paid",
        OrderState::Surplus => "desk-surplus",
        OrderState::Expired => "desk-expired",
        OrderState::Failed => "desk-failed",
    }
}

/// Sends money back; refused, the desk says why.
pub async fn send_back(
    state: &AppState,
    order: Order,
    role: Role,
    fields: RefundFields,
) -> AppResult<Result<Redirect, Desk>> {
    let asked = checkout::refund(state, order.id, &fields.amount, role.asked_by()).await?;
    let desk = Desk::of(state, order, role).await?;
    Ok(match asked {
        Ok(()) => Ok(Redirect::to(&desk.path())),
        Err(errors) => Err(Desk {
            errors,
            amount: fields.amount,
            ..desk
        }),
    })
}

/// Hands the evidence in; refused, the desk says why.
pub async fn hand_in(
    state: &AppState,
    order: Order,
    role: Role,
    fields: EvidenceFields,
) -> AppResult<Result<Redirect, Desk>> {
    let dispute = fields.dispute.parse().map_err(|_| AppError::NotFound)?;
    let done = checkout::submit_evidence(state, order.id, dispute).await?;
    let desk = Desk::of(state, order, role).await?;
    Ok(match done {
        Ok(()) => Ok(Redirect::to(&desk.path())),
        Err(why) => Err(Desk {
            errors: FormErrors::one("evidence", why),
            ..desk
        }),
    })
}

/// The evidence as a file; there is none about an order that no bank objects to.
pub async fn evidence_file(state: &AppState, order: &Order) -> AppResult<Response> {
    let disputes = checkout::dispute_lines(&mut *state.db.read().await?, order.id).await?;
    if disputes.is_empty() {
        return Err(AppError::NotFound);
    }
    let text = checkout::evidence_text(state, order).await?;
    let name = format!("attachment; filename=\"evidence-{}.txt\"", order.id);
    let name = HeaderValue::from_str(&name).map_err(AppError::internal)?;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((StatusCode::OK, headers, text).into_response())
}
