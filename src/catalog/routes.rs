//! Posters, as browsers load them.

use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::catalog::PosterVersion;
use crate::catalog::artwork::Artwork;
use crate::kernel::ids::TitleId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::CachePolicy;

/// Routes of this slice.
pub fn router() -> Router<AppState> {
    Router::new().route("/artwork/{title}/{file}", get(picture))
}

/// One picture. Its address names its content, so it may be kept forever; a picture that was
/// replaced is gone.
async fn picture(
    State(state): State<AppState>,
    Path((title, file)): Path<(String, String)>,
) -> AppResult<Response> {
    let (title, version, width) = parse(&title, &file).ok_or(AppError::NotFound)?;
    let place = Artwork::inside(&state.config.data_dir).file(title, &version, width);
    let picture = match tokio::fs::read(place).await {
        Ok(picture) => picture,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(AppError::NotFound);
        }
        Err(error) => return Err(error.into()),
    };
    let kind = HeaderValue::from_static("image/jpeg");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, CachePolicy::Forever.value()),
    ];
    Ok((headers, picture).into_response())
}

/// Reads `title_…` and `0123456789abcdef-400.jpg`, and nothing else.
fn parse(title: &str, file: &str) -> Option<(TitleId, PosterVersion, u32)> {
    let (version, width) = file.strip_suffix(".jpg")?.split_once('-')?;
    let known = |w: &u32| w.to_string() == width;
    let width = PosterVersion::WIDTHS.into_iter().find(known)?;
    Some((title.parse().ok()?, PosterVersion::parse(version)?, width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_we_write_are_read() {
        let title = TitleId::from_uuid(uuid::Uuid::nil()).to_string();
        assert!(parse(&title, "0123456789abcdef-400.jpg").is_some());
        for file in [
            "0123456789abcdef-401.jpg",
            "0123456789abcdef-0400.jpg",
            "0123456789abcdef-400.png",
            "../../matinee.db",
            "-400.jpg",
        ] {
            assert_eq!(parse(&title, file), None, "{file}");
        }
        assert_eq!(parse("..", "0123456789abcdef-400.jpg"), None);
    }
}
