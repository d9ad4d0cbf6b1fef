//! Every MUST of tus 1.0 for what is offered, and every wrong request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Digest;
use sha1::Sha1;
use sha2::Sha256;

use super::store::Store;
use super::store::header;
use super::store::metadata;

const OFFSET_STREAM: &str = "application/offset+octet-stream";

on_both_engines! {
    async fn options_names_what_is_offered(db: &TestDb) {
        let store = Store::start(db).await;
        let path = store.create(&store.film(100)).await;
        for path in ["/studio/uploads", path.as_str()] {
            let answer = store.bare("OPTIONS", path).send().await.unwrap();
            assert_eq!(answer.status(), 204);
            assert_eq!(header(&answer, "tus-resumable"), None);
            assert_eq!(header(&answer, "tus-version").unwrap(), "1.0.0");
            assert_eq!(header(&answer, "tus-max-size").unwrap(), (1_u64 << 40).to_string());
            assert_eq!(header(&answer, "tus-checksum-algorithm").unwrap(), "sha1,sha256");
            let offered = "creation,creation-with-upload,checksum,termination,expiration";
            assert_eq!(header(&answer, "tus-extension").unwrap(), offered);
        }
    }

    async fn a_film_is_created_sent_in_pieces_and_asked_about(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(200_000);
        let answer = store.creation(&film).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(header(&answer, "tus-resumable").unwrap(), "1.0.0");
        assert_eq!(header(&answer, "upload-offset").unwrap(), "0");
        let expires = header(&answer, "upload-expires").unwrap();
        assert_eq!(expires, "Fri, 22 Jan 2027 08:00:00 GMT");
        let path = header(&answer, "location").unwrap();

        let head = store.ask("HEAD", &path).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert_eq!(header(&head, "upload-offset").unwrap(), "0");
        assert_eq!(header(&head, "upload-length").unwrap(), film.sealed.len().to_string());
        assert_eq!(header(&head, "upload-metadata").unwrap(), film.metadata);
        assert_eq!(header(&head, "cache-control").unwrap(), "no-store");

        let mut at = 0;
        for piece in film.sealed.chunks(70_001) {
            let answer = store.patch(&path, at, piece).send().await.unwrap();
            at += piece.len() as u64;
            assert_eq!(answer.status(), 204);
            assert_eq!(header(&answer, "upload-offset").unwrap(), at.to_string());
            assert_eq!(header(&answer, "tus-resumable").unwrap(), "1.0.0");
            assert!(header(&answer, "upload-expires").is_some());
            assert_eq!(store.offset(&path).await, at);
        }
        assert_eq!(std::fs::read(store.incoming(&path)).unwrap(), film.sealed);
        let empty = store.patch(&path, at, &[]).send().await.unwrap();
        assert_eq!(empty.status(), 204, "nothing more is fine, and changes nothing");
    }

    async fn wrong_creations_are_refused_with_a_sentence(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let length = film.sealed.len().to_string();
        let with = |key: &str, value: &str| {
            let pairs = film.metadata.split(',').filter(|pair| !pair.starts_with(key));
            pairs.map(str::to_owned).chain([metadata(&[(key, value)])]).collect::<Vec<_>>().join(",")
        };
        let other_key = with("commitment", &"ab".repeat(32));
        let cases = [
            (400, "Upload-Length", None, Some(film.metadata.clone())),
            (400, "Upload-Length", Some("-5"), Some(film.metadata.clone())),
            (400, "is empty", Some("0"), Some(with("length", "0"))),
            (400, "makes a container of 1056 bytes", Some("1057"), Some(film.metadata.clone())),
            (400, "makes a container of", Some(&length), Some(with("length", "999"))),
            (413, "larger than", Some("1099511627777"), Some(film.metadata.clone())),
            (400, "Upload-Metadata is missing", Some(&length), None),
            (400, "twice", Some(&length), Some(format!("{0},{0}", film.metadata))),
            (400, "not base64", Some(&length), Some("title !!".to_owned())),
            (400, "must be a UUID", Some(&length), Some(with("container", "7"))),
            (400, "not wrapped to this store", Some(&length), Some(with("wrapped_dek", "AQID"))),
            (400, "not the one committed to", Some(&length), Some(other_key)),
            (400, "feature or trailer", Some(&length), Some(with("kind", "sequel"))),
            (404, "nothing here", Some(&length), Some(with("title", "no-such-title"))),
        ];
        for (status, said, length, metadata) in cases {
            let mut request = store.ask("POST", "/studio/uploads");
            request = length.iter().fold(request, |r, length| r.header("Upload-Length", *length));
            request = metadata.iter().fold(request, |r, pairs| r.header("Upload-Metadata", pairs));
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), status, "{said}");
            assert_eq!(header(&answer, "tus-resumable").unwrap(), "1.0.0");
            let body: serde_json::Value = answer.json().await.unwrap();
            assert!(body["message"].as_str().unwrap().contains(said), "{said}: {body}");
            assert!(body["error"].is_string());
        }
        let deferred = store.creation(&film).header("Upload-Defer-Length", "1").send().await.unwrap();
        assert_eq!(deferred.status(), 400);
    }

    async fn a_film_that_has_no_room_is_refused_before_its_first_byte(db: &TestDb) {
        let store = Store::start(db).await;
        let plain: u64 = 1 << 39; // more than the machine that runs this has
        let sealed = matinee::sealed::Layout::new(plain).unwrap().ciphertext_len();
        let film = store.film(10);
        let metadata = film.metadata.replace(
            &metadata(&[("length", "10")]),
            &metadata(&[("length", &plain.to_string())]),
        );
        let answer = store
            .ask("POST", "/studio/uploads")
            .header("Upload-Length", sealed)
            .header("Upload-Metadata", metadata)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 507);
    }

    async fn strangers_and_nobody_are_refused(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        for (method, path) in [
            ("POST", "/studio/uploads"),
            ("HEAD", path.as_str()),
            ("PATCH", path.as_str()),
            ("DELETE", path.as_str()),
        ] {
            let nobody = store.bare(method, path).header("Tus-Resumable", "1.0.0");
            let nobody = nobody.send().await.unwrap();
            assert_eq!(nobody.status(), 401, "{method}");
            assert_eq!(header(&nobody, "tus-resumable").unwrap(), "1.0.0");
        }
        for (method, path) in [
            ("HEAD", path.clone()),
            ("PATCH", path.clone()),
            ("DELETE", path.clone()),
            ("GET", format!("{path}/status")),
        ] {
            let request = store.bare(method, &path).header("Tus-Resumable", "1.0.0");
            let request = request
                .header("Content-Type", OFFSET_STREAM)
                .header("Upload-Offset", "0")
                .bearer_auth(&store.stranger);
            assert_eq!(request.send().await.unwrap().status(), 404, "{method} by a stranger");
        }
        let finish = store.bare("POST", &format!("{path}/finish")).bearer_auth(&store.stranger);
        let finish = finish.json(&serde_json::json!({ "root": film.root.to_string() }));
        assert_eq!(finish.send().await.unwrap().status(), 404);
        for bad in ["/studio/uploads/7", "/studio/uploads/upload_00"] {
            assert_eq!(store.ask("HEAD", bad).send().await.unwrap().status(), 404);
        }
        assert_eq!(store.offset(&path).await, 0);
    }

    async fn another_version_is_not_processed(db: &TestDb) {
        let store = Store::start(db).await;
        let path = store.create(&store.film(10)).await;
        for version in [None, Some("0.2.2"), Some("1.0.1")] {
            let mut request = store.bare("DELETE", &path).bearer_auth(&store.token);
            request = version.iter().fold(request, |r, v| r.header("Tus-Resumable", *v));
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 412);
            assert_eq!(header(&answer, "tus-version").unwrap(), "1.0.0");
        }
        assert_eq!(store.offset(&path).await, 0, "it is still there");
    }

    async fn wrong_patches_change_nothing(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        store.patch(&path, 0, &film.sealed[..100]).send().await.unwrap();
        let cases = [
            (409, store.patch(&path, 99, &film.sealed[99..])),
            (409, store.patch(&path, 101, &film.sealed[101..])),
            (413, store.patch(&path, 100, &[0; 957])),
            (415, store.ask("PATCH", &path).header("Upload-Offset", 100).body("x")),
            (415, store.ask("PATCH", &path).header("Upload-Offset", 100)
                .header("Content-Type", "application/octet-stream").body("x")),
            (400, store.ask("PATCH", &path).header("Content-Type", OFFSET_STREAM).body("x")),
            (400, store.ask("PATCH", &path).header("Upload-Offset", "-1")
                .header("Content-Type", OFFSET_STREAM).body("x")),
            (400, store.patch(&path, 100, b"x").header("Upload-Checksum", "crc32 AAAA")),
            (400, store.patch(&path, 100, b"x").header("Upload-Checksum", "sha1 AAAA")),
            (405, store.ask("PUT", &path).body("x")),
        ];
        for (number, (status, request)) in cases.into_iter().enumerate() {
            assert_eq!(request.send().await.unwrap().status(), status, "case {number}");
            assert_eq!(store.offset(&path).await, 100, "case {number}");
        }
        let stored = std::fs::read(store.incoming(&path)).unwrap();
        assert_eq!(stored, film.sealed[..100]);
    }

    async fn chunked_bytes_beyond_the_length_are_not_kept(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        let pieces = [vec![1_u8; 1_000], vec![2; 57]].map(Ok::<_, std::io::Error>);
        let answer = store.patch(&path, 0, &[])
            .body(reqwest::Body::wrap_stream(futures_util::stream::iter(pieces)))
            .send().await.unwrap();
        assert_eq!(answer.status(), 413);
        assert!(store.offset(&path).await <= 1_000);
    }

    async fn a_checksum_is_checked_before_the_offset_moves(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(3_000_000);
        let path = store.create(&film).await;
        let sha1 = |bytes: &[u8]| format!("sha1 {}", STANDARD.encode(Sha1::digest(bytes)));
        let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
        let (first, second) = film.sealed.split_at(2_000_000);
        for sum in [sha1(second), sha256(second)] {
            let answer = store.patch(&path, 0, first).header("Upload-Checksum", sum);
            assert_eq!(answer.send().await.unwrap().status().as_u16(), 460);
            assert_eq!(store.offset(&path).await, 0);
            assert_eq!(std::fs::metadata(store.incoming(&path)).unwrap().len(), 0, "discarded");
        }
        let good = store.patch(&path, 0, first).header("Upload-Checksum", sha1(first));
        assert_eq!(good.send().await.unwrap().status(), 204);
        let good = store.patch(&path, 2_000_000, second).header("Upload-Checksum", sha256(second));
        assert_eq!(good.send().await.unwrap().status(), 204);
        assert_eq!(std::fs::read(store.incoming(&path)).unwrap(), film.sealed);
    }

    async fn bytes_may_come_with_the_creation(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let request = store.creation(&film).header("Content-Type", OFFSET_STREAM);
        let answer = request.body(film.sealed[..700].to_vec()).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        assert_eq!(header(&answer, "upload-offset").unwrap(), "700");
        let path = header(&answer, "location").unwrap();
        assert_eq!(store.offset(&path).await, 700);

        let damaged = store.film(1_000);
        let sum = format!("sha1 {}", STANDARD.encode(Sha1::digest(b"other")));
        let request = store.creation(&damaged).header("Content-Type", OFFSET_STREAM);
        let request = request.header("Upload-Checksum", sum).body(damaged.sealed.clone());
        assert_eq!(request.send().await.unwrap().status().as_u16(), 460);
        store.create(&damaged).await; // nothing of it was kept
    }

    async fn the_same_creation_again_finds_the_same_upload(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        store.patch(&path, 0, &film.sealed[..10]).send().await.unwrap();
        let again = store.creation(&film).send().await.unwrap();
        assert_eq!(again.status(), 201);
        assert_eq!(header(&again, "location").unwrap(), path);
        assert_eq!(header(&again, "upload-offset").unwrap(), "10");

        let mut other = store.film(1_000); // the same container under another key
        other.metadata = other.metadata.replace(
            &metadata(&[("container", &other.container.to_string())]),
            &metadata(&[("container", &film.container.to_string())]),
        );
        let refused = store.creation(&other).send().await.unwrap();
        assert_eq!(refused.status(), 400, "its key is bound to another container");
        let stranger = store
            .bare("POST", "/studio/uploads")
            .bearer_auth(&store.stranger)
            .header("Tus-Resumable", "1.0.0")
            .header("Upload-Length", film.sealed.len())
            .header("Upload-Metadata", &film.metadata);
        assert_eq!(stranger.send().await.unwrap().status(), 404);
    }

    async fn methods_may_be_overridden(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(100);
        let path = store.create(&film).await;
        let patch = store.ask("POST", &path).header("X-HTTP-Method-Override", "PATCH");
        let patch = patch.header("Content-Type", OFFSET_STREAM).header("Upload-Offset", "0");
        let answer = patch.body(film.sealed.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        let delete = store.ask("POST", &path).header("X-HTTP-Method-Override", "DELETE");
        assert_eq!(delete.send().await.unwrap().status(), 204);
        assert_eq!(store.ask("HEAD", &path).send().await.unwrap().status(), 404);
    }

    async fn a_terminated_upload_is_gone_with_its_bytes_and_key(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        store.patch(&path, 0, &film.sealed[..10]).send().await.unwrap();
        let answer = store.ask("DELETE", &path).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        assert_eq!(header(&answer, "tus-resumable").unwrap(), "1.0.0");
        assert!(!store.incoming(&path).exists());
        for method in ["HEAD", "DELETE"] {
            assert_eq!(store.ask(method, &path).send().await.unwrap().status(), 404);
        }
        assert_eq!(store.patch(&path, 10, b"x").send().await.unwrap().status(), 404);
        store.create(&film).await; // the container's name is free again
    }

    async fn abandoned_uploads_free_their_room_and_live_ones_stay(db: &TestDb) {
        let store = Store::start(db).await;
        let (left, live) = (store.film(1_000), store.film(1_000));
        let left_path = store.create(&left).await;
        store.patch(&left_path, 0, &left.sealed[..10]).send().await.unwrap();
        let live_path = store.create(&live).await;
        let done = store.film(50);
        let done_path = store.send(&done).await;
        let finished = store.finish(&done_path, &done.root.to_string()).send().await.unwrap();
        assert_eq!(finished.status(), 200);

        store.clock.advance(std::time::Duration::from_secs(6 * 24 * 3600));
        store.patch(&live_path, 0, &live.sealed[..10]).send().await.unwrap();
        store.clock.advance(std::time::Duration::from_secs(2 * 24 * 3600));
        assert_eq!(store.ask("HEAD", &left_path).send().await.unwrap().status(), 410);
        store.runner().await.drain().await.ok();
        assert_eq!(store.ask("HEAD", &left_path).send().await.unwrap().status(), 404);
        assert!(!store.incoming(&left_path).exists());
        assert_eq!(store.offset(&live_path).await, 10);
        assert_eq!(store.offset(&done_path).await, done.sealed.len() as u64);
    }
}
