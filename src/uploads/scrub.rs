//! The part of `matinee verify` that looks at the stored films: each finished container is there,
//! whole, and has its root; and nothing lies around that no upload knows.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;

use tokio::task::spawn_blocking;

use crate::kernel::ids::UploadId;
use crate::platform::blobs::Blobs;
use crate::platform::db::Conn;
use crate::sealed::ContainerId;
use crate::sealed::root_of;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;
use crate::uploads::store;

/// Looks at every stored film; one sentence for each fault. `progress` is told how many bytes of
/// how many were read.
///
/// The store may go on meanwhile. So files are listed before rows: a row comes before its file
/// and goes before it. And an upload that seems to lack bytes is looked up once more.
pub async fn scrub(
    conn: &mut Conn,
    blobs: &Blobs,
    progress: impl Fn(u64, u64) + Send + 'static,
) -> anyhow::Result<Vec<String>> {
    let (containers, incoming) = (blobs.containers()?, blobs.incoming_uploads()?);
    let uploads = store::all_uploads(conn).await?;
    let mut faults = strays(&uploads, &containers, &incoming);
    for upload in &uploads {
        if let Some(fault) = shortfall_of(upload, blobs)
            && store::upload_by_id(conn, upload.id).await?.as_ref() == Some(upload)
        {
            faults.push(fault);
        }
    }
    let blobs = blobs.clone();
    faults.extend(spawn_blocking(move || films(&uploads, &blobs, &progress)).await??);
    Ok(faults)
}

/// What is wrong with the finished films, each read from start to end.
fn films(
    uploads: &[Upload],
    blobs: &Blobs,
    progress: &dyn Fn(u64, u64),
) -> io::Result<Vec<String>> {
    let finished = uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Finished);
    let lengths = finished.clone().map(|upload| upload.ciphertext_length);
    let (total, mut done, mut faults) = (lengths.sum(), 0, Vec::new());
    for upload in finished {
        faults.extend(fault_of(upload, blobs)?);
        done += upload.ciphertext_length;
        progress(done, total);
    }
    Ok(faults)
}

/// Files that no upload knows.
fn strays(uploads: &[Upload], containers: &[ContainerId], incoming: &[UploadId]) -> Vec<String> {
    let by_container: BTreeMap<_, _> = uploads
        .iter()
        .map(|upload| (upload.container, upload))
        .collect();
    let known: BTreeSet<_> = uploads.iter().map(|upload| upload.id).collect();
    let sealed = containers
        .iter()
        .filter_map(|id| match by_container.get(id) {
            Some(upload) if upload.state == UploadState::Finished => None,
            Some(upload) => Some(format!(
                "container {id} is stored, but {} was not noted as finished; finish it again",
                upload.id
            )),
            None => Some(format!("container {id} is stored, but no upload knows it")),
        });
    let unknown = incoming.iter().filter(|id| !known.contains(id));
    let unknown = unknown
        .map(|id| format!("an incoming file of {id} is stored, but there is no such upload"));
    sealed.chain(unknown).collect()
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
