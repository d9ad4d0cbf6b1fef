//! A look behind the counter, as Stripe's dashboard gives it: every payment, and at a click what
//! a merchant or a bank may do with it; and every connected account.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;

use super::api::ApiError;
use super::disputes::Claim;
use super::holders;
use super::holders::Holder;
use super::pages;
use super::records::Books;
use super::records::Charge;
use super::records::ChargeState;
use super::records::DisputeState;
use super::records::RefundState;
use super::refunds::Wanted;
use super::shared::Shared;
use super::till::Till;

/// Payments shown at most, the newest.
const SHOWN: usize = 100;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/dashboard", get(show))
        .route("/dashboard/{charge}", post(act))
        .route("/dashboard/accounts/{account}", post(holders::act))
}

#[derive(Template)]
#[template(path = "stripe_sandbox/dashboard.html")]
struct DashboardPage {
    payments: Vec<Payment>,
    accounts: Vec<Holder>,
    message: Option<String>,
}

struct Payment {
    charge: String,
    name: String,
    email: Option<String>,
    account: Option<String>,
    paid: String,
    /// What became of it, a sentence each.
    story: Vec<String>,
    can_refund: bool,
    can_fail_refund: bool,
    can_dispute: bool,
    is_inquiry: bool,
    is_disputed: bool,
}

async fn show(State(shared): State<Arc<Shared>>) -> Response {
    page(&shared, StatusCode::OK, None)
}

fn page(shared: &Arc<Shared>, status: StatusCode, message: Option<String>) -> Response {
    let (payments, accounts) = shared.change(|till| (payments(till), holders::all(till)));
    let page = DashboardPage {
        payments,
        accounts,
        message,
    };
    pages::html(status, &page, "")
}

fn payments(till: &Till<'_>) -> Vec<Payment> {
    let charges = till.books.charges.values();
    let mut charges: Vec<&Charge> = charges
        .filter(|charge| charge.status == ChargeState::Succeeded)
        .collect();
    charges.sort_by_key(|charge| {
        let session = till.books.session_of_charge(charge);
        std::cmp::Reverse((charge.created, session.map(|session| session.made)))
    });
    let newest = charges.into_iter().take(SHOWN);
    newest.filter_map(|charge| payment(till, charge)).collect()
}

fn payment(till: &Till<'_>, charge: &Charge) -> Option<Payment> {
    let books = &*till.books;
    let session = books.session_of_charge(charge)?;
    let sum = |minor| pages::amount(minor, &session.currency);
    let disputes = books.disputes.values().filter(|d| d.charge == charge.id);
    let statuses: Vec<DisputeState> = disputes.map(|d| d.status).collect();
    let disputed = till.is_disputed(charge);
    let inquiry = statuses
        .iter()
        .any(|s| s.may_become(DisputeState::WarningClosed));
    let left = books.refunded(&charge.id) < session.amount;
    Some(Payment {
        charge: charge.id.clone(),
        name: session.product_name.clone(),
        email: session.customer_email.clone(),
        account: session.account.clone(),
        paid: sum(session.amount),
        story: story(books, charge, &sum),
        can_refund: left && !disputed,
        can_fail_refund: last_refund(books, &charge.id).is_some(),
        can_dispute: left && !disputed && !inquiry,
        is_inquiry: inquiry,
        is_disputed: statuses.iter().any(|s| s.may_become(DisputeState::Won)),
    })
}

fn story(books: &Books, charge: &Charge, sum: &dyn Fn(i64) -> String) -> Vec<String> {
    let refunds = books.refunds.values().filter(|r| r.charge == charge.id);
    let refunds = refunds.map(|r| {
        (
            r.made,
            format!("Refund of {}: {}", sum(r.amount), r.status.word()),
        )
    });
    let disputes = books.disputes.values().filter(|d| d.charge == charge.id);
    let disputes = disputes.map(|d| {
        let status = d.status.word().replace('_', " ");
        (d.made, format!("Dispute over {}: {status}", sum(d.amount)))
    });
    let mut all: Vec<(u64, String)> = refunds.chain(disputes).collect();
    all.sort();
    all.into_iter().map(|(_, line)| line).collect()
}

/// The newest refund that can still fail.
fn last_refund(books: &Books, charge: &str) -> Option<String> {
    let refunds = books.refunds.values();
    let standing = refunds.filter(|r| r.charge == charge && !r.failed());
    standing.max_by_key(|r| r.made).map(|r| r.id.clone())
}

#[derive(Deserialize)]
struct Wish {
    act: Act,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Act {
    RefundAll,
    RefundHalf,
    FailRefund,
    Inquire,
    CloseInquiry,
    Dispute,
    Win,
    Lose,
}

async fn act(
    State(shared): State<Arc<Shared>>,
    Path(charge): Path<String>,
    Form(wish): Form<Wish>,
) -> Response {
    match shared.change(|till| done(till, &charge, wish.act)) {
        Ok(()) => Redirect::to("/dashboard").into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            page(&shared, status, Some(error.message))
        }
    }
}

fn done(till: &mut Till<'_>, charge: &str, act: Act) -> Result<(), ApiError> {
    match act {
        Act::RefundAll => till.refund(charge, Wanted::default()).map(drop),
        Act::RefundHalf => {
            let rest = till.amount_of(charge).unwrap_or_default() - till.books.refunded(charge);
            let wanted = Wanted {
                amount: Some((rest / 2).max(1)),
                ..Wanted::default()
            };
            till.refund(charge, wanted).map(drop)
        }
        Act::FailRefund => {
            let refund = last_refund(till.books, charge);
            let refund = refund.ok_or_else(|| ApiError::missing("refund", charge))?;
            till.end_refund(&refund, RefundState::Failed);
            Ok(())
        }
        Act::Inquire => claim(till, charge, true),
        Act::Dispute => {
            let asked = open(till.books, charge, DisputeState::NeedsResponse);
            match asked {
                Some(id) => decided(till.decide(&id, DisputeState::NeedsResponse)),
                None => claim(till, charge, false),
            }
        }
        Act::CloseInquiry => decide(till, charge, DisputeState::WarningClosed),
        Act::Win => decide(till, charge, DisputeState::Won),
        Act::Lose => decide(till, charge, DisputeState::Lost),
    }
}

fn claim(till: &mut Till<'_>, charge: &str, inquiry: bool) -> Result<(), ApiError> {
    let claim = Claim {
        amount: None,
        reason: "fraudulent".to_owned(),
        inquiry,
    };
    till.dispute(charge, claim).map(drop)
}

fn decide(till: &mut Till<'_>, charge: &str, to: DisputeState) -> Result<(), ApiError> {
    let dispute = open(till.books, charge, to);
    let dispute = dispute.ok_or_else(|| ApiError::missing("dispute", charge))?;
    decided(till.decide(&dispute, to))
}

fn decided(done: bool) -> Result<(), ApiError> {
    done.then_some(())
        .ok_or_else(|| ApiError::state("This was decided before."))
}

/// The dispute of this charge that can still become `to`.
fn open(books: &Books, charge: &str, to: DisputeState) -> Option<String> {
    let mut disputes = books.disputes.values();
    let open = disputes.find(|d| d.charge == charge && d.status.may_become(to));
    open.map(|dispute| dispute.id.clone())
}
