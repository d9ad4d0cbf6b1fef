//! Random histories of one upload against a model of it.

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;

use super::store::Store;
use crate::harness::TestDb;

#[derive(Clone, Debug)]
enum Step {
    /// Appends at the right offset, this many bytes.
    Append(usize),
    /// Appends at an offset that may be wrong.
    AppendAt(u64, usize),
    /// Appends with a checksum, right or wrong.
    Checked(usize, bool),
    Ask,
    Restart,
    /// Time passes: days.
    Wait(u64),
    Sweep,
    Delete,
    Finish,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..900_usize).prop_map(Step::Append),
        1 => (0..1_200_u64, 0..1_200_usize).prop_map(|(at, n)| Step::AppendAt(at, n)),
        2 => (1..900_usize, any::<bool>()).prop_map(|(n, right)| Step::Checked(n, right)),
        2 => Just(Step::Ask),
        1 => Just(Step::Restart),
        1 => (0..9_u64).prop_map(Step::Wait),
        1 => Just(Step::Sweep),
        1 => Just(Step::Delete),
        1 => Just(Step::Finish),
    ];
    prop::collection::vec(step, 1..14)
}

/// What the upload should be like.
#[derive(Debug, PartialEq)]
enum Model {
    Open { offset: usize, days_left: u64 },
    Expired,
    Finished,
    Gone,
}

const DAYS: u64 = 7;

async fn play(store: &mut Store, steps: &[Step]) {
    let film = store.film(2_000);
    let (path, total) = (store.create(&film).await, film.sealed.len());
    let mut model = Model::Open {
        offset: 0,
        days_left: DAYS,
    };
    for step in steps {
        match step {
            Step::Append(n) => {
                let at = if let Model::Open { offset, .. } = model {
                    offset
                } else {
                    0
                };
                append(
                    store,
                    &film.sealed,
                    &path,
                    &mut model,
                    at,
                    (*n).min(total - at),
                )
                .await;
            }
            Step::AppendAt(at, n) => {
                append(store, &film.sealed, &path, &mut model, *at as usize, *n).await;
            }
            Step::Checked(n, right) => {
                checked(store, &film.sealed, &path, &mut model, *n, *right).await
            }
            Step::Ask => {}
            Step::Restart => store.restart().await,
            Step::Wait(days) => {
                store
                    .clock
                    .advance(std::time::Duration::from_secs(days * 24 * 3600));
                if let Model::Open { offset, days_left } = model {
                    let left = days_left.saturating_sub(*days);
                    model = match left {
                        0 => Model::Expired,
                        left => Model::Open {
                            offset,
                            days_left: left,
                        },
                    };
                }
            }
            Step::Sweep => {
                store.runner().await.drain().await.ok();
                if model == Model::Expired {
                    model = Model::Gone;
                }
            }
            Step::Delete => {
                let status = store
                    .ask("DELETE", &path)
                    .send()
                    .await
                    .unwrap()
                    .status()
                    .as_u16();
                match model {
                    Model::Open { .. } | Model::Expired => assert_eq!(status, 204),
                    Model::Finished => assert_eq!(status, 409),
                    Model::Gone => assert_eq!(status, 404),
                }
                if model != Model::Finished {
                    model = Model::Gone;
                }
            }
            Step::Finish => {
                let answer = store
                    .finish(&path, &film.root.to_string())
                    .send()
                    .await
                    .unwrap();
                let wanted = match model {
                    Model::Open { offset, .. } if offset == total => 200,
                    Model::Open { .. } => 409,
                    Model::Finished => 200,
                    Model::Expired => 410,
                    Model::Gone => 404,
                };
                assert_eq!(answer.status(), wanted, "finish of {model:?}");
                if wanted == 200 {
                    model = Model::Finished;
                }
            }
        }
        check(store, &film.sealed, &path, &model).await;
    }
}

/// A refused body may be cut off by a closed connection before the answer is read: status 0.
async fn append(store: &Store, sealed: &[u8], path: &str, model: &mut Model, at: usize, n: usize) {
    let bytes: Vec<u8> = sealed
        .iter()
        .skip(at)
        .chain(&[7; 2_000])
        .take(n)
        .copied()
        .collect();
    let answer = store.patch(path, at as u64, &bytes).send().await.unwrap();
    let wanted = match model {
        Model::Open { offset, .. } if *offset != at => 409,
        Model::Open { offset, .. } if *offset + n > sealed.len() => 413,
        Model::Open { offset, days_left } => {
            if *offset < sealed.len() && n > 0 {
                *days_left = DAYS;
            }
            *offset += n;
            204
        }
        Model::Finished if at != sealed.len() => 409,
        Model::Finished if n > 0 => 413,
        Model::Finished => 204,
        Model::Expired => 410,
        Model::Gone => 404,
    };
    assert_eq!(answer.status(), wanted);
}

async fn checked(
    store: &Store,
    sealed: &[u8],
    path: &str,
    model: &mut Model,
    n: usize,
    right: bool,
) {
    use base64::Engine;
    use sha1::Digest;
    let Model::Open { offset, days_left } = model else {
        return;
    };
    let bytes = &sealed[*offset..(*offset + n).min(sealed.len())];
    if bytes.is_empty() {
        return;
    }
    let mut digest = sha1::Sha1::digest(bytes).to_vec();
    digest[0] ^= u8::from(!right);
    let sum = base64::engine::general_purpose::STANDARD.encode(digest);
    let request = store.patch(path, *offset as u64, bytes);
    let answer = request
        .header("Upload-Checksum", format!("sha1 {sum}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), if right { 204 } else { 460 });
    if right {
        *offset += bytes.len();
        *days_left = DAYS;
    }
}

async fn check(store: &Store, sealed: &[u8], path: &str, model: &Model) {
    let head = store.ask("HEAD", path).send().await.unwrap();
    let offset = super::store::header(&head, "upload-offset").and_then(|o| o.parse().ok());
    match model {
        Model::Open { offset: wanted, .. } => {
            assert_eq!(offset, Some(*wanted), "offset of {model:?}");
            let stored = std::fs::read(store.incoming(path)).unwrap_or_default();
            assert_eq!(stored, sealed[..*wanted]);
        }
        Model::Finished => assert_eq!(offset, Some(sealed.len())),
        Model::Expired => assert_eq!(head.status(), 410),
        Model::Gone => assert_eq!(head.status(), 404),
    }
}

/// One store plays all histories, each with an upload of its own.
fn histories(cases: u32, db: impl Future<Output = Option<TestDb>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let Some(db) = runtime.block_on(db) else {
        return eprintln!("not run: MATINEE_TEST_POSTGRES is not set");
    };
    let store = std::cell::RefCell::new(runtime.block_on(Store::start(&db)));
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let played = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(play(&mut store.borrow_mut(), &steps));
        Ok(())
    });
    runtime.block_on(async move { drop((store, db)) });
    played.unwrap();
}

#[test]
fn offsets_obey_the_model_on_sqlite() {
    histories(60, async { Some(TestDb::sqlite().await) });
}

#[test]
fn offsets_obey_the_model_on_postgres() {
    histories(30, TestDb::postgres());
}
