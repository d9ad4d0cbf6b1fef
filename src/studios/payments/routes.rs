//! The page on which a studio sees how it gets paid, and the way to Stripe and back.

use std::time::Duration;

use axum::Form;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_http::timeout::TimeoutLayer;

use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::limits::Limit;
use crate::platform::web::Page;
use crate::studios::extract::StudioMember;

use super::model::Standing;
use super::onboard::onboard;
use super::refresh::refresh_account;
use super::store;
use super::views::ShowPayments;

/// Long enough for Stripe to be tried three times.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Each is a question to Stripe, which counts them too.
const ASKED: Limit = Limit {
    name: "payments",
    most: 60,
    window: Duration::from_secs(3600),
};
const PAGE: &str = "/studio/payments";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/studio/payments", get(show))
        .route("/studio/payments/connect", post(connect))
        .route("/studio/payments/check", post(come_back))
        .route("/studio/payments/tax", post(set_tax))
        .route("/studio/payments/return", get(come_back))
        .route("/studio/payments/refresh", get(go_again))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
) -> AppResult<ShowPayments> {
    member.person()?;
    let mut conn = state.db.read().await?;
    let account = store::account_of_studio(&mut conn, member.studio().id).await?;
    let collects_tax = store::collects_tax(&mut conn, member.studio().id).await?;
    let config = &state.config;
    Ok(ShowPayments::new(
        page,
        &member,
        config,
        account,
        collects_tax,
    ))
}

/// Counted whatever comes of it, in a transaction of its own.
async fn count_try(state: &AppState, member: &StudioMember) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    let studio = member.studio().id.to_string();
    let counted = ASKED.count(&mut tx, &studio, state.now()).await;
    tx.commit().await?;
    counted
}

/// Leads the owner to Stripe's questions.
async fn connect(State(state): State<AppState>, member: StudioMember) -> AppResult<Redirect> {
    let owner = member.owner()?;
    count_try(&state, &member).await?;
    let questions = onboard(&state, member.studio().id, owner.email()).await?;
    Ok(Redirect::to(&questions))
}

/// A box that is not ticked is not sent.
#[derive(Debug, Deserialize)]
struct TaxForm {
    collects_tax: Option<String>,
}

/// Turns Stripe Tax on or off; payment pages that are open keep what they began with.
async fn set_tax(
    State(state): State<AppState>,
    member: StudioMember,
    Form(form): Form<TaxForm>,
) -> AppResult<Redirect> {
    member.owner()?;
    let mut tx = state.db.begin_write().await?;
    let collects = form.collects_tax.is_some();
    store::set_collects_tax(&mut tx, member.studio().id, collects).await?;
    tx.commit().await?;
    Ok(Redirect::to(PAGE))
}

/// Where Stripe sends the owner afterwards, and a button on the page. That they came back says nothing about how far they
/// came, so Stripe is asked.
async fn come_back(State(state): State<AppState>, member: StudioMember) -> AppResult<Redirect> {
    member.person()?;
    count_try(&state, &member).await?;
    let studio = member.studio().id;
    let account = store::account_of_studio(&mut *state.db.read().await?, studio).await?;
    if let Some(account) = account {
        refresh_account(&state, &account).await?;
    }
    Ok(Redirect::to(PAGE))
}

/// Where Stripe sends an owner whose link was used up: to a fresh one. It makes no account, because
/// this is a link that others can send somebody to.
async fn go_again(State(state): State<AppState>, member: StudioMember) -> AppResult<Redirect> {
    let owner = member.owner()?;
    count_try(&state, &member).await?;
    let studio = member.studio().id;
    let account = store::account_of_studio(&mut *state.db.read().await?, studio).await?;
    if !Standing::of(account.as_ref()).has_account() {
        return Ok(Redirect::to(PAGE));
    }
    let questions = onboard(&state, studio, owner.email()).await?;
    Ok(Redirect::to(&questions))
}
