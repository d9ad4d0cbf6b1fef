//! `matinee verify` as an operator runs it.

use std::process::Command;
use std::process::Output;

use crate::harness::TestDb;
use crate::uploads::Store;

fn verify(database: &str, blobs: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_matinee"))
        .arg("verify")
        .env_clear()
        .env("DATABASE_URL", database)
        .env("MATINEE_BLOBS", blobs)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_store_holds_and_a_flipped_byte_is_one_line() {
    let db = TestDb::sqlite().await;
    let store = Store::start(&db).await;
    let film = store.film(100_000);
    let path = store.send(&film).await;
    store
        .finish(&path, &film.root.to_string())
        .send()
        .await
        .unwrap();
    let blobs = &store.state.config.blobs_dir;

    let output = verify(&db.address, blobs);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        (output.status.code(), words.as_str()),
        (Some(0), "everything holds\n")
    );

    let sealed = store.state.blobs.sealed(film.container);
    let mut bytes = std::fs::read(&sealed).unwrap();
    bytes[65_530] ^= 1;
    std::fs::write(&sealed, bytes).unwrap();
    let output = verify(&db.address, blobs);
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        words.lines().count() == 1 && words.contains("does not have the root"),
        "{words}"
    );
}

#[test]
fn looking_at_nothing_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!(
        "sqlite://{}?mode=rwc",
        folder.path().join("no.db").display()
    );
    let output = verify(&address, &folder.path().join("blobs"));
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("DATABASE_URL"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
