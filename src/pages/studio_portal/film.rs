//! How far the film of a title is: on its way, being checked, playable, or not.

use crate::catalog::Title;
use crate::kernel::Note;
use crate::offers;
use crate::packaging;
use crate::packaging::Film;
use crate::packaging::RenditionState;
use crate::pages::studio_portal::readiness::Readiness;
use crate::platform::config::Config;
use crate::platform::db::Conn;
use crate::studios;
use crate::uploads;
use crate::uploads::Upload;
use crate::uploads::UploadState;

/// How far the newest film of a title is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FilmState {
    /// None was sent.
    Nothing,
    /// On its way; percent.
    Receiving(u64),
    /// What arrived was not what was sealed.
    Spoiled,
    /// All here; we look at it.
    Checking,
    /// Browsers cannot play it; why.
    Refused(String),
    /// Browsers can play it.
    Playable(Film),
}

impl FilmState {
    /// The state of a newest upload and what was found in it.
    fn of(upload: Option<&Upload>, found: Option<RenditionState>) -> Self {
        match (upload.map(|upload| upload.state), found) {
            (None, None) => Self::Nothing,
            (Some(UploadState::Receiving), _) => Self::Receiving(upload.map_or(0, Upload::percent)),
            (Some(UploadState::Refused), _) => Self::Spoiled,
            (Some(UploadState::Finished), None) => Self::Checking,
            (_, Some(RenditionState::Checking)) => Self::Checking,
            (_, Some(RenditionState::Refused(why))) => Self::Refused(why),
            (_, Some(RenditionState::Playable(film))) => Self::Playable(film),
        }
    }

    /// How it stands, for the checklist and the page of the upload.
    pub(super) fn sentence(&self) -> Note {
        match self {
            Self::Nothing => Note::new("film-state-nothing"),
            Self::Receiving(percent) => {
                let percent = i64::try_from(*percent).unwrap_or(100);
                Note::new("film-state-receiving").with("percent", percent)
            }
            Self::Spoiled => Note::new("film-state-spoiled"),
            Self::Checking => Note::new("film-state-checking"),
            Self::Refused(why) => Note::new("film-state-refused").with("why", why.as_str()),
            Self::Playable(film) => Note::new("film-state-playable")
                .with("runtime", film.runtime())
                .with("width", film.width.to_string())
                .with("height", film.height.to_string()),
        }
    }

    /// What to do before publishing.
    pub(super) const fn need(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Spoiled | Self::Playable(_) => "need-upload",
            Self::Receiving(_) => "need-finish-upload",
            Self::Checking => "need-wait-for-check",
            Self::Refused(_) => "need-playable-film",
        }
    }

    /// The words of the link to the upload.
    pub(super) const fn next_step(&self) -> &'static str {
        match self {
            Self::Nothing => "step-film-upload",
            Self::Receiving(_) => "step-film-go-on",
            Self::Checking => "step-film-look",
            Self::Spoiled | Self::Refused(_) => "step-film-upload-again",
            Self::Playable(_) => "step-film-details",
        }
    }

    /// The word for scripts and style sheets.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Receiving(_) => "receiving",
            Self::Spoiled => "spoiled",
            Self::Checking => "checking",
            Self::Refused(_) => "refused",
            Self::Playable(_) => "playable",
        }
    }
}

/// Everything the checklist of a title needs to know.
pub(super) async fn readiness_of(
    conn: &mut Conn,
    config: &Config,
    title: Title,
) -> Result<Readiness, sqlx::Error> {
    let upload = uploads::latest_upload_of_title(conn, title.id).await?;
    let found = match &upload {
        Some(upload) => packaging::rendition_by_container(conn, upload.container).await?,
        None => packaging::latest_rendition_of(conn, title.id).await?,
    };
    let film = FilmState::of(upload.as_ref(), found.map(|rendition| rendition.state));
    let playable = packaging::playable_rendition_of(conn, title.id).await?;
    let offer = offers::buy_offer(conn, title.id).await?;
    let may_sell = studios::may_sell(conn, title.studio_id).await?;
    let payments = studios::payment_standing(conn, &config.stripe, title.studio_id).await?;
    Ok(Readiness {
        film,
        playable,
        price: offer.map(|offer| offer.price),
        may_sell,
        payments,
        fee: config.fee,
        title,
    })
}
