//! The address a request came from, for limits and attestations.

use std::convert::Infallible;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::kernel::Country;
use crate::platform::AppState;

/// Socket address of the peer; the accept loop puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The visitor's address: the peer's, or what a trusted proxy says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What limits count: an IPv4 address, or the /64 network of an IPv6 one, since a single
    /// visitor has all of that network.
    pub fn limit_key(self) -> String {
        match self.0.to_canonical() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => {
                let s = ip.segments();
                format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
            }
        }
    }
}

impl ClientAddress {
    /// The country in which the address is registered, by the lists of the regional registries.
    /// `None` for addresses of no public network.
    pub fn country(self) -> Option<Country> {
        let code = iptocc::country_code(self.0.to_canonical())?;
        Country::parse(code).ok()
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Self(behind_proxies(
            peer,
            &parts.headers,
            &state.config.trusted_proxies,
        )))
    }
}

/// Walks `X-Forwarded-For` from the nearest hop outward and stops at the first address that is
/// not one of our proxies; anything beyond it may be forged.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let lines = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|line| line.to_str().ok());
    let hops: Vec<&str> = lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .collect();
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        match hop.parse() {
            Ok(ip) if trusted.contains(&ip) => nearest = ip,
            Ok(ip) => return ip,
            Err(_) => return nearest,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &str, trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
        behind_proxies(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(seen("9.9.9.9", "1.2.3.4", &[]), "9.9.9.9");
        assert_eq!(
            seen("10.0.0.1", "6.6.6.6, 1.2.3.4", &["10.0.0.1"]),
            "1.2.3.4"
        );
        let both = ["10.0.0.1", "10.0.0.2"];
        assert_eq!(
            seen("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", &both),
            "1.2.3.4"
        );
        assert_eq!(seen("10.0.0.1", "junk", &["10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn a_public_address_has_a_country() {
        let of = |ip: &str| ClientAddress(ip.parse().unwrap()).country();
        let code = |ip: &str| of(ip).map(Country::code);
        for (ip, country) in [
            ("193.99.144.80", "DE"), // a publisher's, for decades
            ("2a02:2e0:3fe:1001::1", "DE"),
            ("::ffff:193.99.144.80", "DE"),
            ("133.11.0.1", "JP"), // a university's
            ("8.8.8.8", "US"),
        ] {
            assert_eq!(code(ip), Some(country), "{ip}");
        }
        for nowhere in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.0.1",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
        ] {
            assert_eq!(code(nowhere), None, "{nowhere}");
        }
    }

    #[test]
    fn an_ipv6_visitor_is_counted_by_network() {
        let of = |ip: &str| ClientAddress(ip.parse().unwrap()).limit_key();
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_eq!(of("::ffff:1.2.3.4"), "1.2.3.4");
    }
}
