//! `matinee serve` as a process: its start, its refusals, its end, and slow clients.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// First words of the lines below a heading, up to the next empty line.
fn words_below<'a>(text: &'a str, heading: &str) -> BTreeSet<&'a str> {
    let rows = text.split_once(heading).expect("the heading is there").1;
    let rows = rows
        .trim_start()
        .lines()
        .take_while(|line| !line.is_empty());
    rows.filter_map(|line| line.split_whitespace().next())
        .collect()
}

#[test]
fn the_readme_names_every_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_matinee"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut known = words_below(&help, "Commands:");
    assert!(known.remove("help") && known.len() > 5, "{known:?}");
    let readme = include_str!("../../README.md").replace("| `matinee ", "");
    let named = words_below(&readme, "| command | does |\n|---|---|");
    let named = named.into_iter().map(|word| word.trim_end_matches('`'));
    assert_eq!(named.collect::<BTreeSet<_>>(), known);
}

/// The least that `serve` wants to know, in a folder of its own.
fn serve(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matinee"));
    command
        .arg("serve")
        .env_clear()
        .current_dir(folder)
        .env("MATINEE_BIND", "127.0.0.1:0")
        .env("MATINEE_PUBLIC_URL", "http://127.0.0.1:1")
        .env("STRIPE_SECRET_KEY", "sk_test_x")
        .env("STRIPE_WEBHOOK_SECRET", "whsec_x")
        .env("SMTP_URL", "smtp://127.0.0.1:1")
        .env("MATINEE_MAIL_FROM", "shop@films.example")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// A running store; it is killed with the value.
struct Served {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = serve(folder.path()).spawn().unwrap();
        let mut words = BufReader::new(child.stderr.take().unwrap());
        let mut address = None;
        while address.is_none() {
            let mut line = String::new();
            assert_ne!(
                words.read_line(&mut line).unwrap(),
                0,
                "the store ended at its start"
            );
            address = line
                .split(" on http://")
                .nth(1)
                .map(|rest| rest.trim().to_owned());
        }
        // Somebody has to read on, or the store would wait for a full pipe one day.
        std::thread::spawn(move || std::io::copy(&mut words, &mut std::io::sink()));
        Self {
            child,
            address: address.unwrap(),
            _folder: folder,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
    }

    /// A request of which the store has read the first 500 of 1,000 bytes.
    fn half_a_request(&self) -> TcpStream {
        let mut stream = self.connect();
        let head = format!(
            "POST /login HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\
             Expect: 100-continue\r\n\r\n",
            self.address
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(&[b'a'; 500]).unwrap();
        stream
    }

    /// Waits until nobody listens any more.
    fn refuses_connections(&self) {
        let start = Instant::now();
        while TcpStream::connect(&self.address).is_ok() {
            assert!(
                start.elapsed() < Duration::from_secs(3),
                "the store still accepts connections"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn terminate(&self) {
        let done = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(done.unwrap().success());
    }

    /// Waits for the end of the process; how long it took and its exit code.
    fn ended(&mut self) -> (Duration, Option<i32>) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (start.elapsed(), status.code());
            }
            assert!(
                start.elapsed() < Duration::from_secs(40),
                "the store does not end"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The one sentence with which a start was refused; the exit code is 2.
#[track_caller]
fn refusal(output: &Output) -> String {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    let lines: Vec<_> = words
        .lines()
        .filter(|line| line.starts_with("matinee: "))
        .collect();
    assert_eq!(lines.len(), 1, "one sentence: {words}");
    lines[0].to_owned()
}

#[test]
fn a_missing_or_wrong_variable_is_named_and_ends_the_start() {
    for (name, value) in [
        ("MATINEE_PUBLIC_URL", ""),
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_a,"),
        ("SMTP_URL", ""),
        ("MATINEE_MAIL_FROM", "nobody"),
        ("MATINEE_BIND", "everywhere"),
        ("DATABASE_URL", "mysql://x"),
        ("MATINEE_FEE_BP", "501"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = serve(folder.path()).env(name, value).output().unwrap();
        let sentence = refusal(&output);
        assert!(sentence.contains(name), "{name}={value}: {sentence}");
    }
}

#[test]
fn keys_that_others_can_read_or_of_another_store_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let kek = folder.path().join("data/kek");
    start_and_end(folder.path());
    let mode = std::fs::metadata(&kek).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the key file is the store's alone");

    std::fs::set_permissions(&kek, PermissionsExt::from_mode(0o644)).unwrap();
    let sentence = refusal(&serve(folder.path()).output().unwrap());
    assert!(sentence.contains("MATINEE_KEK_FILE"), "{sentence}");

    std::fs::remove_file(&kek).unwrap();
    let sentence = refusal(&serve(folder.path()).output().unwrap());
    assert!(sentence.contains("MATINEE_KEK_FILE"), "{sentence}");
}

/// Lets a store make its folder.
fn start_and_end(folder: &Path) {
    let mut child = serve(folder).spawn().unwrap();
    let mut words = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(" on http://") {
        line.clear();
        assert_ne!(
            words.read_line(&mut line).unwrap(),
            0,
            "the store ended at its start"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn an_idle_store_ends_at_once_and_well() {
    let mut store = Served::start();
    store.terminate();
    let (time, code) = store.ended();
    assert_eq!(code, Some(0));
    assert!(time < Duration::from_secs(5), "{time:?}");
}

#[test]
fn a_running_request_is_finished_and_new_connections_are_refused() {
    let mut store = Served::start();
    let mut slow = store.half_a_request();
    store.terminate();
    store.refuses_connections();
    slow.write_all(&[b'a'; 500]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(store.ended().1, Some(0));
}

#[test]
fn a_second_signal_ends_the_store_at_once() {
    let mut store = Served::start();
    let _slow = store.half_a_request(); // the drain waits for the other half
    store.terminate();
    store.refuses_connections(); // the first signal was heard; two at once are one
    store.terminate();
    let (time, code) = store.ended();
    assert!(time < Duration::from_secs(2), "{time:?}");
    assert_eq!(code, Some(130));
}

#[test]
fn a_client_that_says_nothing_is_closed_after_five_seconds() {
    let store = Served::start();
    let start = Instant::now();
    let closed = store.connect().read(&mut [0; 512]);
    assert!(!closed.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    let time = start.elapsed();
    assert!(
        time > Duration::from_secs(4) && time < Duration::from_secs(12),
        "{time:?}"
    );
}

#[test]
fn a_client_that_dribbles_its_head_is_closed_after_five_seconds() {
    let store = Served::start();
    let mut slow = store.connect();
    let start = Instant::now();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .unwrap();
    slow.set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    let mut answer = [0; 512];
    loop {
        assert!(
            start.elapsed() < Duration::from_secs(12),
            "still open after 12 s"
        );
        match slow.read(&mut answer) {
            Ok(_) => break, // closed, with or without a word
            Err(_) if slow.write_all(b"a").is_err() => break,
            Err(_) => {}
        }
    }
    let time = start.elapsed();
    assert!(
        time > Duration::from_secs(4) && time < Duration::from_secs(8),
        "{time:?}"
    );
}

#[test]
fn a_client_may_rest_between_two_requests_for_longer_than_a_head_may_take() {
    let store = Served::start();
    let mut client = store.connect();
    let ask = |client: &mut TcpStream| {
        client
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        let mut answer = [0; 15];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200 OK");
        // The rest of the answer, up to its body's end.
        let mut rest = [0; 4096];
        client.read(&mut rest).unwrap()
    };
    ask(&mut client);
    client
        .set_read_timeout(Some(Duration::from_secs(6)))
        .unwrap();
    let closed = client.read(&mut [0; 1]);
    assert!(closed.is_err(), "closed while it rested: {closed:?}");
    ask(&mut client);
}
