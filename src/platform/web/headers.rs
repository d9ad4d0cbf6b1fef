//! Security and caching headers of every answer, errors and static files included.

use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::platform::AppState;
use crate::platform::config::Config;
use crate::platform::config::is_loopback;
use crate::platform::web::page::words_for;
use crate::platform::web::session;

/// Who may keep an answer, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CachePolicy {
    /// Keys, orders, anything personal.
    NeverStore,
    /// Public pages: kept, but asked about each time.
    Revalidate,
    /// The address names the content (a hash, a container, a version), so it never changes.
    Forever,
}

impl CachePolicy {
    /// The value of `Cache-Control`.
    pub const fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::NeverStore => "no-store",
            Self::Revalidate => "private, no-cache",
            Self::Forever => "public, max-age=31536000, immutable",
        })
    }
}

/// The content security policy. Everything is forbidden first; each line says why it is let in.
/// There is no third party, no inline script and no inline style.
pub fn content_security_policy(config: &Config) -> String {
    let payment = if is_loopback(&config.stripe.api_base) {
        config.stripe.api_base.origin().ascii_serialization() // the sandbox's own payment page
    } else {
        "https://checkout.stripe.com https://connect.stripe.com".to_owned()
    };
    [
        "default-src 'none'",
        "script-src 'self'",                      // upload and playback
        "style-src 'self'",                       // our style sheet
        "img-src 'self' data:", // posters; data: for small icons in the style sheet
        "font-src 'self'",      // our two type faces
        "connect-src 'self'",   // leases, ciphertext, uploads
        "media-src 'self' blob:", // the player's address; blob: for captions
        "worker-src 'self'",    // sealing worker and service worker
        "manifest-src 'self'",  // icon and name on a phone
        &format!("form-action 'self' {payment}"), // checkout and onboarding lead there
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    .join("; ")
}

/// Middleware: sets what every answer carries, and a cache policy where the handler chose none.
pub async fn secure(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let personal = session::has_cookie(request.headers());
    let words = words_for(request.headers(), &state);
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    if is_page(headers) {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
        if let Ok(language) = HeaderValue::from_str(words.lang()) {
            headers.insert(header::CONTENT_LANGUAGE, language);
        }
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&state.config)) {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(policy);
    }
    for (name, value) in FIXED {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if state.config.public_url.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let policy = if personal {
            CachePolicy::NeverStore
        } else {
            CachePolicy::Revalidate
        };
        headers.insert(header::CACHE_CONTROL, policy.value());
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }
    answer
}

/// Whether an answer has words for people in it.
fn is_page(headers: &axum::http::HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

const FIXED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("x-permitted-cross-domain-policies", "none"),
];
