//! The part of `matinee verify` that looks at the stored films: each finished container is there,
//! whole, and has its root; and nothing lies around that no upload knows.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use tokio::task::spawn_blocking;

use crate::platform::blobs::Blobs;
use crate::platform::db::Conn;
use crate::sealed::root_of;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;
use crate::uploads::store;

/// Looks at every stored film; one sentence for each fault. `progress` is told how many bytes of
/// how many were read.
pub async fn scrub(
    conn: &mut Conn,
    blobs: &Blobs,
    progress: impl Fn(u64, u64) + Send + 'static,
) -> anyhow::Result<Vec<String>> {
    let uploads = store::all_uploads(conn).await?;
    let blobs = blobs.clone();
    spawn_blocking(move || look(&uploads, &blobs, &progress)).await?
}

fn look(
    uploads: &[Upload],
    blobs: &Blobs,
    progress: &dyn Fn(u64, u64),
) -> anyhow::Result<Vec<String>> {
    let finished = uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Finished);
    let total = finished
        .clone()
        .map(|upload| upload.ciphertext_length)
        .sum();
    let (mut faults, mut done) = (Vec::new(), 0);
    for upload in finished.clone() {
        faults.extend(fault_of(upload, blobs)?);
        done += upload.ciphertext_length;
        progress(done, total);
    }
    let known: BTreeSet<_> = finished.map(|upload| upload.container).collect();
    for stray in blobs
        .containers()?
        .into_iter()
        .filter(|id| !known.contains(id))
    {
        faults.push(match uploads.iter().find(|upload| upload.container == stray) {
            Some(upload) => format!(
                "container {stray} is stored, but {} was not noted as finished; finish it again",
                upload.id
            ),
            None => format!("container {stray} is stored, but no upload knows it"),
        });
    }
    for stray in blobs.incoming_uploads()? {
        if !uploads.iter().any(|upload| upload.id == stray) {
            faults.push(format!(
                "an incoming file of {stray} is stored, but there is no such upload"
            ));
        }
    }
    faults.extend(
        uploads
            .iter()
            .filter_map(|upload| shortfall_of(upload, blobs)),
    );
    Ok(faults)
}

/// What is wrong with a finished container.
fn fault_of(upload: &Upload, blobs: &Blobs) -> io::Result<Option<String>> {
    let name = format!("container {} of {}", upload.container, upload.title_id);
    let file = match File::open(blobs.sealed(upload.container)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Some(format!("{name} is missing")));
        }
        Err(error) => return Err(error),
    };
    let (length, wanted) = (file.metadata()?.len(), upload.ciphertext_length);
    if length != wanted {
        return Ok(Some(format!(
            "{name} has {length} bytes instead of {wanted}"
        )));
    }
    match root_of(&file, upload.container, upload.plaintext_length) {
        Ok(root) if Some(root) == upload.root => Ok(None),
        Ok(_) => Ok(Some(format!(
            "{name} does not have the root it was finished with"
        ))),
        Err(error) => Ok(Some(format!("{name} cannot be read: {error}"))),
    }
}

/// An unfinished upload must have at least the bytes that were acknowledged.
fn shortfall_of(upload: &Upload, blobs: &Blobs) -> Option<String> {
    if upload.state == UploadState::Finished || upload.offset == 0 {
        return None;
    }
    let length_of = |path| std::fs::metadata(path).map(|found| found.len()).ok();
    let length = length_of(blobs.incoming(upload.id))
        .or_else(|| length_of(blobs.sealed(upload.container)))
        .unwrap_or(0);
    (length < upload.offset).then(|| {
        format!(
            "{} acknowledged {} bytes, but {length} are stored",
            upload.id, upload.offset
        )
    })
}
