//! Handlers of giving a film back: with a session from the order's page, or by a link from a mail.

use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::accounts::SignedIn;
use crate::kernel::text::EmailAddress;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

use super::returns;
use super::routes::named;
use super::views::GiveBack;
use super::views::LinkOver;
use super::views::Withdraw;
use super::views::Withdrawn;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/orders/{id}/return", get(show_return).post(give_back))
        .route("/withdraw", get(show_withdraw).post(ask_for_link))
        .route("/withdraw/confirm", get(show_confirm).post(confirm))
}

async fn show_return(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path(id): Path<String>,
) -> AppResult<GiveBack> {
    let order = named(&state, &id, &viewer).await?;
    let mut conn = state.db.read().await?;
    let answer = returns::may_give_back(&mut conn, &order, state.now()).await?;
    Ok(GiveBack::new(page, &order, answer, None))
}

async fn give_back(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = named(&state, &id, &viewer).await?;
    match returns::give_back(&state, order.id).await? {
        Ok(_) => Ok(Redirect::to(&format!("/orders/{}", order.id)).into_response()),
        Err(no) => {
            let view = GiveBack::new(page, &order, Err(no), None);
            Ok((StatusCode::CONFLICT, view).into_response())
        }
    }
}

#[derive(Default, Deserialize)]
struct WithdrawFields {
    #[serde(default)]
    order: String,
    #[serde(default)]
    email: String,
}

async fn show_withdraw(page: Page) -> Withdraw {
    Withdraw::new(page)
}

async fn ask_for_link(
    State(state): State<AppState>,
    page: Page,
    from: ClientAddress,
    Form(fields): Form<WithdrawFields>,
) -> AppResult<Response> {
    let mut errors = FormErrors::new();
    if fields.order.trim().is_empty() {
        errors.add("order", "withdraw-order-missing");
    }
    let email = errors.take("email", EmailAddress::parse(&fields.email));
    let view = Withdraw {
        order: fields.order.clone(),
        email: fields.email,
        ..Withdraw::new(page)
    };
    let email = match errors.or(email) {
        Ok(email) => email,
        Err(errors) => {
            let view = Withdraw { errors, ..view };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
        }
    };
    returns::ask_for_link(&state, &fields.order, &email, from).await?;
    Ok(Withdraw { sent: true, ..view }.into_response())
}

#[derive(Deserialize)]
struct LinkFields {
    #[serde(default)]
    token: String,
}

async fn show_confirm(
    State(state): State<AppState>,
    page: Page,
    Query(LinkFields { token }): Query<LinkFields>,
) -> AppResult<Response> {
    let Some(order) = returns::order_of_link(&state, &token).await? else {
        return Ok((StatusCode::GONE, LinkOver { page }).into_response());
    };
    let mut conn = state.db.read().await?;
    let answer = returns::may_give_back(&mut conn, &order, state.now()).await?;
    Ok(GiveBack::new(page, &order, answer, Some(token)).into_response())
}

async fn confirm(
    State(state): State<AppState>,
    page: Page,
    Form(LinkFields { token }): Form<LinkFields>,
) -> AppResult<Response> {
    let order = returns::order_of_link(&state, &token).await?;
    let (Some(order), Some(answer)) = (order, returns::withdraw(&state, &token).await?) else {
        return Ok((StatusCode::GONE, LinkOver { page }).into_response());
    };
    Ok(match answer {
        Ok(_) => Withdrawn::new(page, &order).into_response(),
        Err(no) => {
            let view = GiveBack::new(page, &order, Err(no), Some(token));
            (StatusCode::CONFLICT, view).into_response()
        }
    })
}
