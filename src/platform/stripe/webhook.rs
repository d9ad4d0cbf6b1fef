//! Signatures of Stripe's webhooks: checked over the raw bytes, before anything is parsed.
//!
//! The header reads `t=<unix seconds>,v1=<hex>,v1=<hex>,…`. A message counts as Stripe's when one
//! `v1` equals HMAC-SHA256 over `<t>.<raw body>` under one of our secrets, and `t` lies within
//! [`TOLERANCE_SECONDS`] of our clock, in either direction. Other schemes (`v0`) are ignored.

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use secrecy::ExposeSecret;
use secrecy::SecretString;
use serde::Deserialize;
use sha2::Sha256;

/// How far the time in a signature may lie from ours, before or after.
pub const TOLERANCE_SECONDS: i64 = 300;

/// An event whose signature was checked; there is no other way to get one.
///
/// It carries what names the event and its object, never the object's snapshot: whoever acts on
/// it asks Stripe for the present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEvent {
    id: String,
    kind: String,
    livemode: bool,
    account: Option<String>,
    object_id: Option<String>,
    payment_intent: Option<String>,
    created: i64,
}

impl VerifiedEvent {
    /// Stripe's id of the event, the key against double effects.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The type, for example `checkout.session.completed`; may be one we do not know.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether real money was meant.
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// The connected account the event belongs to, if any.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The id of the object the event is about; a few kinds have none.
    pub fn object_id(&self) -> Option<&str> {
        self.object_id.as_deref()
    }

    /// The payment to which the object belongs: a session, charge, refund or dispute names it,
    /// and a payment intent is one.
    pub fn payment_intent(&self) -> Option<&str> {
        self.payment_intent.as_deref()
    }

    /// When Stripe made the event, in Unix seconds.
    pub fn created(&self) -> i64 {
        self.created
    }
}

/// Why a message is not believed. Nothing may change because of such a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header lacks a time or a `v1` part.
    #[error("the Stripe-Signature header is missing or malformed")]
    Malformed,
    /// No `v1` belongs to this body under any of our secrets.
    #[error("no signature matches the body")]
    NoMatch,
    /// Signed too long ago, or in the future.
    #[error("the signature's time is more than 300 seconds away from ours")]
    OutsideTolerance,
    /// Properly signed, but not a Stripe event.
    #[error("the signed body is not an event")]
    NotAnEvent,
}

/// Checks `header` against `raw_body` and, only then, reads the event.
pub fn verify(
    raw_body: &[u8],
    header: &str,
    secrets: &[SecretString],
    now_unix_seconds: i64,
) -> Result<VerifiedEvent, SignatureError> {
    let (time, candidates) = parse_header(header)?;
    let matches = secrets.iter().any(|secret| {
        candidates
            .iter()
            .any(|candidate| mac(secret, time, raw_body).verify_slice(candidate).is_ok())
    });
    if !matches {
        return Err(SignatureError::NoMatch);
    }
    let seconds: i64 = time.parse().map_err(|_| SignatureError::Malformed)?;
    if now_unix_seconds.abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError::OutsideTolerance);
    }
    read_event(raw_body)
}

/// The header that Stripe would send for this body at this second. The sandbox signs with it.
pub fn sign(raw_body: &[u8], secret: &SecretString, unix_seconds: i64) -> String {
    let time = unix_seconds.to_string();
    let tag = mac(secret, &time, raw_body).finalize().into_bytes();
    format!("t={time},v1={}", hex::encode(tag))
}

/// The time as written (it is part of what was signed) and every decodable `v1`.
fn parse_header(header: &str) -> Result<(&str, Vec<Vec<u8>>), SignatureError> {
    let mut time = None;
    let mut candidates = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => time = Some(value),
            // Stripe writes lower-case hex; anything else cannot be its signature.
            Some(("v1", value)) if !value.bytes().any(|b| b.is_ascii_uppercase()) => {
                candidates.extend(hex::decode(value).ok());
            }
            _ => {}
        }
    }
    match time {
        Some(time) if !candidates.is_empty() => Ok((time, candidates)),
        _ => Err(SignatureError::Malformed),
    }
}

fn mac(secret: &SecretString, time: &str, raw_body: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(raw_body);
    mac
}

fn read_event(raw_body: &[u8]) -> Result<VerifiedEvent, SignatureError> {
    #[derive(Deserialize)]
    struct Wire {
        id: String,
        #[serde(rename = "type")]
        kind: String,
        livemode: bool,
        account: Option<String>,
        created: i64,
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        object: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        id: Option<String>,
        object: Option<String>,
        payment_intent: Option<Reference>,
    }
    /// An id, or the whole object, as the endpoint's API version has it.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Reference {
        Id(String),
        Object { id: String },
        Other(serde::de::IgnoredAny),
    }
    let wire: Wire = serde_json::from_slice(raw_body).map_err(|_| SignatureError::NotAnEvent)?;
    let object = wire.data.object;
    let payment_intent = match (object.payment_intent, object.object.as_deref()) {
        (Some(Reference::Id(id) | Reference::Object { id }), _) => Some(id),
        (_, Some("payment_intent")) => object.id.clone(),
        _ => None,
    };
    Ok(VerifiedEvent {
        id: wire.id,
        kind: wire.kind,
        livemode: wire.livemode,
        account: wire.account,
        object_id: object.id,
        payment_intent,
        created: wire.created,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"customer.created","livemode":false,"created":1700000000,"data":{"object":{"id":"cus_1"}}}"#;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn the_published_vector_is_reproduced() {
        let body = br#"{"id":"evt_1","object":"event","type":"checkout.session.completed"}"#;
        assert_eq!(
            sign(body, &secret("whsec_abc"), NOW),
            "t=1700000000,v1=e3c223a18350502492431752c60e3a07e639c907281c2088451b5941072d77d3"
        );
    }

    /// The vectors come from Stripe's own library; `tests/oracles` holds them against it.
    #[test]
    fn stripes_own_signatures_are_made_and_judged_alike() {
        #[derive(Deserialize)]
        struct Vector {
            name: String,
            body: String,
            secret: String,
            header: String,
            now: i64,
            accepted: bool,
        }
        let text = include_str!("../../../tests/oracles/stripe_signatures.json");
        let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
        for v in &vectors {
            let key = secret(&v.secret);
            if v.name.starts_with("signed ") {
                assert_eq!(sign(v.body.as_bytes(), &key, v.now), v.header, "{}", v.name);
            }
            let verdict = verify(v.body.as_bytes(), &v.header, &[key], v.now);
            assert_eq!(verdict.is_ok(), v.accepted, "{}: {verdict:?}", v.name);
        }
        assert!(vectors.len() > 30);
    }

    #[test]
    fn a_signed_event_of_unknown_type_is_read() {
        let header = sign(BODY, &secret("whsec_a"), NOW);
        let event = verify(BODY, &header, &[secret("whsec_a")], NOW).unwrap();
        assert_eq!((event.id(), event.kind()), ("evt_1", "customer.created"));
        assert_eq!((event.object_id(), event.account()), (Some("cus_1"), None));
        assert_eq!((event.livemode(), event.created()), (false, NOW));
    }

    #[test]
    fn the_payment_is_named_by_whatever_belongs_to_it() {
        for (object, payment) in [
            (
                r#"{"id":"ch_1","object":"charge","payment_intent":"pi_1"}"#,
                Some("pi_1"),
            ),
            (
                r#"{"id":"re_1","object":"refund","payment_intent":{"id":"pi_1","x":[]}}"#,
                Some("pi_1"),
            ),
            (r#"{"id":"pi_1","object":"payment_intent"}"#, Some("pi_1")),
            (
                r#"{"id":"du_1","object":"dispute","payment_intent":null}"#,
                None,
            ),
            (
                r#"{"id":"du_1","object":"dispute","payment_intent":7}"#,
                None,
            ),
            (r#"{"id":"acct_1","object":"account"}"#, None),
        ] {
            let body = format!(
                r#"{{"id":"evt_1","type":"x","livemode":false,"created":1,"data":{{"object":{object}}}}}"#
            );
            let header = sign(body.as_bytes(), &secret("whsec_a"), NOW);
            let event = verify(body.as_bytes(), &header, &[secret("whsec_a")], NOW).unwrap();
            assert_eq!(event.payment_intent(), payment, "{object}");
        }
    }

    #[test]
    fn during_rotation_any_v1_and_any_secret_may_match() {
        let old = sign(BODY, &secret("whsec_old"), NOW);
        let new = sign(BODY, &secret("whsec_new"), NOW);
        let both = format!("{old},{},v0=00", new.split_once(',').unwrap().1);
        for known in ["whsec_old", "whsec_new"] {
            assert!(verify(BODY, &both, &[secret(known)], NOW).is_ok());
        }
        assert!(verify(BODY, &new, &[secret("whsec_old"), secret("whsec_new")], NOW).is_ok());
    }

    #[test]
    fn another_secret_another_body_or_another_time_do_not_match() {
        let header = sign(BODY, &secret("whsec_a"), NOW);
        let later = header.replace("t=1700000000", "t=1700000001");
        let mut changed = BODY.to_vec();
        changed[10] ^= 1;
        let refused = Err(SignatureError::NoMatch);
        assert_eq!(verify(BODY, &header, &[secret("whsec_b")], NOW), refused);
        assert_eq!(
            verify(&changed, &header, &[secret("whsec_a")], NOW),
            refused
        );
        assert_eq!(verify(BODY, &later, &[secret("whsec_a")], NOW), refused);
        assert_eq!(verify(BODY, &header, &[], NOW), refused);
    }

    #[test]
    fn a_part_of_the_right_tag_is_not_enough() {
        let header = sign(BODY, &secret("whsec_a"), NOW);
        for length in ["t=1700000000,v1=".len(), header.len() - 2] {
            assert_eq!(
                verify(BODY, &header[..length], &[secret("whsec_a")], NOW),
                Err(SignatureError::NoMatch)
            );
        }
    }

    #[test]
    fn age_is_limited_in_both_directions() {
        let header = sign(BODY, &secret("whsec_a"), NOW);
        for (now, fine) in [(300, true), (-300, true), (301, false), (-301, false)] {
            let result = verify(BODY, &header, &[secret("whsec_a")], NOW + now);
            assert_eq!(result.is_ok(), fine, "{now} seconds");
            assert!(fine || result == Err(SignatureError::OutsideTolerance));
        }
    }

    #[test]
    fn nonsense_headers_are_refused_without_panic() {
        for header in [
            "",
            "t=1",
            "v1=aa",
            "t=1,v1=zz",
            ",,,",
            "t=1,v0=aa",
            "t=x,v1=A0",
        ] {
            assert_eq!(
                verify(BODY, header, &[secret("whsec_a")], NOW),
                Err(SignatureError::Malformed),
                "{header}"
            );
        }
    }

    #[test]
    fn a_signed_body_that_is_no_event_is_told_apart() {
        for body in [&b"{}"[..], b"not json", b"[]", b"\xff"] {
            let header = sign(body, &secret("whsec_a"), NOW);
            assert_eq!(
                verify(body, &header, &[secret("whsec_a")], NOW),
                Err(SignatureError::NotAnEvent)
            );
        }
    }
}
