//! The sealed container and its keys: the format in which a film leaves the studio and stays.
//!
//! A container is Google Tink's streaming AEAD (AES-GCM-HKDF, segments of 64 KiB) cut into
//! crypto-periods of 64 MiB, each under a key of its own, so that a browser can be lent keys
//! piece by piece. The bytes are described on the format's own page; the constants and labels
//! here repeat its names.
//!
//! Invariants
//! - One DEK seals one plaintext; a nonce can be made in one way only ([`keys`] says why none
//!   is used twice).
//! - Nothing of a segment is released before its tag was checked, and what fails fails alike.
//! - No DEK is returned before its commitment was checked.
//! - Every offset follows from the plaintext's length; memory is bounded by a few segments.
//! - No HTTP, no SQL, and no idea of what a film is.

mod digest;
mod envelope;
mod id;
pub mod keyring;
pub mod keys;
pub mod layout;
pub mod lease;
mod open;
mod root;
mod seal;
mod segment;
pub mod signing;
mod source;
pub mod ticket;

#[cfg(test)]
mod tests;

pub use self::digest::Commitment;
pub use self::digest::DigestFault;
pub use self::digest::Root;
pub use self::id::ContainerId;
pub use self::keyring::IngestKey;
pub use self::keyring::Keyring;
pub use self::keyring::Purpose;
pub use self::keyring::WrappedDek;
pub use self::keys::Dek;
pub use self::keys::PeriodHeader;
pub use self::keys::PeriodKey;
pub use self::layout::Layout;
pub use self::layout::LayoutError;
pub use self::lease::LeaseWrapper;
pub use self::lease::WrappedPeriodKey;
pub use self::open::OpenError;
pub use self::open::Opener;
pub use self::open::PlaintextReader;
pub use self::root::RootError;
pub use self::root::RootHasher;
pub use self::root::root_of;
pub use self::seal::SealError;
pub use self::seal::Sealer;
pub use self::segment::PeriodCipher;
pub use self::segment::Tag;
pub use self::segment::open_segment;
pub use self::source::ReadAt;
pub use self::ticket::Ticket;
pub use self::ticket::TicketKeys;
