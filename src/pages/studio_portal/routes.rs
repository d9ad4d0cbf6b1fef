//! Addresses of the portal.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::Form;
use axum::extract::Multipart;
use axum::extract::RawForm;
use axum::extract::State;
use axum::extract::multipart::MultipartRejection;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use tower_http::timeout::TimeoutLayer;

use crate::catalog;
use crate::catalog::MAX_POSTER_BYTES;
use crate::catalog::PictureFault;
use crate::catalog::Title;
use crate::catalog::TitleFields;
use crate::ledger;
use crate::offers;
use crate::offers::OfferFields;
use crate::offers::SOLD_IN;
use crate::pages::studio_portal::film::readiness_of;
use crate::pages::studio_portal::publish;
use crate::pages::studio_portal::publish::SignFields;
use crate::pages::studio_portal::readiness::Readiness;
use crate::pages::studio_portal::sales;
use crate::pages::studio_portal::titles;
use crate::pages::studio_portal::titles::OwnTitle;
use crate::pages::studio_portal::views::Dashboard;
use crate::pages::studio_portal::views::Faults;
use crate::pages::studio_portal::views::Figures;
use crate::pages::studio_portal::views::MoneyBar;
use crate::pages::studio_portal::views::NewTitle;
use crate::pages::studio_portal::views::ShowOffers;
use crate::pages::studio_portal::views::ShowTitle;
use crate::pages::studio_portal::views::ShowUpload;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios;
use crate::studios::StudioMember;

/// How long a poster may be on its way.
const POSTER_TIMEOUT: Duration = Duration::from_secs(120);
/// How much of a too large poster is read, so that the sender gets our sentence and not a broken
/// line; more is cut off.
const POSTER_BODY: usize = 4 * MAX_POSTER_BYTES;

/// Routes of the portal.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/studio", get(dashboard))
        .route("/studio/titles/new", get(new_title).post(create_title))
        .route("/studio/titles/{slug}", get(show_title).post(update_title))
        .route("/studio/titles/{slug}/upload", get(show_upload))
        .route(
            "/studio/titles/{slug}/offers",
            get(show_offers).post(set_price),
        )
        .route("/studio/titles/{slug}/publish", post(publish_title))
        .route("/studio/titles/{slug}/withdraw", post(withdraw_title))
        .merge(sales::router())
}

/// The route that takes a file, with limits of its own.
pub fn poster_router() -> Router<AppState> {
    Router::new()
        .route("/studio/titles/{slug}/poster", post(give_poster))
        .layer(DefaultBodyLimit::max(POSTER_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            POSTER_TIMEOUT,
        ))
}

fn refused(view: impl IntoResponse) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
}

fn to_title(title: &Title) -> Redirect {
    Redirect::to(&format!("/studio/titles/{}", title.slug))
}

async fn dashboard(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
) -> AppResult<Dashboard> {
    let rows = titles::rows(&state, member.studio()).await?;
    let mut conn = state.db.read().await?;
    let totals = ledger::sales_of_studio(&mut conn, member.studio().id).await?;
    let seller = studios::seller(&mut conn, &state.config.stripe, member.studio().id).await?;
    Ok(Dashboard {
        page,
        studio_name: member.studio().name.to_string(),
        studio_slug: member.studio().slug.to_string(),
        gets_paid: seller.can_sell(),
        rows,
        totals: totals.iter().map(Figures::from).collect(),
    })
}

async fn new_title(page: Page, _: StudioMember) -> NewTitle {
    NewTitle::empty(page)
}

async fn create_title(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    RawForm(body): RawForm,
) -> AppResult<Response> {
    let fields = TitleFields::read(&body);
    Ok(
        match titles::create(&state, member.studio(), &fields).await? {
            Ok(title) => to_title(&title).into_response(),
            Err(errors) => refused(NewTitle::new(page, errors, fields)),
        },
    )
}

/// The page of a title as it is now.
async fn page_of(state: &AppState, page: Page, title: Title) -> AppResult<ShowTitle> {
    let mut conn = state.db.read().await?;
    let signed = catalog::last_signed(&mut conn, title.id).await?;
    let readiness = readiness_of(&mut conn, &state.config, title).await?;
    Ok(ShowTitle::new(page, &readiness, signed))
}

async fn show_title(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
) -> AppResult<ShowTitle> {
    page_of(&state, page, own.title).await
}

async fn update_title(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
    RawForm(body): RawForm,
) -> AppResult<Response> {
    let fields = TitleFields::read(&body);
    let studio = own.member.studio();
    match titles::update(&state, studio, &own.title, &fields).await? {
        Ok(title) => Ok(to_title(&title).into_response()),
        Err(details) => {
            let faults = Faults {
                details,
                ..Faults::default()
            };
            let view = page_of(&state, page, own.title).await?.with(faults);
            Ok(refused(ShowTitle { fields, ..view }))
        }
    }
}

async fn give_poster(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> AppResult<Response> {
    let given = match read_poster(&headers, form).await {
        Ok(file) => catalog::give_poster(&state, &own.title, file).await?,
        Err(fault) => Err(fault),
    };
    let fault = match given {
        Ok(_) => return Ok(to_title(&own.title).into_response()),
        Err(fault) => fault,
    };
    let status = match fault {
        PictureFault::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let faults = Faults {
        poster: FormErrors::one("poster", fault),
        ..Faults::default()
    };
    let view = page_of(&state, page, own.title).await?.with(faults);
    Ok((status, view).into_response())
}

/// The field `poster` of a form. A file that is too long is read on for a while, but not kept.
async fn read_poster(
    headers: &HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Vec<u8>, PictureFault> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > POSTER_BODY) {
        return Err(PictureFault::TooLong);
    }
    let mut form = form.map_err(|_| PictureFault::Empty)?;
    let broken = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => PictureFault::TooLong,
        _ => PictureFault::Empty,
    };
    let (mut file, mut too_long) = (Vec::new(), false);
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let wanted = field.name() == Some("poster");
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            too_long |= wanted && file.len() + piece.len() > MAX_POSTER_BYTES;
            if wanted && !too_long {
                file.extend_from_slice(&piece);
            }
        }
    }
    if too_long {
        return Err(PictureFault::TooLong);
    }
    Ok(file)
}

async fn show_upload(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
) -> AppResult<ShowUpload> {
    let readiness = readiness_of(&mut *state.db.read().await?, &state.config, own.title).await?;
    Ok(ShowUpload::new(page, &readiness))
}

/// The page of the price; the form shows what was typed, or the price as it is.
async fn offers_page(
    state: &AppState,
    page: Page,
    title: &Title,
    typed: Option<(OfferFields, FormErrors)>,
) -> AppResult<ShowOffers> {
    let mut conn = state.db.read().await?;
    let all = offers::offers_of_title(&mut conn, title.id).await?;
    let settles_in = settlement_currency(&mut conn, state, title).await?;
    drop(conn);
    let usual = settles_in.filter(|code| SOLD_IN.iter().any(|(sold, _)| sold == code));
    let live = all.iter().find(|offer| offer.is_live());
    let as_it_is = || OfferFields {
        kind: "buy".to_owned(),
        price: live.map_or_else(String::new, |offer| offer.price.number()),
        currency: live
            .map_or(usual.unwrap_or("USD"), |offer| {
                offer.price.currency().code()
            })
            .to_owned(),
    };
    let (fields, errors) = typed.unwrap_or_else(|| (as_it_is(), FormErrors::new()));
    let earlier = all.iter().filter(|offer| !offer.is_live());
    Ok(ShowOffers {
        page,
        slug: title.slug.to_string(),
        title_name: title.name().to_owned(),
        errors,
        fields,
        currencies: SOLD_IN,
        settles_in,
        money: live.map(|offer| MoneyBar::from(offers::breakdown(offer.price, state.config.fee))),
        earlier: earlier.map(|offer| offer.price).collect(),
    })
}

/// The currency in which the studio's own account is kept.
async fn settlement_currency(
    conn: &mut Conn,
    state: &AppState,
    title: &Title,
) -> Result<Option<&'static str>, sqlx::Error> {
    if !state.config.stripe.uses_connect() {
        return Ok(None);
    }
    let account = studios::payment_account_of(conn, title.studio_id).await?;
    Ok(account.and_then(|account| Some(account.currency?.code())))
}

async fn show_offers(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
) -> AppResult<ShowOffers> {
    offers_page(&state, page, &own.title, None).await
}

async fn set_price(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
    Form(fields): Form<OfferFields>,
) -> AppResult<Response> {
    let price = match fields.parse() {
        Ok((_, price)) => price,
        Err(errors) => {
            let view = offers_page(&state, page, &own.title, Some((fields, errors))).await?;
            return Ok(refused(view));
        }
    };
    let mut tx = state.db.begin_write().await?;
    offers::set_price(&mut tx, own.title.id, price, state.now()).await?;
    tx.commit().await?;
    let back = format!("/studio/titles/{}/offers", own.title.slug);
    Ok(Redirect::to(&back).into_response())
}

async fn publish_title(
    State(state): State<AppState>,
    page: Page,
    own: OwnTitle,
    ClientAddress(address): ClientAddress,
    Form(fields): Form<SignFields>,
) -> AppResult<Response> {
    let signer = own
        .member
        .account()
        .ok_or(AppError::Forbidden("error-only-a-person-can-sign"))?;
    let refusal = match publish::publish(&state, &own.title, signer, address, &fields).await? {
        Ok(()) => return Ok(to_title(&own.title).into_response()),
        Err(refusal) => refusal,
    };
    let readiness: &Readiness = &refusal.readiness;
    let faults = Faults {
        sign: refusal.errors,
        missing: readiness.missing(),
        ..Faults::default()
    };
    let signed = catalog::last_signed(&mut *state.db.read().await?, own.title.id).await?;
    let view = ShowTitle::new(page, readiness, signed).with(faults);
    Ok(refused(ShowTitle {
        sign: fields,
        ..view
    }))
}

async fn withdraw_title(State(state): State<AppState>, own: OwnTitle) -> AppResult<Redirect> {
    let mut tx = state.db.begin_write().await?;
    catalog::withdraw(&mut tx, &own.title, state.now()).await?;
    tx.commit().await?;
    Ok(to_title(&own.title))
}
