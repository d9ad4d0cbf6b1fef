//! Giving a title a poster.

use crate::catalog::PosterVersion;
use crate::catalog::Title;
use crate::catalog::artwork::Artwork;
use crate::catalog::picture;
use crate::catalog::picture::PictureFault;
use crate::catalog::store;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;

/// Makes a poster of a file that somebody sent, and shows it from now on.
///
/// The pictures are on disk before the row names them; a crash in between leaves files that the
/// next poster of the title removes.
pub async fn give_poster(
    state: &AppState,
    title: &Title,
    file: Vec<u8>,
) -> AppResult<Result<PosterVersion, PictureFault>> {
    let header = match picture::inspect(&file) {
        Ok(header) => header,
        Err(fault) => return Ok(Err(fault)), // in milliseconds, without waiting for a place
    };
    let artwork = Artwork::inside(&state.config.data_dir);
    let (folder, id) = (artwork.clone(), title.id);
    let made = state
        .heavy(move || picture::pictures(&file, header).map(|made| folder.keep(id, &made)))
        .await
        .map_err(AppError::Internal)?;
    let version = match made {
        Ok(kept) => kept?,
        Err(fault) => return Ok(Err(fault)),
    };
    let mut tx = state.db.begin_write().await?;
    store::set_poster(&mut tx, title.id, &version).await?;
    tx.commit().await?;
    artwork.forget_others(title.id, &version);
    tracing::info!(title = %title.id, version = version.as_str(), "gave a title a poster");
    Ok(Ok(version))
}
