//! One type per kind of id. The text form names the kind (`title_018f…`), so a wrong id shows.

use std::fmt;

/// Why a text is not an id of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct IdFault;

/// Defines an id: a UUID (version 7, so ids sort by age) with its kind in front.
macro_rules! define_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// What stands before the underscore in the text form.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from a moment and ten random bytes.
            pub fn new(now: $crate::kernel::Time, rng: &mut impl rand::Rng) -> Self {
                let mut random = [0_u8; 10];
                rng.fill_bytes(&mut random);
                let millis = u64::try_from(now.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// The bare UUID, for keys and signatures that want sixteen bytes.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }

            /// The id around a UUID that was stored without its kind.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", Self::PREFIX, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdFault;

            fn from_str(text: &str) -> Result<Self, IdFault> {
                let hex = text
                    .strip_prefix(Self::PREFIX)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .filter(|rest| rest.len() == 32)
                    .ok_or(IdFault)?;
                uuid::Uuid::try_parse(hex).map(Self).map_err(|_| IdFault)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

define_id!(/** Names one person's account. */ AccountId, "account");
define_id!(/** Names one studio. */ StudioId, "studio");
define_id!(/** Names one film in the catalog. */ TitleId, "title");
define_id!(/** Names one offer of a title. */ OfferId, "offer");
define_id!(/** Names one upload of a master. */ UploadId, "upload");
define_id!(/** Names one purchase, paid or not. */ OrderId, "order");
define_id!(/** Names money that goes back to a buyer. */ RefundId, "refund");
define_id!(/** Names an objection of a buyer's bank. */ DisputeId, "dispute");
define_id!(/** Names one right of a viewer to watch a title. */ EntitlementId, "entitlement");
define_id!(/** Names one transfer of the ledger. */ TransferId, "transfer");
define_id!(/** Names one loan of period keys to a browser. */ LeaseId, "lease");
define_id!(/** Names one piece of background work. */ JobId, "job");
define_id!(/** Names one mail of the outbox. */ MailId, "mail");
define_id!(/** Names one API token. */ TokenId, "token");
define_id!(/** Names somebody who shares in films of a studio. */ ParticipantId, "participant");
define_id!(/** Names one statement of account. */ StatementId, "statement");
define_id!(/** Names one invoice, credit note or correction. */ InvoiceId, "invoice");
define_id!(/** Names one signed rights attestation. */ AttestationId, "attestation");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Time;
    use rand::SeedableRng;

    #[test]
    fn the_text_form_names_the_kind_and_reads_back() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let id = TitleId::new(Time::from_seconds(1_700_000_000), &mut rng);
        let text = id.to_string();
        assert!(text.starts_with("title_018bcfe5"), "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.parse::<OfferId>(), Err(IdFault));
        assert_eq!("title_".parse::<TitleId>(), Err(IdFault));
        assert_eq!(
            serde_json::from_str::<TitleId>(&format!("\"{text}\"")).unwrap(),
            id
        );
    }

    #[test]
    fn ids_sort_by_age() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(2);
        let old = OrderId::new(Time::from_millis(1_000), &mut rng).to_string();
        let new = OrderId::new(Time::from_millis(2_000), &mut rng).to_string();
        assert!(old < new);
    }
}
