//! Taking a film key out of its envelope.

use crate::platform::db::Conn;
use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::Keyring;
use crate::sealed::Purpose;
use crate::sealed::keyring::UnwrapError;
use crate::uploads::store;

/// Why the key of a container is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// No such container.
    #[error("no key of such a container")]
    Unknown,
    /// The envelope does not open.
    #[error("unwrapping the film key")]
    Unwrap(#[source] UnwrapError),
    /// The database does not answer.
    #[error("reading the film key")]
    Read(#[from] sqlx::Error),
}

/// The key of a container, its commitment checked. It never leaves memory unwrapped.
pub async fn open_dek(
    conn: &mut Conn,
    keyring: &Keyring,
    container: ContainerId,
) -> Result<Dek, KeyFault> {
    let key = store::film_key(conn, container)
        .await?
        .ok_or(KeyFault::Unknown)?;
    keyring
        .unwrap(&key.wrapped, container, Purpose::Film, &key.commitment)
        .map_err(KeyFault::Unwrap)
}
