//! Addresses: the one people type, and whether one is on this machine.

use url::Url;

/// The store's own origin, such as `https://films.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Accepts an http(s) origin without path, query or password.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        plain.then(|| Self(url.origin().ascii_serialization()))
    }

    /// A full address of a path of this site.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The origin itself.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether visitors come over TLS, so that cookies may be marked secure.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

/// Whether an address points at this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
