//! Lending period keys to a browser: wrapped to a key that the browser made and cannot export.
//!
//! ```text
//! shared       = ECDH(server's ephemeral key, browser's public key)     X25519, or P-256
//! wrapping key = HKDF-SHA256(ikm = shared, salt = browser's ‖ server's public key,
//!                            info = "matinee/v1/lease" ‖ lease id ‖ container id ‖ period (u32 BE))
//! wrapped      = AES-256-GCM(wrapping key, nonce (12), period key), 48 bytes, no associated data
//! ```
//! Public keys travel as raw bytes: 32 of X25519, or 65 of an uncompressed point of P-256 (the
//! x-coordinate of the shared point is then the shared secret).

use rand::CryptoRng;
use ring::agreement;
use ring::rand::SystemRandom;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::envelope;
use super::envelope::NONCE_BYTES;
use super::envelope::WRAPPED_BYTES;
use super::id::ContainerId;
use super::keys::KEY_BYTES;
use super::keys::PeriodKey;
use super::keys::derive;

const LABEL: &[u8] = b"matinee/v1/lease";

/// Why no lease can be wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LeaseError {
    /// Neither a point of P-256 nor an X25519 key of full order.
    #[error("the browser's public key is not valid")]
    PublicKey,
    /// The system has no randomness to give.
    #[error("making the server's part of the key agreement")]
    Randomness,
}

/// Wraps the period keys of one answer to one browser.
pub struct LeaseWrapper {
    shared: Zeroizing<Vec<u8>>,
    salt: Vec<u8>,
    server_public_key: Vec<u8>,
}

/// A period key that only one browser can unwrap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedPeriodKey {
    /// The crypto-period it opens.
    pub period: u32,
    /// The nonce of the envelope.
    pub nonce: [u8; NONCE_BYTES],
    /// The sealed key and its tag.
    pub wrapped: [u8; WRAPPED_BYTES],
}

impl LeaseWrapper {
    /// Agrees on a secret with the browser that sent this raw public key.
    ///
    /// The server's half is used for this one answer. `ring` takes it from the system's
    /// generator and lets nobody choose it, hence no generator among the arguments.
    pub fn new(browser_public_key: &[u8]) -> Result<Self, LeaseError> {
        let curve = match browser_public_key.len() {
            32 => &agreement::X25519,
            65 => &agreement::ECDH_P256,
            _ => return Err(LeaseError::PublicKey),
        };
        let own = agreement::EphemeralPrivateKey::generate(curve, &SystemRandom::new())
            .map_err(|_| LeaseError::Randomness)?;
        let server_public_key = own
            .compute_public_key()
            .map_err(|_| LeaseError::Randomness)?;
        let server_public_key = server_public_key.as_ref().to_vec();
        let peer = agreement::UnparsedPublicKey::new(curve, browser_public_key);
        let shared = agreement::agree_ephemeral(own, &peer, |secret| secret.to_vec())
            .map_err(|_| LeaseError::PublicKey)?;
        Ok(Self {
            shared: Zeroizing::new(shared),
            salt: [browser_public_key, &server_public_key].concat(),
            server_public_key,
        })
    }

    /// The server's raw public key, which goes to the browser with the wrapped keys.
    pub fn server_public_key(&self) -> &[u8] {
        &self.server_public_key
    }

    /// Wraps the key of one period.
    pub fn wrap(
        &self,
        lease: Uuid,
        container: ContainerId,
        period: u32,
        key: &PeriodKey,
        rng: &mut dyn CryptoRng,
    ) -> WrappedPeriodKey {
        let mut wrapping = Zeroizing::new([0; KEY_BYTES]);
        let number = period.to_be_bytes();
        let info = [LABEL, lease.as_bytes(), container.as_bytes(), &number];
        derive(&self.shared, &self.salt, &info, wrapping.as_mut());
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let wrapped = envelope::wrap(&wrapping, &nonce, &[], key.expose());
        WrappedPeriodKey {
            period,
            nonce,
            wrapped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The browser's side, written from the format's text.
    struct Browser {
        curve: &'static agreement::Algorithm,
        private: agreement::EphemeralPrivateKey,
        public: Vec<u8>,
    }

    impl Browser {
        fn new(curve: &'static agreement::Algorithm) -> Self {
            let private =
                agreement::EphemeralPrivateKey::generate(curve, &SystemRandom::new()).unwrap();
            let public = private.compute_public_key().unwrap().as_ref().to_vec();
            Self {
                curve,
                private,
                public,
            }
        }

        fn unwrap(
            self,
            server: &[u8],
            lease: Uuid,
            id: ContainerId,
            key: &WrappedPeriodKey,
        ) -> Option<[u8; 32]> {
            let peer = agreement::UnparsedPublicKey::new(self.curve, server);
            let shared =
                agreement::agree_ephemeral(self.private, &peer, |secret| secret.to_vec()).unwrap();
            let salt = [&self.public, server].concat();
            let mut info = b"matinee/v1/lease".to_vec();
            info.extend(lease.as_bytes());
            info.extend(id.as_bytes());
            info.extend(key.period.to_be_bytes());
            let mut wrapping = [0; 32];
            derive(&shared, &salt, &[&info], &mut wrapping);
            envelope::unwrap(&wrapping, &key.nonce, &[], &key.wrapped)
                .ok()
                .map(|key| *key)
        }
    }

    fn ids() -> (Uuid, ContainerId) {
        (Uuid::from_bytes([1; 16]), Uuid::from_bytes([2; 16]).into())
    }

    #[test]
    fn the_browser_that_asked_unwraps_the_key_on_both_curves() {
        let (lease, id) = ids();
        for (curve, len) in [(&agreement::X25519, 32), (&agreement::ECDH_P256, 65)] {
            let browser = Browser::new(curve);
            let wrapper = LeaseWrapper::new(&browser.public).unwrap();
            assert_eq!(wrapper.server_public_key().len(), len);
            let key = PeriodKey::from_bytes([9; 32]);
            let wrapped = wrapper.wrap(lease, id, 3, &key, &mut rand::rng());
            let opened = browser.unwrap(wrapper.server_public_key(), lease, id, &wrapped);
            assert_eq!(opened, Some([9; 32]));
        }
    }

    #[test]
    fn another_browser_lease_container_or_period_unwraps_nothing() {
        let (lease, id) = ids();
        let attempts: [fn(&mut Uuid, &mut ContainerId, &mut WrappedPeriodKey); 4] = [
            |lease, _, _| *lease = Uuid::nil(),
            |_, id, _| *id = Uuid::nil().into(),
            |_, _, key| key.period += 1,
            |_, _, key| key.wrapped[0] ^= 1,
        ];
        for attempt in attempts {
            let browser = Browser::new(&agreement::X25519);
            let wrapper = LeaseWrapper::new(&browser.public).unwrap();
            let key = PeriodKey::from_bytes([9; 32]);
            let mut wrapped = wrapper.wrap(lease, id, 3, &key, &mut rand::rng());
            let (mut lease, mut id) = (lease, id);
            attempt(&mut lease, &mut id, &mut wrapped);
            assert_eq!(
                browser.unwrap(wrapper.server_public_key(), lease, id, &wrapped),
                None
            );
        }
        let asked = Browser::new(&agreement::X25519);
        let other = Browser::new(&agreement::X25519);
        let wrapper = LeaseWrapper::new(&asked.public).unwrap();
        let key = PeriodKey::from_bytes([9; 32]);
        let wrapped = wrapper.wrap(lease, id, 3, &key, &mut rand::rng());
        assert_eq!(
            other.unwrap(wrapper.server_public_key(), lease, id, &wrapped),
            None
        );
    }

    #[test]
    fn bad_public_keys_are_refused() {
        let mut off_curve = [1; 65];
        off_curve[0] = 4;
        let low_order = [0; 32];
        for bad in [&[][..], &[4; 64], &[4; 33], &off_curve, &low_order] {
            assert_eq!(LeaseWrapper::new(bad).err(), Some(LeaseError::PublicKey));
        }
    }
}
