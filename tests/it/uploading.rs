//! `matinee upload` as a person runs it: interrupted, killed, refused.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use matinee::packaging;
use matinee::uploads::UploadState;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::uploads::Store;

/// A line to the store that a test can cut: it carries so many bytes, then breaks, or hangs.
struct Line {
    address: SocketAddr,
    /// Bytes it carries before it breaks; below zero it is whole.
    left: Arc<AtomicI64>,
    hangs: bool,
}

impl Line {
    async fn to(store: &Store, bytes: i64, hangs: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (left, target) = (Arc::new(AtomicI64::new(bytes)), store.address);
        let line = Self {
            address,
            left: Arc::clone(&left),
            hangs,
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, target, Arc::clone(&left), hangs));
            }
        });
        line
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until the line has carried what it may.
    async fn until_used_up(&self) {
        assert!(self.hangs, "a broken line mends itself");
        for _ in 0..3_000 {
            if self.left.load(Ordering::SeqCst) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the command never sent so much");
    }

    fn mend(&self) {
        self.left.store(i64::MAX, Ordering::SeqCst);
    }
}

/// Carries both directions of a connection; when the allowance ends the line breaks once (and is
/// whole afterwards), or hangs.
async fn carry(mut client: TcpStream, target: SocketAddr, left: Arc<AtomicI64>, hangs: bool) {
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let (mut up, mut down) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(read @ 1..) = read else { return };
                let allowed = left.load(Ordering::SeqCst).min(read as i64);
                let rest = left.fetch_sub(allowed, Ordering::SeqCst) - allowed;
                let allowed = usize::try_from(allowed).unwrap();
                if server.write_all(&up[..allowed]).await.is_err() {
                    return;
                }
                if rest == 0 {
                    while hangs && left.load(Ordering::SeqCst) == 0 {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    left.store(i64::MAX, Ordering::SeqCst);
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(read @ 1..) = read else { return };
                if client.write_all(&down[..read]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A folder with a film and room for the command's state.
struct Desk(tempfile::TempDir);

impl Desk {
    fn with(film: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("film.mp4"), film).unwrap();
        Self(folder)
    }

    fn film(&self) -> std::path::PathBuf {
        self.0.path().join("film.mp4")
    }

    fn command(&self, token: &str, url: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_matinee"));
        command
            .args([
                "upload",
                "film.mp4",
                "--title",
                "night-train",
                "--store",
                url,
            ])
            .args(more)
            .current_dir(self.0.path())
            .env_clear()
            .env("XDG_STATE_HOME", self.0.path().join("state"))
            .env("MATINEE_TOKEN", token)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Files that an upload left behind, locks aside.
    fn kept(&self) -> Vec<String> {
        let folder = self.0.path().join("state/matinee/uploads");
        let Ok(files) = std::fs::read_dir(&folder) else {
            return Vec::new();
        };
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.ends_with(".lock")).collect()
    }
}

async fn ended(child: Child) -> Output {
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap())
        .await
        .unwrap()
}

#[track_caller]
fn assert_done(output: &Output) {
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{words}");
}

/// Bytes that no two places of the film have in common.
fn film(length: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next)
        .flatten()
        .take(length)
        .collect()
}

/// What the store holds is the film, whole.
async fn assert_stored(store: &Store, wanted: &[u8]) {
    let mut conn = store.state.db.read().await.unwrap();
    let title = store.title;
    let upload = matinee::uploads::latest_upload_of_title(&mut conn, title)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(upload.state, UploadState::Finished);
    let keyring = &store.state.keyring;
    let dek = packaging::open_dek(&mut conn, keyring, upload.container)
        .await
        .unwrap();
    let blob = store.state.blobs.map(upload.container).unwrap();
    let mut opener = matinee::sealed::Opener::new(blob, dek, upload.container).unwrap();
    let mut opened = Vec::new();
    opener.copy_range(0..u64::MAX, &mut opened).unwrap();
    assert!(opened == wanted, "the store holds another film");
}

async fn store() -> (crate::harness::TestDb, Store) {
    let db = crate::harness::TestDb::sqlite().await;
    let store = Store::start(&db).await;
    (db, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_arrives_whole_and_leaves_nothing_behind() {
    let (_db, store) = store().await;
    for length in [1, 70_000, 9_000_000] {
        let (film, url) = (film(length), format!("http://{}", store.address));
        let desk = Desk::with(&film);
        let output = ended(desk.command(&store.token, &url, &[]).spawn().unwrap()).await;
        assert_done(&output);
        assert!(String::from_utf8_lossy(&output.stdout).contains("uploaded: "));
        assert_eq!(desk.kept(), [""; 0]);
        store.clock.advance(Duration::from_secs(1));
        assert_stored(&store, &film).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_breaks_is_no_reason_to_stop() {
    let (_db, store) = store().await;
    let film = film(20_000_000);
    for bytes in [100, 2_000, 5_000_000, 19_000_000] {
        let (desk, line) = (Desk::with(&film), Line::to(&store, bytes, false).await);
        assert_done(
            &ended(
                desk.command(&store.token, &line.url(), &[])
                    .spawn()
                    .unwrap(),
            )
            .await,
        );
        store.clock.advance(Duration::from_secs(1));
        assert_stored(&store, &film).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_command_goes_on_where_it_was() {
    let (_db, store) = store().await;
    let film = film(30_000_000);
    let desk = Desk::with(&film);
    let line = Line::to(&store, 12_000_000, true).await;
    let mut child = desk
        .command(&store.token, &line.url(), &[])
        .spawn()
        .unwrap();
    line.until_used_up().await;
    let second = ended(
        desk.command(&store.token, &line.url(), &[])
            .spawn()
            .unwrap(),
    )
    .await;
    assert_eq!(second.status.code(), Some(1), "one command at a time");
    child.kill().unwrap();
    child.wait().unwrap();
    line.mend();
    assert_eq!(desk.kept().len(), 2, "key and journal");
    assert_private(&desk.0.path().join("state"));
    let output = ended(
        desk.command(&store.token, &line.url(), &[])
            .spawn()
            .unwrap(),
    )
    .await;
    assert_done(&output);
    assert_stored(&store, &film).await;
    assert_eq!(desk.kept(), [""; 0]);
    let mut conn = store.state.db.read().await.unwrap();
    let sweeps = matinee::platform::jobs::backlog(&mut conn).await.unwrap();
    assert_eq!(sweeps.waiting, 1, "one upload, one inspection");
}

fn assert_private(folder: &Path) {
    use std::os::unix::fs::MetadataExt;
    for file in std::fs::read_dir(folder.join("matinee/uploads")).unwrap() {
        let mode = file.unwrap().metadata().unwrap().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_film_is_refused_until_the_person_says_restart() {
    let (_db, store) = store().await;
    let first = film(30_000_000);
    let desk = Desk::with(&first);
    let line = Line::to(&store, 12_000_000, true).await;
    let mut child = desk
        .command(&store.token, &line.url(), &[])
        .spawn()
        .unwrap();
    line.until_used_up().await;
    child.kill().unwrap();
    child.wait().unwrap();
    line.mend();
    let mut second = first.clone();
    second[1_000] ^= 1;
    std::fs::write(desk.film(), &second).unwrap();
    let refused = ended(
        desk.command(&store.token, &line.url(), &[])
            .spawn()
            .unwrap(),
    )
    .await;
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        words.contains("changed since its upload began") && words.contains("--restart"),
        "{words}"
    );
    let again = desk
        .command(&store.token, &line.url(), &["--restart"])
        .spawn()
        .unwrap();
    assert_done(&ended(again).await);
    assert_stored(&store, &second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_changed_behind_the_clock_s_back_is_refused_by_its_tags() {
    let (_db, store) = store().await;
    let first = film(30_000_000);
    let desk = Desk::with(&first);
    let modified = std::fs::metadata(desk.film()).unwrap().modified().unwrap();
    let line = Line::to(&store, 12_000_000, true).await;
    let mut child = desk
        .command(&store.token, &line.url(), &[])
        .spawn()
        .unwrap();
    line.until_used_up().await;
    child.kill().unwrap();
    child.wait().unwrap();
    line.mend();
    let changed: Vec<u8> = first.iter().map(|byte| byte ^ 1).collect();
    std::fs::write(desk.film(), changed).unwrap();
    std::fs::File::open(desk.film())
        .unwrap()
        .set_modified(modified)
        .unwrap();
    let refused = ended(
        desk.command(&store.token, &line.url(), &[])
            .spawn()
            .unwrap(),
    )
    .await;
    assert_eq!(refused.status.code(), Some(1));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        words.contains("the file changed since sealing began"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_the_store_forgot_begins_anew_under_another_key() {
    let (_db, store) = store().await;
    let film = film(30_000_000);
    let desk = Desk::with(&film);
    let line = Line::to(&store, 12_000_000, true).await;
    let mut child = desk
        .command(&store.token, &line.url(), &[])
        .spawn()
        .unwrap();
    line.until_used_up().await;
    child.kill().unwrap();
    child.wait().unwrap();
    line.mend();
    store.clock.advance(Duration::from_secs(8 * 24 * 3600));
    assert_done(
        &ended(
            desk.command(&store.token, &line.url(), &[])
                .spawn()
                .unwrap(),
        )
        .await,
    );
    assert_stored(&store, &film).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_use_is_told_in_one_sentence() {
    let (_db, store) = store().await;
    let (desk, url) = (Desk::with(b"a film"), format!("http://{}", store.address));
    let empty = Desk::with(b"");
    let mut no_token = desk.command("", &url, &[]);
    no_token.env_remove("MATINEE_TOKEN");
    let cases = [
        (2, "MATINEE_TOKEN is missing", no_token),
        (
            2,
            "an empty file cannot be sealed",
            empty.command(&store.token, &url, &[]),
        ),
        (
            2,
            "--store wants an address",
            desk.command(&store.token, "ftp://x", &[]),
        ),
        (
            1,
            "Sign in as a member",
            desk.command("mat_wrong", &url, &[]),
        ),
        (
            1,
            "nothing here that belongs",
            desk.command(&store.stranger, &url, &[]),
        ),
    ];
    for (code, said, mut command) in cases {
        let output = ended(command.spawn().unwrap()).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}: {words}");
        assert!(words.contains(said), "{said}: {words}");
        let sentences = words
            .lines()
            .filter(|line| line.starts_with("matinee: "))
            .count();
        assert_eq!(sentences, 1, "{words}");
    }
}
