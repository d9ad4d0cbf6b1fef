//! `matinee seal` and `matinee open`, as a person runs them, and the checks of the fuzz targets.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use matinee::sealed;
use matinee::sealed::Keyring;
use proptest::prelude::*;
use tempfile::TempDir;

#[path = "../../fuzz/src/checks.rs"]
mod checks;

const ID: &str = "6f1c2a52-6d0a-4a0e-9d3f-0d7a1f6f7a10";

/// A folder with a film in it, in which commands run.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn with_film(bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("film"), bytes).unwrap();
        Self { folder }
    }

    /// A film of a few segments, sealed as `sealed` under `key` and [`ID`].
    fn sealed() -> Self {
        let bench = Self::with_film(&film());
        assert_eq!(
            bench
                .run(&[
                    "seal",
                    "film",
                    "sealed",
                    "--key-file=key",
                    "--container-id",
                    ID
                ])
                .code,
            0
        );
        bench
    }

    fn run(&self, args: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_matinee"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .output()
            .unwrap()
            .into()
    }

    fn open(&self, more: &[&str]) -> Ended {
        let base = [
            "open",
            "sealed",
            "opened",
            "--key-file=key",
            "--container-id",
            ID,
        ];
        self.run(&[&base, more].concat())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    code: i32,
    stdout: Vec<u8>,
    stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn film() -> Vec<u8> {
    (0..200_000u32).map(|n| (n % 251) as u8).collect()
}

fn line<'a>(stdout: &'a str, name: &str) -> &'a str {
    stdout
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap()
}

#[test]
fn a_sealed_file_opens_again_and_its_facts_are_printed() {
    let bench = Bench::with_film(&film());
    let sealed = bench.run(&["seal", "film", "sealed", "--key-file", "key"]);
    assert_eq!(sealed.code, 0, "{sealed:?}");
    assert_eq!(sealed.stderr, "", "no bar without a terminal");
    let stdout = String::from_utf8(sealed.stdout).unwrap();
    assert_eq!(line(&stdout, "length: "), "200000");
    let id = line(&stdout, "container: ");
    let stored = fs::read(bench.path("sealed")).unwrap();
    let root = matinee::sealed::root_of(stored.as_slice(), id.parse().unwrap(), 200_000).unwrap();
    assert_eq!(line(&stdout, "root: "), root.to_string());
    let mode = fs::metadata(bench.path("key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let opened = bench.run(&[
        "open",
        "sealed",
        "opened",
        "--key-file=key",
        "--container-id",
        id,
    ]);
    assert_eq!(opened.code, 0, "{opened:?}");
    assert!(fs::read(bench.path("opened")).unwrap() == film());
    assert_eq!(bench.names(), ["film", "key", "opened", "sealed"]);
}

#[test]
fn the_same_key_file_and_id_never_seal_to_the_same_bytes() {
    let bench = Bench::sealed();
    let again = bench.run(&[
        "seal",
        "film",
        "again",
        "--key-file=key",
        "--container-id",
        ID,
    ]);
    assert_eq!(again.code, 0);
    let (one, two) = (
        fs::read(bench.path("sealed")).unwrap(),
        fs::read(bench.path("again")).unwrap(),
    );
    assert!(one[1..40] != two[1..40] && one[40..200] != two[40..200]);
}

#[test]
fn a_range_opens_to_a_file_and_to_standard_output() {
    let bench = Bench::sealed();
    for (range, bytes) in [
        ("0-0", 0..1),
        ("65479-65480", 65_479..65_481),
        ("0-199999", 0..200_000),
    ] {
        assert_eq!(bench.open(&["--range", range]).code, 0);
        assert!(fs::read(bench.path("opened")).unwrap() == film()[bytes.clone()]);
        let piped = bench.run(&[
            "open",
            "sealed",
            "-",
            "--key-file=key",
            "--container-id",
            ID,
            "--range",
            range,
        ]);
        assert_eq!(piped.code, 0);
        assert!(piped.stdout == film()[bytes]);
    }
    assert_eq!(bench.open(&["--range", "199999-200000"]).code, 2);
    assert_eq!(bench.open(&["--range", "2-1"]).code, 2);
}

#[test]
fn a_damaged_container_leaves_no_file_and_ends_with_one() {
    let bench = Bench::sealed();
    let mut bytes = fs::read(bench.path("sealed")).unwrap();
    bytes[150_000] ^= 1;
    fs::write(bench.path("sealed"), &bytes).unwrap();
    let ended = bench.open(&[]);
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("damaged"), "{}", ended.stderr);
    assert_eq!(bench.names(), ["film", "key", "sealed"]);
    // What lies before the fault was checked and may be read; nothing of the bad segment.
    let piped = bench.run(&[
        "open",
        "sealed",
        "-",
        "--key-file=key",
        "--container-id",
        ID,
    ]);
    assert_eq!(piped.code, 1);
    assert!(piped.stdout == film()[..65_480 + 65_520]);
    assert_eq!(bench.open(&["--range", "0-65479"]).code, 0);

    fs::write(bench.path("sealed"), &bytes[..70_000]).unwrap();
    assert_eq!(bench.open(&[]).code, 1);
    // A range that only the whole film has: the container is at fault, not the range.
    assert_eq!(bench.open(&["--range", "199000-199001"]).code, 1);
}

#[test]
fn an_older_result_survives_a_failure() {
    let bench = Bench::sealed();
    fs::write(bench.path("opened"), "older").unwrap();
    fs::write(bench.path("sealed"), "nonsense").unwrap();
    assert_eq!(bench.open(&[]).code, 1);
    assert_eq!(fs::read(bench.path("opened")).unwrap(), b"older");
}

#[test]
fn wrong_use_ends_with_two_and_one_sentence() {
    let bench = Bench::sealed();
    fs::write(bench.path("empty"), "").unwrap();
    fs::write(bench.path("no-key"), "hello").unwrap();
    let cases: [&[&str]; 9] = [
        &["seal", "missing", "out", "--key-file=key"],
        &["seal", "empty", "out", "--key-file=new-key"],
        &["seal", ".", "out", "--key-file=key"],
        &["seal", "film", "film", "--key-file=key"],
        &["seal", "film", "key", "--key-file=key"],
        &["seal", "film", "-", "--key-file=key"],
        &["seal", "film", "no/such/folder", "--key-file=key"],
        &["seal", "film", "out", "--key-file=no-key"],
        &[
            "open",
            "sealed",
            "out",
            "--key-file=missing",
            "--container-id",
            ID,
        ],
    ];
    for case in cases {
        let ended = bench.run(case);
        assert_eq!(ended.code, 2, "{case:?}: {ended:?}");
        assert_eq!(ended.stderr.lines().count(), 1, "{case:?}: {ended:?}");
        assert!(!bench.path("out").exists());
    }
    assert!(
        !bench.path("new-key").exists(),
        "a key was made for nothing"
    );
    assert_eq!(
        bench
            .run(&["seal", "film", "out", "--key-file=key", "--container-id=x"])
            .code,
        2
    );
    assert!(fs::read(bench.path("film")).unwrap() == film());
}

/// Random bytes, often with a beginning that gets past the first look.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        Just(vec![]),
        Just(vec![0x28]),
        Just(vec![1, 4]),
        Just(vec![0; 7])
    ];
    let rest = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        proptest::collection::vec(any::<u8>(), 31..=33),
        proptest::collection::vec(any::<u8>(), 59..=66),
        proptest::collection::vec(any::<u8>(), 124..=126),
    ];
    (start, rest).prop_map(|(start, rest)| [start, rest].concat())
}

proptest! {
    #[test]
    fn what_the_fuzz_target_container_checks_holds(data in hostile_bytes()) {
        checks::container(&data);
    }

    #[test]
    fn what_the_fuzz_target_envelopes_checks_holds(data in hostile_bytes()) {
        let keyring = Keyring::ephemeral(&mut rand::rng());
        checks::envelopes(&data, &keyring, &keyring.ingest_key(), &keyring.ticket_keys());
    }
}
