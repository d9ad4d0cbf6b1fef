//! Style sheets, scripts, fonts and pictures, embedded into the binary by `build.rs`.
//!
//! Templates ask for a file by its logical name, `asset("css/app.css")`, and get an address whose
//! name carries a hash of the content. So an answer may be kept for ever, and a new release is
//! never mixed with old scripts.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;

/// One embedded file with its compressed twins.
struct Asset {
    name: &'static str,
    path: &'static str,
    content_type: &'static str,
    digest: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

// Defines `ASSETS`, sorted by name.
include!(concat!(env!("OUT_DIR"), "/web/assets.rs"));

const PLAYER_WORKER: &str = "js/player-worker.js";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Serves `/static/{file}` and the player's service worker, whose address must not change.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/static/{file}", get(serve))
        .route("/player-worker.js", get(serve_player_worker))
}

/// The address of an embedded file, for templates.
///
/// An unknown name is a slip of ours: it fails every test that renders the page, and costs a
/// visitor no more than that one file.
pub fn asset(name: &str) -> &'static str {
    match find(name) {
        Some(asset) => asset.path,
        None => {
            debug_assert!(false, "static/ holds no {name}");
            "/static/missing"
        }
    }
}

fn find(name: &str) -> Option<&'static Asset> {
    let index = ASSETS
        .binary_search_by_key(&name, |asset| asset.name)
        .ok()?;
    Some(&ASSETS[index])
}

async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let found = ASSETS
        .iter()
        .find(|asset| asset.path.strip_prefix("/static/") == Some(&file));
    match found {
        Some(asset) => answer(asset, &headers, FOR_EVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A worker controls only what lies below its own path, so this one stands at the root; and it is
/// asked for again each time, so that a new release reaches every player.
async fn serve_player_worker(headers: HeaderMap) -> Response {
    match find(PLAYER_WORKER) {
        Some(asset) => {
            let mut response = answer(asset, &headers, ASK_AGAIN);
            let scope = HeaderValue::from_static("/");
            response
                .headers_mut()
                .insert("service-worker-allowed", scope);
            response
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn answer(asset: &'static Asset, request: &HeaderMap, caching: HeaderValue) -> Response {
    let (bytes, encoding) = asset.best_for(request);
    let tag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", asset.digest),
        None => format!("\"{}\"", asset.digest),
    };
    let fresh = knows(request, &tag);
    let mut response = if fresh {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(Bytes::from_static(bytes)).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if !fresh {
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(asset.content_type),
        );
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

impl Asset {
    /// The smallest form that the browser reads, and its name as a content coding.
    fn best_for(&self, request: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let twins = [(self.brotli, "br"), (self.gzip, "gzip")];
        for (bytes, encoding) in twins {
            if let Some(bytes) = bytes.filter(|_| accepts(request, encoding)) {
                return (bytes, Some(encoding));
            }
        }
        (self.plain, None)
    }
}

/// Whether `Accept-Encoding` names this coding, or everything, without a weight of zero.
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let mut by_star = false;
    for item in list(request, header::ACCEPT_ENCODING) {
        let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight == 0.0));
        if coding.trim().eq_ignore_ascii_case(encoding) {
            return !refused;
        }
        by_star |= coding.trim() == "*" && !refused;
    }
    by_star
}

/// Whether `If-None-Match` names this tag; a weak tag matches too, as it may for a GET.
fn knows(request: &HeaderMap, tag: &str) -> bool {
    list(request, header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// The items of a comma-separated header, over all its lines.
fn list(request: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    request
        .get_all(name)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn get_with(path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Bytes) {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = router::<()>().oneshot(request).await.unwrap().into_parts();
        (
            parts.status,
            parts.headers,
            body.collect().await.unwrap().to_bytes(),
        )
    }

    #[tokio::test]
    async fn a_style_sheet_is_compressed_and_kept_for_ever() {
        let path = asset("css/app.css");
        let (status, headers, body) = get_with(path, &[("accept-encoding", "gzip, br")]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "text/css; charset=utf-8");
        assert_eq!(headers["content-encoding"], "br");
        assert_eq!(
            headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(headers["vary"], "accept-encoding");
        let (_, headers, plain) = get_with(path, &[]).await;
        assert!(!headers.contains_key("content-encoding"));
        assert!(body.len() < plain.len());
    }

    #[tokio::test]
    async fn a_coding_refused_by_weight_is_not_used() {
        let wishes = [
            ("br;q=0, gzip", Some("gzip")),
            ("*", Some("br")),
            ("identity", None),
        ];
        for (wish, expected) in wishes {
            let (_, headers, _) =
                get_with(asset("css/app.css"), &[("accept-encoding", wish)]).await;
            let chosen = headers
                .get("content-encoding")
                .map(|value| value.to_str().unwrap());
            assert_eq!(chosen, expected, "{wish}");
        }
    }

    #[tokio::test]
    async fn a_known_tag_gets_304_without_a_body() {
        let path = asset("css/app.css");
        let (_, headers, _) = get_with(path, &[("accept-encoding", "br")]).await;
        let tag = headers["etag"].to_str().unwrap().to_owned();
        let known = [("accept-encoding", "br"), ("if-none-match", tag.as_str())];
        let (status, _, body) = get_with(path, &known).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        // The same file in another coding is another representation.
        let (status, _, _) = get_with(path, &[("if-none-match", tag.as_str())]).await;
        assert_eq!(status, StatusCode::OK);
    }

    #[tokio::test]
    async fn an_unknown_file_is_not_found() {
        let (status, _, _) = get_with("/static/app-00000000.css", &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn the_player_worker_stands_at_the_root_and_is_asked_for_again() {
        let (status, headers, _) = get_with("/player-worker.js", &[]).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(headers["cache-control"], "no-cache");
        assert_eq!(headers["service-worker-allowed"], "/");
    }

    #[test]
    fn fonts_are_our_own() {
        assert!(asset("fonts/inter-latin-wght-normal.woff2").starts_with("/static/inter-latin-"));
        for asset in ASSETS.iter().filter(|asset| asset.name.ends_with(".css")) {
            let sheet = std::str::from_utf8(asset.plain).unwrap();
            let outside = ["url(//", "url(\"//", "url(http", "url(\"http", "@import"];
            assert!(
                !outside.iter().any(|mark| sheet.contains(mark)),
                "{} asks others",
                asset.name
            );
        }
    }

    #[test]
    fn every_asset_that_a_template_names_exists() {
        let mut folders = vec![std::path::PathBuf::from("templates")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for call in text.split("asset(\"").skip(1) {
                    let name = call.split('"').next().unwrap();
                    assert!(
                        find(name).is_some(),
                        "{}: static/ holds no {name}",
                        path.display()
                    );
                }
            }
        }
    }
}
