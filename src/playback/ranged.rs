//! Answers to requests for bytes that never change: whole, a part, not modified, or 416
//! (RFC 9110, sections 13 and 14). Knows nothing of where the bytes come from.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::kernel::range::ByteRange;
use crate::kernel::range::Requested;

/// What is asked for, and what stands in the head of every answer.
pub(super) struct Representation<'a> {
    /// Bytes of the whole.
    pub(super) total: u64,
    /// Strong tag, quotes included.
    pub(super) etag: &'a str,
    /// Media type.
    pub(super) content_type: &'a str,
    /// Who may keep it.
    pub(super) cache: HeaderValue,
}

impl Representation<'_> {
    /// Answers a request; `body` is asked for the bytes of the one range that is sent.
    pub(super) fn answer(
        &self,
        request: &HeaderMap,
        body: impl FnOnce(ByteRange) -> Body,
    ) -> Response {
        if self.is_known(request) {
            return self.head(StatusCode::NOT_MODIFIED).into_response();
        }
        let header = text(request, header::RANGE).filter(|_| self.is_same(request));
        let (status, range) = match ByteRange::requested(header, self.total) {
            Requested::Unsatisfiable => return self.unsatisfiable(),
            Requested::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
            Requested::Whole => match ByteRange::new(0, self.total.saturating_sub(1)) {
                Some(range) => (StatusCode::OK, range),
                None => return self.unsatisfiable(),
            },
        };
        let (status, head) = self.head(status);
        let mut answer = (status, head, body(range)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.len()));
        if status == StatusCode::PARTIAL_CONTENT {
            headers.insert(
                header::CONTENT_RANGE,
                value(&range.content_range(self.total)),
            );
        }
        answer
    }

    fn head(&self, status: StatusCode) -> (StatusCode, HeaderMap) {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, value(self.etag));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CACHE_CONTROL, self.cache.clone());
        headers.insert(header::CONTENT_TYPE, value(self.content_type));
        (status, headers)
    }

    fn unsatisfiable(&self) -> Response {
        let mut answer = self.head(StatusCode::RANGE_NOT_SATISFIABLE).into_response();
        let range = value(&format!("bytes */{}", self.total));
        answer.headers_mut().insert(header::CONTENT_RANGE, range);
        answer
    }

    /// `If-None-Match`: the client has these bytes.
    fn is_known(&self, request: &HeaderMap) -> bool {
        let tags = text(request, header::IF_NONE_MATCH).unwrap_or("");
        tags.split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag == self.etag)
    }

    /// `If-Range`: a part is sent only if it is of these bytes. Dates never match, since these
    /// bytes have none.
    fn is_same(&self, request: &HeaderMap) -> bool {
        !request.contains_key(header::IF_RANGE)
            || text(request, header::IF_RANGE).is_some_and(|tag| tag.trim() == self.etag)
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("made of numbers, ids and media types: visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(pairs: &[(&'static str, &'static str)]) -> (u16, String, String) {
        let mut request = HeaderMap::new();
        for (name, text) in pairs {
            request.insert(*name, HeaderValue::from_static(text));
        }
        let film = Representation {
            total: 1_000,
            etag: "\"a\"",
            content_type: "video/mp4",
            cache: HeaderValue::from_static("no-store"),
        };
        let answer = film.answer(&request, |range| Body::from(vec![0; range.len() as usize]));
        let of = |name| text(answer.headers(), name).unwrap_or("").to_owned();
        (
            answer.status().as_u16(),
            of(header::CONTENT_RANGE),
            of(header::CONTENT_LENGTH),
        )
    }

    #[test]
    fn every_way_to_ask_has_its_answer() {
        let answer = |s: u16, r: &str, l: &str| (s, r.to_owned(), l.to_owned());
        assert_eq!(ask(&[]), answer(200, "", "1000"));
        assert_eq!(
            ask(&[("range", "bytes=0-99")]),
            answer(206, "bytes 0-99/1000", "100")
        );
        assert_eq!(
            ask(&[("range", "bytes=-1")]),
            answer(206, "bytes 999-999/1000", "1")
        );
        assert_eq!(ask(&[("range", "bytes=1000-")]).0, 416);
        assert_eq!(ask(&[("range", "bytes=1000-")]).1, "bytes */1000");
        assert_eq!(ask(&[("range", "bytes=0-1,3-4")]).0, 416);
        assert_eq!(ask(&[("if-none-match", "\"b\", \"a\"")]).0, 304);
        assert_eq!(ask(&[("range", "bytes=0-9"), ("if-range", "\"a\"")]).0, 206);
        assert_eq!(ask(&[("range", "bytes=0-9"), ("if-range", "\"b\"")]).0, 200);
        assert_eq!(
            ask(&[("range", "bytes=0-9"), ("if-range", "W/\"a\"")]).0,
            200
        );
    }
}
