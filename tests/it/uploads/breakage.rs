//! Connections that break, stand still or come in crowds.

use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::store::Store;

/// Sends the head of a PATCH that promises all the rest, and some bytes of it.
async fn begin_patch(
    store: &Store,
    path: &str,
    at: usize,
    promised: usize,
    bytes: &[u8],
) -> TcpStream {
    let mut stream = TcpStream::connect(store.address).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nhost: x\r\ntus-resumable: 1.0.0\r\n\
         authorization: Bearer {}\r\nupload-offset: {at}\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: {promised}\r\n\r\n",
        store.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

/// Waits until the file of an upload has at least so many bytes, saved or not.
async fn until_written(store: &Store, path: &str, wanted: u64) {
    let incoming = store.incoming(path);
    for _ in 0..500 {
        if std::fs::metadata(&incoming).is_ok_and(|found| found.len() >= wanted) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the PATCH never began");
}

/// A small disk; it goes away with the value. `None` where only root could make one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn on(folder: &std::path::Path, mebibytes: u32) -> Option<Self> {
        let size = format!("size={mebibytes}m");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder)
            .stderr(Stdio::null())
            .status();
        mount
            .is_ok_and(|status| status.success())
            .then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

on_both_engines! {
    async fn a_full_disk_stops_one_request_and_harms_nothing(db: &TestDb) {
        let folder = tempfile::tempdir().unwrap();
        let Some(_disk) = SmallDisk::on(folder.path(), 90) else {
            return eprintln!("not run: only root can make a small disk");
        };
        let filler = folder.path().join("filler");
        let store = Store::start_in(db, folder).await;
        let too_much = store.film(30_000_000); // with the room kept free it does not fit
        assert_eq!(store.creation(&too_much).send().await.unwrap().status(), 507);
        let (film, other) = (store.film(12_000_000), store.film(3_000_000));
        let (path, other_path) = (store.create(&film).await, store.create(&other).await);
        store.patch(&other_path, 0, &other.sealed[..1_000_000]).send().await.unwrap();

        std::fs::write(&filler, vec![1; 84 << 20]).unwrap();
        let full = store.patch(&path, 0, &film.sealed).send().await;
        // A refused client may see its connection closed before it has read why.
        assert!(full.is_err() || full.is_ok_and(|answer| answer.status() == 507));
        let offset = store.offset(&path).await;
        assert!(offset < film.sealed.len() as u64);
        let stored = std::fs::read(store.incoming(&path)).unwrap();
        assert!(stored[..offset as usize] == film.sealed[..offset as usize]);
        assert_eq!(store.offset(&other_path).await, 1_000_000);

        std::fs::remove_file(&filler).unwrap();
        for (film, path) in [(&film, &path), (&other, &other_path)] {
            let offset = store.offset(path).await;
            let rest = &film.sealed[offset as usize..];
            assert_eq!(store.patch(path, offset, rest).send().await.unwrap().status(), 204);
            let done = store.finish(path, &film.root.to_string()).send().await.unwrap();
            assert_eq!(done.status(), 200);
        }
    }

    async fn a_half_open_connection_saves_what_it_has_and_steps_aside(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(3_000_000);
        let (path, total) = (store.create(&film).await, film.sealed.len());
        let stuck = begin_patch(&store, &path, 0, total, &film.sealed[..1_500_000]).await;
        until_written(&store, &path, 1 << 20).await;
        let asked = Instant::now();
        let offset = store.offset(&path).await;
        assert!(asked.elapsed() <= Duration::from_secs(1), "{:?}", asked.elapsed());
        assert!((1 << 20..=1_500_000).contains(&offset), "{offset} bytes were kept");
        let rest = store.patch(&path, offset, &film.sealed[1_500_000..]).send().await.unwrap();
        assert_eq!(rest.status(), 204);
        assert_eq!(std::fs::read(store.incoming(&path)).unwrap(), film.sealed);
        drop(stuck);
    }

    async fn the_one_who_stepped_aside_is_told(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(100_000);
        let path = store.create(&film).await;
        let mut stuck = begin_patch(&store, &path, 0, film.sealed.len(), &film.sealed[..9]).await;
        until_written(&store, &path, 0).await;
        store.offset(&path).await;
        let mut answer = [0; 12];
        stuck.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 423");
    }

    async fn a_broken_connection_keeps_what_came(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(3_000_000);
        let (path, total) = (store.create(&film).await, film.sealed.len());
        let broken = begin_patch(&store, &path, 0, total, &film.sealed[..2_000_000]).await;
        until_written(&store, &path, 0).await;
        drop(broken);
        let mut offset = 0;
        for _ in 0..500 {
            offset = store.offset(&path).await;
            if offset == 2_000_000 {
                break;
            }
            let rest = &film.sealed[offset as usize..]; // it asked too early: the rest was cut off
            store.patch(&path, offset, &rest[..2_000_000 - offset as usize]).send().await.unwrap();
        }
        assert_eq!(offset, 2_000_000);
        let stored = std::fs::read(store.incoming(&path)).unwrap();
        assert_eq!(stored, film.sealed[..2_000_000]);
    }

    async fn sixteen_clients_at_one_offset_leave_one_winner(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(2_000_000);
        let path = store.create(&film).await;
        let bodies = (0..16_u8).map(|n| vec![n; film.sealed.len()]);
        let all = bodies.map(|body| {
            let request = store.patch(&path, 0, &body);
            async move {
                let status = request.send().await.map_or(0, |answer| answer.status().as_u16());
                (status, body)
            }
        });
        let answers = futures_util::future::join_all(all).await;
        let won: Vec<_> = answers.iter().filter(|(status, _)| *status == 204).collect();
        assert_eq!(won.len(), 1);
        // A refused client may see its connection closed (0) before it has read why.
        let lost = answers.iter().filter(|(status, _)| [0, 409, 423].contains(status)).count();
        assert_eq!(lost, 15, "{:?}", answers.iter().map(|a| a.0).collect::<Vec<_>>());
        assert!(std::fs::read(store.incoming(&path)).unwrap() == won[0].1, "bytes of two clients");
    }

    async fn a_restart_goes_on_where_the_offset_stands(db: &TestDb) {
        let mut store = Store::start(db).await;
        let film = store.film(500_000);
        let path = store.create(&film).await;
        store.patch(&path, 0, &film.sealed[..100_000]).send().await.unwrap();
        // What a killed server may leave behind its last acknowledged byte:
        let mut stored = std::fs::read(store.incoming(&path)).unwrap();
        stored.extend([0xEE; 50_000]);
        std::fs::write(store.incoming(&path), stored).unwrap();
        store.restart().await;
        assert_eq!(store.offset(&path).await, 100_000);
        store.patch(&path, 100_000, &film.sealed[100_000..]).send().await.unwrap();
        let answer = store.finish(&path, &film.root.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}
