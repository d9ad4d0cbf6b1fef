//! Pages of a studio: opening one, its tokens, its team.

use axum::Router;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts;
use crate::accounts::LocalPath;
use crate::accounts::MaybeSignedIn;
use crate::accounts::SignUpFields;
use crate::accounts::SignedIn;
use crate::kernel::text::DisplayName;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios::extract::StudioMember;
use crate::studios::open;
use crate::studios::store;
use crate::studios::team;
use crate::studios::tokens;
use crate::studios::views;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/studio/signup", get(show_open).post(open))
        .route("/studio/tokens", get(show_tokens).post(create_token))
        .route("/studio/tokens/{id}/revoke", post(revoke_token))
        .route("/studio/team", get(show_team))
        .route("/studio/team/invite", post(invite))
        .route("/studio/team/take-back", post(take_back))
        .route("/studio/team/remove", post(remove))
        .route("/studio/join", get(show_join).post(join))
}

/// The fields of a new studio; those of an account are empty for somebody signed in.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OpenFields {
    pub(super) studio_name: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NameField {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EmailField {
    email: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MemberField {
    member: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenField {
    token: String,
}

fn refused(view: impl IntoResponse) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
}

async fn show_open(page: Page, MaybeSignedIn(person): MaybeSignedIn) -> Response {
    if person.as_ref().is_some_and(SignedIn::has_studio) {
        return Redirect::to("/studio").into_response();
    }
    let is_new = person.is_none();
    views::OpenStudio::new(page, FormErrors::new(), OpenFields::default(), is_new).into_response()
}

async fn open(
    State(state): State<AppState>,
    page: Page,
    session: Session,
    MaybeSignedIn(person): MaybeSignedIn,
    from: ClientAddress,
    headers: HeaderMap,
    Form(fields): Form<OpenFields>,
) -> AppResult<Response> {
    let mut errors = FormErrors::new();
    let name = errors.take("studio_name", DisplayName::parse(&fields.studio_name));
    if let Some(person) = person {
        let name = match errors.or(name) {
            Ok(name) => name,
            Err(errors) => return Ok(refused(views::OpenStudio::new(page, errors, fields, false))),
        };
        open::open_for(&state, person.account(), name).await?;
        return Ok(Redirect::to("/studio").into_response());
    }
    let owner = SignUpFields {
        name: fields.name.clone(),
        email: fields.email.clone(),
        password: fields.password.clone(),
        next: "/studio".to_owned(),
    };
    let signed =
        match open::open_for_visitor(&state, &page.words, &owner, name, errors, from).await? {
            Ok(signed) => signed,
            Err(errors) => return Ok(refused(views::OpenStudio::new(page, errors, fields, true))),
        };
    let next = LocalPath::or(&owner.next, "/");
    accounts::start_welcome(&session, &signed, &headers, &owner.email, &next).await?;
    Ok(Redirect::to("/signup/done").into_response())
}

async fn tokens_page(
    state: &AppState,
    page: Page,
    member: &StudioMember,
    errors: FormErrors,
    typed: String,
    secret: Option<String>,
) -> AppResult<views::Tokens> {
    let tokens = store::tokens_of(&mut *state.db.read().await?, member.studio().id).await?;
    Ok(views::Tokens {
        page,
        studio_name: member.studio().name.to_string(),
        errors,
        typed,
        secret,
        tokens: tokens.into_iter().map(views::TokenLine::from).collect(),
    })
}

async fn show_tokens(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
) -> AppResult<views::Tokens> {
    member.person()?;
    tokens_page(
        &state,
        page,
        &member,
        FormErrors::new(),
        String::new(),
        None,
    )
    .await
}

/// Answers with the page itself and not with a redirect: the secret is nowhere kept from which a
/// second request could show it.
async fn create_token(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Form(fields): Form<NameField>,
) -> AppResult<Response> {
    let person = member.person()?;
    match tokens::create(&state, member.studio(), person, &fields.name).await? {
        Ok(secret) => {
            let none = FormErrors::new();
            let view = tokens_page(&state, page, &member, none, String::new(), Some(secret));
            Ok(view.await?.into_response())
        }
        Err(errors) => Ok(refused(
            tokens_page(&state, page, &member, errors, fields.name, None).await?,
        )),
    }
}

async fn revoke_token(
    State(state): State<AppState>,
    member: StudioMember,
    Path(id): Path<String>,
) -> AppResult<Redirect> {
    member.person()?;
    tokens::revoke(&state, member.studio(), &id).await?;
    Ok(Redirect::to("/studio/tokens"))
}

async fn show_team(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
) -> AppResult<views::TeamPage> {
    member.person()?;
    let team = team::team_of(&state, member.studio()).await?;
    Ok(views::TeamPage::new(
        page,
        &member,
        team,
        FormErrors::new(),
        String::new(),
    ))
}

async fn invite(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Form(fields): Form<EmailField>,
) -> AppResult<Response> {
    let owner = member.owner()?;
    match team::invite(&state, &page.words, member.studio(), owner, &fields.email).await? {
        Ok(()) => Ok(Redirect::to("/studio/team").into_response()),
        Err(errors) => {
            let team = team::team_of(&state, member.studio()).await?;
            Ok(refused(views::TeamPage::new(
                page,
                &member,
                team,
                errors,
                fields.email,
            )))
        }
    }
}

async fn take_back(
    State(state): State<AppState>,
    member: StudioMember,
    Form(fields): Form<EmailField>,
) -> AppResult<Redirect> {
    member.owner()?;
    team::take_back(&state, member.studio(), &fields.email).await?;
    Ok(Redirect::to("/studio/team"))
}

async fn remove(
    State(state): State<AppState>,
    member: StudioMember,
    Form(fields): Form<MemberField>,
) -> AppResult<Redirect> {
    member.owner()?;
    team::remove(&state, member.studio(), &fields.member).await?;
    Ok(Redirect::to("/studio/team"))
}

fn over(page: Page) -> Response {
    (StatusCode::GONE, views::InvitationOver { page }).into_response()
}

async fn show_join(
    State(state): State<AppState>,
    page: Page,
    _person: SignedIn,
    Query(TokenField { token }): Query<TokenField>,
) -> AppResult<Response> {
    let Some(studio) = team::invited_to(&state, &token).await? else {
        return Ok(over(page));
    };
    Ok(views::Join {
        page,
        studio_name: studio.name.to_string(),
        token,
    }
    .into_response())
}

async fn join(
    State(state): State<AppState>,
    page: Page,
    person: SignedIn,
    Form(TokenField { token }): Form<TokenField>,
) -> AppResult<Response> {
    if !team::join(&state, &person, &token).await? {
        return Ok(over(page));
    }
    Ok(Redirect::to("/studio").into_response())
}
