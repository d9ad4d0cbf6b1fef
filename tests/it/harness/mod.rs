//! What tests stand on: a fresh database per test, on either engine.

mod db;

pub use db::TestDb;

/// Runs a test on SQLite and on PostgreSQL; each run gets its own empty database.
///
/// ```ignore
/// on_both_engines! {
///     async fn a_paid_order_is_settled_once(db: &TestDb) { … }
/// }
/// ```
/// PostgreSQL is the server at `MATINEE_TEST_POSTGRES`; `tests/run` starts one. Without it that
/// half says so and does nothing.
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: &TestDb) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)] // a short test may need none of them
            use super::*;

            async fn body($db: &crate::harness::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                body(&crate::harness::TestDb::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                match crate::harness::TestDb::postgres().await {
                    Some(db) => body(&db).await,
                    None => eprintln!("not run: MATINEE_TEST_POSTGRES is not set"),
                }
            }
        }
    )+};
}
