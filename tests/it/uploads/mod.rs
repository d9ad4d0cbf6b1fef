//! Uploads over HTTP: the protocol line by line, what breaks, and a model.

mod breakage;
mod finishing;
mod model;
mod protocol;
mod store;

pub use store::Store;
