//! Handlers of buying.

use std::time::Duration;

use axum::Form;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_http::timeout::TimeoutLayer;

use crate::accounts::MaybeSignedIn;
use crate::accounts::SignedIn;
use crate::invoices;
use crate::kernel::Source;
use crate::kernel::ids::OfferId;
use crate::kernel::ids::OrderId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::limits::Limit;
use crate::platform::web::ClientAddress;
use crate::platform::web::Page;

use super::begin::Begun;
use super::begin::Buyer;
use super::begin::begin;
use super::consent;
use super::consent::CONSENT_VERSION;
use super::consent::Consent;
use super::model::Order;
use super::model::film_path;
use super::payment::Occasion;
use super::returns;
use super::routes_invoice;
use super::routes_returns;
use super::settle::settle;
use super::store;
use super::views::Owned;
use super::views::ShowOrder;
use super::webhook;

/// Long enough for Stripe to be tried three times.
const TIMEOUT: Duration = Duration::from_secs(40);
/// The largest event we read.
const EVENT_LIMIT: usize = 256 * 1024;

// Stolen cards are tried out where tries are free. These limits leave people room to hesitate.
const PER_ACCOUNT: Limit = Limit {
    name: "checkout-account",
    most: 20,
    window: Duration::from_secs(3600),
};
const PER_ADDRESS: Limit = Limit {
    name: "checkout-address",
    most: 60,
    window: Duration::from_secs(3600),
};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/checkout", post(create))
        .route("/orders/{id}", get(show))
        .merge(routes_invoice::router())
        .merge(routes_returns::router())
        .route(
            "/webhooks/stripe",
            post(webhook::receive).layer(DefaultBodyLimit::max(EVENT_LIMIT)),
        )
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
}

/// What the buy button sends. The price is not part of it.
#[derive(Deserialize)]
struct Choice {
    offer: String,
    /// How the buyer came to the film, as its page worked it out.
    #[serde(default)]
    came: String,
    /// Ticked: the film is to be there at once.
    at_once: Option<String>,
    /// Ticked: the right of withdrawal ends when the film begins to run.
    no_withdrawal: Option<String>,
}

impl Choice {
    /// Only both boxes together are a consent.
    fn consent(&self, state: &AppState, from: ClientAddress) -> Option<Consent> {
        self.at_once.as_ref().zip(self.no_withdrawal.as_ref())?;
        Some(Consent {
            version: CONSENT_VERSION.to_owned(),
            given_at: state.now(),
            from: from.0.to_string(),
        })
    }
}

async fn create(
    State(state): State<AppState>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    address: ClientAddress,
    page: Page,
    form: Result<Form<Choice>, FormRejection>,
) -> AppResult<Response> {
    let Some(viewer) = viewer else {
        let back = match form {
            Ok(Form(choice)) => back_to_film(&state, &choice).await?,
            Err(_) => "/films".to_owned(),
        };
        return Err(AppError::SignInRequired { back });
    };
    let Form(choice) = match form {
        Ok(form) => form,
        Err(rejection) => return Ok(rejection.into_response()),
    };
    let source = Source::read(&choice.came);
    let offer: OfferId = choice.offer.parse().map_err(|_| AppError::NotFound)?;
    count_try(&state, &viewer, address).await?;
    let stripe = &state.config.stripe;
    let wanted = super::wanted::wanted(&mut *state.db.read().await?, stripe, offer).await?;
    let buyer = Buyer {
        account: viewer.account_id(),
        email: viewer.email(),
        reader: &page.words.reader(),
        source: &source,
    };
    let begun = begin(&state, buyer, &wanted).await?;
    if let Begun::Pay(_) = begun {
        let consent = choice.consent(&state, address);
        let network = address.country();
        consent::note(
            &state,
            buyer.account,
            wanted.title,
            consent.as_ref(),
            network,
        )
        .await?;
    }
    Ok(match begun {
        Begun::Pay(url) => Redirect::to(&url).into_response(),
        Begun::Waiting(order) => Redirect::to(&format!("/orders/{order}")).into_response(),
        Begun::Owned(order) => {
            let order = of_viewer(&state, order, &viewer).await?;
            (StatusCode::CONFLICT, Owned::new(page, &order)).into_response()
        }
    })
}

/// Where somebody goes on after signing in: the page of the film they wanted.
async fn back_to_film(state: &AppState, choice: &Choice) -> AppResult<String> {
    let Ok(offer) = choice.offer.parse() else {
        return Ok("/films".to_owned());
    };
    let mut conn = state.db.read().await?;
    Ok(
        match super::wanted::wanted(&mut conn, &state.config.stripe, offer).await {
            Ok(wanted) => film_path(&wanted.title_slug, &Source::read(&choice.came)),
            Err(_) => "/films".to_owned(), // what is wrong with it, they hear once they are signed in
        },
    )
}

/// Counted whatever comes of it, in a transaction of its own.
async fn count_try(state: &AppState, viewer: &SignedIn, address: ClientAddress) -> AppResult<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let account = PER_ACCOUNT
        .count(&mut tx, &viewer.account_id().to_string(), now)
        .await;
    let network = PER_ADDRESS.count(&mut tx, &address.limit_key(), now).await;
    tx.commit().await?;
    account.and(network)
}

async fn show(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path(id): Path<String>,
) -> AppResult<ShowOrder> {
    let id: OrderId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut order = of_viewer(&state, id, &viewer).await?;
    let mut unsure = false;
    if let Some(session) = order.session_id.clone().filter(|_| order.is_unsettled()) {
        match settle(&state, &session, Occasion::Visit).await {
            Ok(_) => order = of_viewer(&state, id, &viewer).await?,
            Err(error) => {
                let chain = anyhow::Error::from(error);
                tracing::error!(order = %id, "the order's payment is not known: {chain:#}");
                unsure = true;
            }
        }
    }
    let mut conn = state.db.read().await?;
    let refunds = returns::refund_lines(&mut conn, order.id).await?;
    let disputes = returns::dispute_lines(&mut conn, order.id).await?;
    let may = returns::may_give_back(&mut conn, &order, state.now()).await?;
    let documents = invoices::documents_of_order(&mut conn, order.id).await?;
    let documents = invoices::links_for_buyer(&page.words, &documents);
    let view = ShowOrder::new(page, &order, unsure);
    Ok(view.with(refunds, disputes, documents, may))
}

/// The viewer's order by its number in an address.
pub(super) async fn named(state: &AppState, id: &str, viewer: &SignedIn) -> AppResult<Order> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    of_viewer(state, id, viewer).await
}

async fn of_viewer(state: &AppState, id: OrderId, viewer: &SignedIn) -> AppResult<Order> {
    let mut conn = state.db.read().await?;
    let order = store::order_of_viewer(&mut conn, id, viewer.account_id()).await?;
    order.ok_or(AppError::NotFound)
}
