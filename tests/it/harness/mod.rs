//! What tests stand on: a fresh database per test, on either engine.

#![allow(dead_code)] // a harness offers what the next test needs

mod app;
mod db;
pub mod people;
mod person;
mod shop;

pub use app::ConnectedApp;
pub use app::START;
pub use app::TestApp;
pub use db::TestDb;
pub use person::Answer;
pub use person::Person;
pub use shop::FilmOnSale;
pub use shop::PASSWORD;

/// Runs a test on SQLite and on PostgreSQL, with a [`TestDb`] or a [`TestApp`] of its own.
///
/// ```ignore
/// on_both_engines! {
///     async fn a_paid_order_is_settled_once(app: &TestApp) { … }
/// }
/// ```
/// PostgreSQL is the server at `MATINEE_TEST_POSTGRES`; `tests/run` starts one. Without it that
/// half says so and does nothing.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($on:ident: &$kind:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)] // a short test may need none of them
            use super::*;

            async fn body($on: &crate::harness::$kind) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body(&crate::harness::$kind::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match crate::harness::$kind::postgres().await {
                    Some(on) => body(&on).await,
                    None => eprintln!("not run: MATINEE_TEST_POSTGRES is not set"),
                }
            }
        }
    )+};
}
