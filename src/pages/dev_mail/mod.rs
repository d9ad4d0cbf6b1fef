//! `/dev/mail`: the outbox, readable in the browser. Only the demo mounts it, because whoever
//! reads a mail holds its links.

mod routes;
mod views;

pub use routes::router;
