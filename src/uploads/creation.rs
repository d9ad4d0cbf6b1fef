//! Creation: the address of a new upload, room reserved for all of it, its key taken in.

use crate::catalog;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::ids::UploadId;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::sealed::Dek;
use crate::sealed::Layout;
use crate::sealed::Purpose;
use crate::uploads::error::TusError;
use crate::uploads::metadata::FilmMetadata;
use crate::uploads::model::FilmKey;
use crate::uploads::model::KEPT_FOR;
use crate::uploads::model::MAX_LENGTH;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;
use crate::uploads::store;

/// A request to create an upload.
pub(super) struct Creation<'a> {
    /// The studio that asks.
    pub(super) studio: StudioId,
    /// `Upload-Length`: bytes of the container.
    pub(super) length: u64,
    /// `Upload-Metadata` as it came.
    pub(super) metadata: &'a str,
}

/// Creates an upload, or finds the one that this very request created before.
pub(super) async fn create(state: &AppState, request: Creation<'_>) -> Result<Upload, TusError> {
    let film = FilmMetadata::parse(request.metadata)?;
    let layout = fitting_layout(request.length, film.plaintext_length)?;
    let key = take_key_in(state, &film)?;
    let mut tx = state.db.begin_write().await?;
    let title = catalog::title_of_studio(&mut tx, request.studio, &film.title).await?;
    let title = title.ok_or(TusError::NotFound)?;
    store::close_gate(&mut tx).await?;
    let upload = new_upload(state, &request, &film, layout, title.id);
    if let Some(earlier) = created_before(&mut tx, &upload, &key).await? {
        return Ok(earlier);
    }
    let room = store::room(&mut tx, request.studio, state.blobs.free_bytes()?).await?;
    room.admit(upload.ciphertext_length)?;
    if store::insert(&mut tx, &upload, &key).await? == 0 {
        return Err(ANOTHER_CONTAINER);
    }
    tx.commit().await?;
    Ok(upload)
}

const ANOTHER_CONTAINER: TusError =
    TusError::Conflict("A container of this id is here already. Seal the film again.");

/// The declared length must be the one that follows from the film's, so that a film that cannot be
/// whole is refused before its first byte.
fn fitting_layout(declared: u64, plaintext_length: u64) -> Result<Layout, TusError> {
    if declared == 0 || plaintext_length == 0 {
        return Err(TusError::malformed(
            "The file is empty; there is no film to upload.",
        ));
    }
    if declared > MAX_LENGTH {
        return Err(TusError::TooLarge);
    }
    let layout = Layout::new(plaintext_length).map_err(|_| TusError::TooLarge)?;
    if layout.ciphertext_len() != declared {
        return Err(TusError::malformed(format!(
            "A film of {plaintext_length} bytes makes a container of {} bytes, but Upload-Length \
             says {declared}.",
            layout.ciphertext_len()
        )));
    }
    Ok(layout)
}

/// Unwraps the film key, checks the commitment to it, and wraps it for storage.
fn take_key_in(state: &AppState, film: &FilmMetadata) -> Result<FilmKey, TusError> {
    let ingest = state.keyring.ingest_key();
    let dek: Dek = ingest
        .unwrap_dek(film.container, &film.wrapped_dek, &film.commitment)
        .map_err(|_| {
            TusError::malformed(
                "The film key was not wrapped to this store, or is not the one committed to.",
            )
        })?;
    let wrapped = state
        .keyring
        .wrap(&dek, film.container, Purpose::Film, &mut rand::rng());
    Ok(FilmKey {
        wrapped,
        commitment: film.commitment,
    })
}

fn new_upload(
    state: &AppState,
    request: &Creation<'_>,
    film: &FilmMetadata,
    layout: Layout,
    title_id: TitleId,
) -> Upload {
    let now = state.now();
    Upload {
        id: UploadId::new(now, &mut rand::rng()),
        studio_id: request.studio,
        title_id,
        container: film.container,
        kind: film.kind,
        metadata: request.metadata.to_owned(),
        plaintext_length: layout.plaintext_len(),
        ciphertext_length: layout.ciphertext_len(),
        offset: 0,
        state: UploadState::Receiving,
        root: None,
        created_at: now,
        expires_at: now.after(KEPT_FOR),
    }
}

/// The upload of the same container, if it is the same request come again.
async fn created_before(
    tx: &mut Conn,
    upload: &Upload,
    key: &FilmKey,
) -> Result<Option<Upload>, TusError> {
    let Some(earlier) = store::upload_by_container(tx, upload.container).await? else {
        return Ok(None);
    };
    let earlier_key = store::film_key(tx, upload.container)
        .await?
        .ok_or(TusError::NotFound)?;
    if earlier.is_the_one_of(upload, &earlier_key, key) {
        return Ok(Some(earlier));
    }
    Err(ANOTHER_CONTAINER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_declared_length_must_follow_from_the_film_s() {
        assert!(fitting_layout(1_056, 1_000).is_ok());
        for (declared, plain, said) in [
            (0, 0, "is empty"),
            (0, 1_000, "is empty"),
            (56, 0, "is empty"),
            (1_055, 1_000, "makes a container of 1056 bytes"),
            (MAX_LENGTH + 1, 1_000, "larger than the store accepts"),
            (1_056, u64::MAX, "larger than the store accepts"),
        ] {
            let error = fitting_layout(declared, plain).unwrap_err().to_string();
            assert!(error.contains(said), "{declared}, {plain}: {error}");
        }
    }
}
