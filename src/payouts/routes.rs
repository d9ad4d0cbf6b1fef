//! Pages of splits and statements, for studios and for participants.

use axum::Router;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_sessions::Session;

use super::form::SplitFields;
use super::invite;
use super::model::Participant;
use super::model::Party;
use super::read;
use super::read::Ending;
use super::read::Reader;
use super::split;
use super::views;
use crate::catalog;
use crate::catalog::Title;
use crate::kernel::text::Slug;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios::StudioMember;
use crate::studios::StudioPerson;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/studio/titles/{slug}/splits",
            get(show_splits).post(append_split),
        )
        .route("/studio/statements", get(list_of_studio))
        .route("/studio/statements/{file}", get(file_of_studio))
        .route("/studio/participants", post(add_participant))
        .route(
            "/studio/participants/{id}",
            get(show_participant).post(change_address),
        )
        .route("/studio/participants/{id}/invite", post(invite_again))
        .route("/statements", get(list_of_participant))
        .route("/statements/key", get(keys))
        .route("/statements/ask", post(ask))
        .route("/statements/enter", get(show_enter).post(enter))
        .route("/statements/leave", post(leave))
        .route("/statements/{file}", get(file_of_participant))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ParticipantFields {
    name: String,
    email: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EmailField {
    email: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenField {
    token: String,
}

fn refused(view: impl IntoResponse) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
}

async fn title_of(state: &AppState, member: &StudioMember, slug: &str) -> AppResult<Title> {
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    let mut conn = state.db.read().await?;
    let title = catalog::title_of_studio(&mut conn, member.studio().id, &slug).await?;
    title.ok_or(AppError::NotFound)
}

async fn show_splits(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Path(slug): Path<String>,
) -> AppResult<views::Splits> {
    let title = title_of(&state, &member, &slug).await?;
    let known = split::of_title(&state, member.studio().id, title.id).await?;
    let fields = SplitFields::of(known.splits.last());
    Ok(views::Splits::new(
        page,
        &title,
        &known,
        FormErrors::new(),
        fields,
    ))
}

async fn append_split(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(slug): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> AppResult<Response> {
    let member = person.member();
    let title = title_of(&state, member, &slug).await?;
    let fields = SplitFields::read(&pairs);
    if let Err(errors) = split::append(&state, member, title.id, &fields).await? {
        let known = split::of_title(&state, member.studio().id, title.id).await?;
        return Ok(refused(views::Splits::new(
            page, &title, &known, errors, fields,
        )));
    }
    Ok(Redirect::to(&format!("/studio/titles/{}/splits", title.slug)).into_response())
}

async fn studio_page(
    state: &AppState,
    page: Page,
    member: &StudioMember,
    errors: FormErrors,
    typed: (String, String),
) -> AppResult<views::OfStudio> {
    let lists = read::of_studio(state, member.studio().id).await?;
    Ok(views::OfStudio::new(page, lists, errors, typed))
}

async fn list_of_studio(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
) -> AppResult<views::OfStudio> {
    studio_page(&state, page, &member, FormErrors::new(), Default::default()).await
}

async fn add_participant(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Form(fields): Form<ParticipantFields>,
) -> AppResult<Response> {
    let member = person.member();
    let words = page.words.clone();
    match invite::add(&state, &words, member, &fields.name, &fields.email).await? {
        Ok(()) => Ok(Redirect::to("/studio/statements").into_response()),
        Err(errors) => {
            let typed = (fields.name, fields.email);
            Ok(refused(
                studio_page(&state, page, member, errors, typed).await?,
            ))
        }
    }
}

async fn show_participant(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
) -> AppResult<views::ShowParticipant> {
    let studio = person.studio().id;
    let participant = invite::of_studio(&mut *state.db.read().await?, studio, &id).await?;
    let email = participant.email.to_string();
    Ok(views::ShowParticipant::new(
        page,
        &participant,
        FormErrors::new(),
        email,
    ))
}

async fn change_address(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
    Form(EmailField { email }): Form<EmailField>,
) -> AppResult<Response> {
    let studio = person.studio();
    let participant = invite::of_studio(&mut *state.db.read().await?, studio.id, &id).await?;
    let words = page.words.clone();
    let changed =
        invite::change_address(&state, &words, studio, participant.clone(), &email).await?;
    Ok(match changed {
        Ok(()) => Redirect::to("/studio/statements").into_response(),
        Err(errors) => refused(views::ShowParticipant::new(
            page,
            &participant,
            errors,
            email,
        )),
    })
}

async fn invite_again(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
) -> AppResult<Redirect> {
    invite::invite_again(&state, &page.words, person.studio(), &id).await?;
    Ok(Redirect::to("/studio/statements"))
}

async fn file_of_studio(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Path(file): Path<String>,
) -> AppResult<Response> {
    let reader = Reader {
        studio: member.studio().id,
        party: Party::Studio,
    };
    show(&state, page, reader, &file).await
}

async fn list_of_participant(
    State(state): State<AppState>,
    page: Page,
    session: Session,
) -> AppResult<Response> {
    let Some(participant) = invite::present(&state, &session).await? else {
        return Ok(views::Ask::new(page, FormErrors::new(), String::new(), false).into_response());
    };
    let lists = read::of_participant(&state, &participant).await?;
    Ok(views::OfParticipant::new(page, &participant, lists).into_response())
}

async fn file_of_participant(
    State(state): State<AppState>,
    page: Page,
    session: Session,
    Path(file): Path<String>,
) -> AppResult<Response> {
    let Some(participant) = invite::present(&state, &session).await? else {
        return Err(AppError::NotFound);
    };
    show(&state, page, reader_of(&participant), &file).await
}

fn reader_of(participant: &Participant) -> Reader {
    Reader {
        studio: participant.studio,
        party: Party::Participant(participant.id),
    }
}

/// A statement as a page or as a file, to whoever may read it.
async fn show(state: &AppState, page: Page, reader: Reader, file: &str) -> AppResult<Response> {
    let (name, ending) = Ending::split(file);
    let found = read::find(state, reader, name)
        .await?
        .ok_or(AppError::NotFound)?;
    let Some(ending) = ending else {
        return Ok(views::Show::new(page, &found).into_response());
    };
    let bytes = read::file(state, &page.words, &found, ending).map_err(AppError::Internal)?;
    let Some(bytes) = bytes else {
        return Err(AppError::NotFound);
    };
    let name = format!("{}.{}", found.sheet.file_name(), ending.word());
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, ending.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

/// The public keys that sign statements, the newest first, one a line.
async fn keys(State(state): State<AppState>) -> String {
    let keys = state.keyring.signing_keys();
    keys.iter()
        .map(|key| format!("{}\n", key.public()))
        .collect()
}

async fn ask(
    State(state): State<AppState>,
    page: Page,
    from: ClientAddress,
    Form(EmailField { email }): Form<EmailField>,
) -> AppResult<Response> {
    let words = page.words.clone();
    Ok(match invite::ask(&state, &words, from, &email).await? {
        Ok(()) => views::Ask::new(page, FormErrors::new(), email, true).into_response(),
        Err(errors) => refused(views::Ask::new(page, errors, email, false)),
    })
}

async fn show_enter(
    State(state): State<AppState>,
    page: Page,
    Query(TokenField { token }): Query<TokenField>,
) -> AppResult<Response> {
    if !invite::works(&state, &token).await? {
        return Ok((StatusCode::GONE, views::LinkOver { page }).into_response());
    }
    Ok(views::Enter { page, token }.into_response())
}

async fn enter(
    State(state): State<AppState>,
    page: Page,
    session: Session,
    Form(TokenField { token }): Form<TokenField>,
) -> AppResult<Response> {
    if invite::enter(&state, &session, &token).await? {
        return Ok(Redirect::to("/statements").into_response());
    }
    Ok((StatusCode::GONE, views::LinkOver { page }).into_response())
}

async fn leave(session: Session) -> AppResult<Redirect> {
    invite::leave(&session).await?;
    Ok(Redirect::to("/statements"))
}
