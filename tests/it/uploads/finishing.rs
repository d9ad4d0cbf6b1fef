//! The end of an upload, and what `matinee verify` finds afterwards.

use matinee::platform::jobs;
use matinee::uploads;

use super::store::Store;

async fn faults(store: &Store) -> Vec<String> {
    let mut conn = store.state.db.read().await.unwrap();
    uploads::scrub(&mut conn, &store.state.blobs, |_, _| ())
        .await
        .unwrap()
}

async fn jobs_waiting(store: &Store) -> i64 {
    jobs::backlog(&mut store.state.db.read().await.unwrap())
        .await
        .unwrap()
        .waiting
}

on_both_engines! {
    async fn a_film_with_the_right_root_is_finished_once(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(150_000);
        let path = store.create(&film).await;
        store.patch(&path, 0, &film.sealed[..1_000]).send().await.unwrap();
        let root = film.root.to_string();
        let early = store.finish(&path, &root).send().await.unwrap();
        assert_eq!(early.status(), 409, "not all bytes are here");
        store.patch(&path, 1_000, &film.sealed[1_000..]).send().await.unwrap();
        let waiting = jobs_waiting(&store).await;
        for _ in 0..3 {
            let answer = store.finish(&path, &root).send().await.unwrap();
            assert_eq!(answer.status(), 200);
            let body: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(body["state"], "finished");
            assert_eq!(body["root"], root.as_str());
        }
        assert_eq!(jobs_waiting(&store).await, waiting + 1);
        assert_eq!(store.state.blobs.map(film.container).unwrap(), film.sealed);
        assert!(!store.incoming(&path).exists());
        assert_eq!(store.finish(&path, &"00".repeat(32)).send().await.unwrap().status(), 422);
        assert_eq!(store.ask("DELETE", &path).send().await.unwrap().status(), 409);
        assert_eq!(faults(&store).await, [""; 0]);
    }

    async fn the_key_comes_out_again(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film_of(b"a film");
        let path = store.send(&film).await;
        store.finish(&path, &film.root.to_string()).send().await.unwrap();
        let mut conn = store.state.db.read().await.unwrap();
        let dek = uploads::open_dek(&mut conn, &store.state.keyring, film.container).await.unwrap();
        let blob = store.state.blobs.map(film.container).unwrap();
        let mut opener = matinee::sealed::Opener::new(blob, dek, film.container).unwrap();
        assert_eq!(opener.segment(0).unwrap(), b"a film");
    }

    async fn a_film_with_another_root_must_be_sealed_anew(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.create(&film).await;
        let mut damaged = film.sealed.clone();
        *damaged.last_mut().unwrap() ^= 1;
        store.patch(&path, 0, &damaged).send().await.unwrap();
        let answer = store.finish(&path, &film.root.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 422);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert!(body["message"].as_str().unwrap().contains("from the start"), "{body}");
        assert_eq!(store.ask("HEAD", &path).send().await.unwrap().status(), 410);
        assert_eq!(store.creation(&film).send().await.unwrap().status(), 409);
        assert_eq!(store.ask("DELETE", &path).send().await.unwrap().status(), 204);
    }

    async fn a_crash_between_moving_and_noting_is_mended_by_finishing_again(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film(1_000);
        let path = store.send(&film).await;
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        store.state.blobs.adopt(id, film.container).unwrap();
        let found = faults(&store).await;
        assert!(found.len() == 1 && found[0].contains("finish it again"), "{found:?}");
        let answer = store.finish(&path, &film.root.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(faults(&store).await, [""; 0]);
    }

    async fn verify_names_each_fault(db: &TestDb) {
        let store = Store::start(db).await;
        let mut films = Vec::new();
        for _ in 0..3 {
            let film = store.film(1_000);
            let path = store.send(&film).await;
            store.finish(&path, &film.root.to_string()).send().await.unwrap();
            films.push(store.state.blobs.sealed(film.container));
        }
        let mut bytes = std::fs::read(&films[0]).unwrap();
        bytes[1_050] ^= 1;
        std::fs::write(&films[0], bytes).unwrap();
        std::fs::write(&films[1], b"short").unwrap();
        std::fs::remove_file(&films[2]).unwrap();
        let short = store.film(1_000);
        let short_path = store.create(&short).await;
        store.patch(&short_path, 0, &short.sealed[..20]).send().await.unwrap();
        std::fs::write(store.incoming(&short_path), b"").unwrap();
        let stray = store.film(10);
        let stray_path = store.create(&stray).await;
        let stray_file = store.incoming(&stray_path);
        store.ask("DELETE", &stray_path).send().await.unwrap();
        std::fs::write(&stray_file, b"left").unwrap();
        let found = faults(&store).await.join("\n");
        for said in [
            "does not have the root",
            "has 5 bytes instead of 1056",
            "is missing",
            "acknowledged 20 bytes, but 0 are stored",
            "but there is no such upload",
        ] {
            assert!(found.contains(said), "{said} is not in\n{found}");
        }
        assert_eq!(found.lines().count(), 5, "{found}");
        store.runner().await.drain().await.ok();
        assert!(!stray_file.exists(), "the sweep removes what no upload knows");
    }
}
