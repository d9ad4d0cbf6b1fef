//! Films on their way out: what a client gets when it reads slowly, leaves, or asks again.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use matinee::kernel::Time;
use matinee::kernel::ids::UploadId;
use matinee::platform::blobs::Blobs;
use matinee::platform::web::serve;
use matinee::sealed::ContainerId;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

/// More than the sockets of both sides hold.
const LENGTH: usize = 24 << 20;
/// Nothing here takes longer, not even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server of one film, as large as [`LENGTH`], sent from its file.
struct Cinema {
    address: std::net::SocketAddr,
    film: Vec<u8>,
    map: Arc<std::sync::Mutex<Option<Bytes>>>,
    _stop: DropGuard,
    folder: tempfile::TempDir,
}

impl Cinema {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let film: Vec<u8> = (0..LENGTH / 8)
            .flat_map(|at| {
                (at as u64)
                    .wrapping_mul(0x9E37_79B9_7F4A_7C15)
                    .to_le_bytes()
            })
            .collect();
        let blobs = Blobs::open(folder.path()).unwrap();
        let upload = UploadId::new(Time::from_seconds(1_800_000_000), &mut rand::rng());
        let container = ContainerId::generate(&mut rand::rng());
        std::fs::write(blobs.incoming(upload), &film).unwrap();
        blobs.adopt(upload, container).unwrap();
        let map = Arc::new(std::sync::Mutex::new(Some(blobs.map(container).unwrap())));
        let shown = Arc::clone(&map);
        let show = move || async move { shown.lock().unwrap().clone().unwrap() };
        let router = Router::new().route("/film", get(show));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve(listener, router, stop.clone()));
        Self {
            address,
            film,
            map,
            _stop: stop.drop_guard(),
            folder,
        }
    }

    /// Whether anybody still holds the film, as Linux says.
    fn is_mapped(&self) -> bool {
        let folder = self.folder.path().to_str().unwrap();
        std::fs::read_to_string("/proc/self/maps").is_ok_and(|maps| maps.contains(folder))
    }

    /// A client that takes only a little at a time.
    async fn visit(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(32 << 10).unwrap();
        socket.connect(self.address).await.unwrap()
    }
}

async fn ask(client: &mut TcpStream) {
    let head = b"GET /film HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(head).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_every_byte_twice_on_one_connection() {
    let cinema = Cinema::open().await;
    let mut client = cinema.visit().await;
    let watched = async {
        for _ in 0..2 {
            ask(&mut client).await;
            let mut film = vec![0; LENGTH];
            for part in film.chunks_mut(40_961) {
                client.read_exact(part).await.unwrap();
                tokio::task::yield_now().await;
            }
            assert!(film == cinema.film, "other bytes arrived than were sent");
        }
    };
    tokio::time::timeout(PATIENCE, watched).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_lets_the_film_go_and_harms_no_other() {
    let cinema = Cinema::open().await;
    for _ in 0..8 {
        let mut client = cinema.visit().await;
        ask(&mut client).await;
        client.read_exact(&mut vec![0; 100_000]).await.unwrap();
    }
    let stays = async {
        assert!(cfg!(not(target_os = "linux")) || cinema.is_mapped());
        let mut client = cinema.visit().await;
        ask(&mut client).await;
        let mut film = vec![0; LENGTH];
        client.read_exact(&mut film).await.unwrap();
        assert!(film == cinema.film, "other bytes arrived than were sent");
        drop((client, cinema.map.lock().unwrap().take()));
        while cinema.is_mapped() {
            tokio::time::sleep(Duration::from_millis(5)).await; // connections notice in their time
        }
    };
    tokio::time::timeout(PATIENCE, stays)
        .await
        .expect("nobody holds the film any more");
}
