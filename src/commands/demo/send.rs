//! Sends a film of the demo as a program of the studio would: with an API token, sealed, by tus.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header;

use crate::accounts::Account;
use crate::catalog::Title;
use crate::kernel::text::DisplayName;
use crate::platform::AppState;
use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::Sealer;
use crate::sealed::keyring::wrap_for_ingest;
use crate::studios;
use crate::studios::Studio;

/// Seals a film, uploads it, and finishes the upload.
pub(super) async fn upload(
    state: &AppState,
    owner: &Account,
    studio: &Studio,
    title: &Title,
    film: &[u8],
) -> anyhow::Result<()> {
    let token = token(state, owner, studio).await?;
    let (sealed, metadata, root) = seal(state, title, film)?;
    let store = state.config.public_url.clone();
    let client = reqwest::Client::new();
    let created = client
        .post(store.join("/studio/uploads"))
        .bearer_auth(&token)
        .header("Tus-Resumable", "1.0.0")
        .header("Upload-Length", sealed.len())
        .header("Upload-Metadata", metadata)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .body(sealed)
        .send()
        .await?
        .error_for_status()?;
    let place = created
        .headers()
        .get(header::LOCATION)
        .context("an upload has an address")?;
    let place = created.url().join(place.to_str()?)?;
    let finished = client
        .post(format!("{place}/finish"))
        .bearer_auth(&token)
        .json(&serde_json::json!({ "root": root }))
        .send()
        .await?;
    finished.error_for_status()?;
    Ok(())
}

/// A token of the studio that exists for one upload's sake.
async fn token(state: &AppState, owner: &Account, studio: &Studio) -> anyhow::Result<String> {
    let name = DisplayName::parse("Demo films")?;
    let mut tx = state.db.begin_write().await?;
    let token = studios::issue_token(&mut tx, studio.id, owner.id, name, state.now()).await?;
    tx.commit().await?;
    Ok(token)
}

/// The sealed film, what tus is told about it, and its root.
fn seal(state: &AppState, title: &Title, film: &[u8]) -> anyhow::Result<(Vec<u8>, String, String)> {
    let mut rng = rand::rng();
    let (container, dek) = (ContainerId::generate(&mut rng), Dek::generate(&mut rng));
    let length = u64::try_from(film.len())?;
    let store_key = state.keyring.ingest_key().public_key();
    let wrapped = wrap_for_ingest(&store_key, container, &dek, &mut rng)?;
    let mut sealer = Sealer::new(dek, container, length)?;
    let pairs = [
        ("title", title.slug.to_string()),
        ("container", container.to_string()),
        ("length", length.to_string()),
        ("wrapped_dek", URL_SAFE_NO_PAD.encode(wrapped)),
        ("commitment", sealer.commitment().to_string()),
        ("kind", "feature".to_owned()),
    ];
    let mut sealed = Vec::new();
    let root = sealer.seal_all(film, &mut sealed, |_| ())?;
    let metadata = pairs
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .join(",");
    Ok((sealed, metadata, root.to_string()))
}
