//! What any web service needs: configuration, database, blobs, jobs, mail, payments, web floor.
//! No business.

pub mod blobs;
pub mod config;
pub mod csv;
pub mod db;
pub mod error;
pub mod jobs;
pub mod limits;
pub mod mail;
pub mod pdf;
pub mod state;
pub mod stripe;
pub mod telemetry;
pub mod web;
pub mod words;

pub use error::AppError;
pub use error::AppResult;
pub use state::AppState;
