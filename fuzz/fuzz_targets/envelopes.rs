#![no_main]

use std::sync::LazyLock;

use matinee_fuzz::sealed::IngestKey;
use matinee_fuzz::sealed::Keyring;
use matinee_fuzz::sealed::TicketKeys;

static KEYS: LazyLock<(Keyring, IngestKey, TicketKeys)> = LazyLock::new(|| {
    let keyring = Keyring::ephemeral(&mut rand::rng());
    let (ingest, tickets) = (keyring.ingest_key(), keyring.ticket_keys());
    (keyring, ingest, tickets)
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    matinee_fuzz::checks::envelopes(data, &KEYS.0, &KEYS.1, &KEYS.2);
});
