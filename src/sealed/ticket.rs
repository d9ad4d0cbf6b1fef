//! Tickets: signed, short-lived permission to fetch the ciphertext of one container.
//!
//! ```text
//! base64url( 0x01 ‖ container id (16) ‖ lease id (16) ‖ expiry in ms (i64 BE) ‖ HMAC-SHA256 (32) )
//! ```
//! A ticket stands in a URL, so it lives ten minutes at most and opens nothing by itself: the
//! bytes it fetches are ciphertext.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::id::ContainerId;
use super::keys::KEY_BYTES;

/// The longest life of a ticket.
pub const MAX_LIFETIME_MS: i64 = 10 * 60 * 1_000;

const LABEL: &[u8] = b"matinee/v1/ticket";
const VERSION: u8 = 1;
const BODY_BYTES: usize = 1 + 16 + 16 + 8;
const MAC_BYTES: usize = 32;

/// Keys that sign tickets: the newest signs, every one verifies, so that rotation ends no play.
#[derive(Clone)]
pub struct TicketKeys {
    newest_first: Vec<Zeroizing<[u8; KEY_BYTES]>>,
}

/// What a ticket says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// The container whose bytes may be fetched.
    pub container: ContainerId,
    /// The lease it was given out with; it dies with that lease.
    pub lease: Uuid,
    /// The first millisecond at which it is worth nothing.
    pub expires_at_ms: i64,
}

/// Why a ticket is not honored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TicketError {
    /// Not a ticket that this store signed.
    #[error("the ticket is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the ticket has expired")]
    Expired,
}

impl TicketKeys {
    pub(super) fn new(newest_first: Vec<Zeroizing<[u8; KEY_BYTES]>>) -> Self {
        debug_assert!(!newest_first.is_empty(), "a keyring is never empty");
        Self { newest_first }
    }

    fn mac(key: &[u8; KEY_BYTES], body: &[u8]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.chain_update(LABEL).chain_update(body)
    }
}

impl Ticket {
    /// A ticket that ends `lifetime_ms` from now, or at the longest life there is.
    pub fn new(container: ContainerId, lease: Uuid, now_ms: i64, lifetime_ms: i64) -> Self {
        let expires_at_ms = now_ms.saturating_add(lifetime_ms.clamp(0, MAX_LIFETIME_MS));
        Self {
            container,
            lease,
            expires_at_ms,
        }
    }

    /// The ticket as text that fits into a URL unchanged.
    pub fn sign(&self, keys: &TicketKeys) -> String {
        let body = self.body();
        let mac = TicketKeys::mac(&keys.newest_first[0], &body)
            .finalize()
            .into_bytes();
        URL_SAFE_NO_PAD.encode([body.as_slice(), &mac].concat())
    }

    /// Reads a ticket that this store signed and whose time is not over.
    pub fn verify(text: &str, keys: &TicketKeys, now_ms: i64) -> Result<Self, TicketError> {
        let mut bytes = [0; BODY_BYTES + MAC_BYTES];
        let len = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
        if len != Ok(bytes.len()) {
            return Err(TicketError::Invalid);
        }
        let (body, mac) = bytes.split_at(BODY_BYTES);
        let signed = |key: &Zeroizing<_>| TicketKeys::mac(key, body).verify_slice(mac).is_ok();
        if !keys.newest_first.iter().any(signed) {
            return Err(TicketError::Invalid);
        }
        let ticket = Self::parse(body).ok_or(TicketError::Invalid)?;
        match ticket.expires_at_ms.saturating_sub(now_ms) {
            ..=0 => Err(TicketError::Expired),
            1..=MAX_LIFETIME_MS => Ok(ticket),
            _ => Err(TicketError::Invalid),
        }
    }

    fn body(&self) -> [u8; BODY_BYTES] {
        let mut body = [VERSION; BODY_BYTES];
        body[1..17].copy_from_slice(self.container.as_bytes());
        body[17..33].copy_from_slice(self.lease.as_bytes());
        body[33..].copy_from_slice(&self.expires_at_ms.to_be_bytes());
        body
    }

    fn parse(body: &[u8]) -> Option<Self> {
        let (&VERSION, body) = body.split_first()? else {
            return None;
        };
        let (container, body) = body.split_first_chunk()?;
        let (lease, expiry) = body.split_first_chunk()?;
        Some(Self {
            container: Uuid::from_bytes(*container).into(),
            lease: Uuid::from_bytes(*lease),
            expires_at_ms: i64::from_be_bytes(expiry.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> TicketKeys {
        TicketKeys::new(bytes.iter().map(|b| Zeroizing::new([*b; 32])).collect())
    }

    fn ticket() -> Ticket {
        let id = ContainerId::from(Uuid::from_bytes([7; 16]));
        Ticket::new(id, Uuid::from_bytes([8; 16]), 1_000, 5_000)
    }

    #[test]
    fn a_ticket_reads_back_until_its_time_is_over() {
        let text = ticket().sign(&keys(&[1]));
        assert!(
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert_eq!(Ticket::verify(&text, &keys(&[1]), 1_000), Ok(ticket()));
        assert_eq!(Ticket::verify(&text, &keys(&[1]), 5_999), Ok(ticket()));
        assert_eq!(
            Ticket::verify(&text, &keys(&[1]), 6_000),
            Err(TicketError::Expired)
        );
    }

    #[test]
    fn no_ticket_lives_longer_than_ten_minutes() {
        let id = ContainerId::from(Uuid::nil());
        let long = Ticket::new(id, Uuid::nil(), 0, i64::MAX);
        assert_eq!(long.expires_at_ms, 600_000);
        let forged = Ticket {
            expires_at_ms: 600_001,
            ..long
        };
        let text = forged.sign(&keys(&[1]));
        assert_eq!(
            Ticket::verify(&text, &keys(&[1]), 0),
            Err(TicketError::Invalid)
        );
    }

    #[test]
    fn an_old_key_still_verifies_after_rotation_and_a_foreign_one_never() {
        let text = ticket().sign(&keys(&[1]));
        assert!(Ticket::verify(&text, &keys(&[2, 1]), 1_000).is_ok());
        assert_eq!(
            Ticket::verify(&text, &keys(&[2]), 1_000),
            Err(TicketError::Invalid)
        );
    }

    #[test]
    fn every_changed_character_spoils_a_ticket() {
        let text = ticket().sign(&keys(&[1]));
        for at in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                Ticket::verify(&changed, &keys(&[1]), 1_000),
                Err(TicketError::Invalid)
            );
        }
        for other in ["", "A", &text[1..], &format!("{text}A"), "\u{e9}"] {
            assert_eq!(
                Ticket::verify(other, &keys(&[1]), 1_000),
                Err(TicketError::Invalid)
            );
        }
    }
}
