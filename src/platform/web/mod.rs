//! The web floor: accept loop, sessions, security headers, errors, forms, page frame, assets.

pub mod assets;
pub mod client;
pub mod errors;
pub mod forms;
pub mod headers;
pub mod health;
pub mod page;
pub mod serve;
pub mod session;
mod stream;

pub use client::ClientAddress;
pub use forms::FormErrors;
pub use headers::CachePolicy;
pub use page::Page;
