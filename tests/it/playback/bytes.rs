//! The bytes of a film, sealed and opened.

use std::time::Duration;

use matinee::sealed::Layout;
use reqwest::Method;

use super::scene::Browser;
use super::scene::Scene;
use super::scene::fetch;
use super::scene::read;
use crate::harness::Person;

/// Every way to ask for bytes, held against the bytes themselves.
async fn ranges_hold(person: &Person, path: &str, bytes: &[u8], kind: &str) {
    let total = bytes.len();
    let whole = fetch(person, Method::GET, path, &[]).await;
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["content-type"], kind);
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert!(!whole.headers().contains_key("content-encoding"));
    let etag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert!(etag.starts_with('"'), "strong: {etag}");
    assert!(whole.bytes().await.unwrap() == bytes);

    let last = total - 1;
    for (range, from, to) in [
        ("bytes=0-0".to_owned(), 0, 0),
        ("bytes=65479-65480".to_owned(), 65_479, 65_480),
        ("bytes=100000-".to_owned(), 100_000, last),
        ("bytes=-77".to_owned(), total - 77, last),
        (format!("bytes=5-{}", total * 2), 5, last),
    ] {
        let part = fetch(
            person,
            Method::GET,
            path,
            &[("range", &range), ("if-range", &etag)],
        )
        .await;
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(
            part.headers()["content-range"],
            format!("bytes {from}-{to}/{total}")
        );
        assert_eq!(part.content_length(), Some((to - from + 1) as u64));
        assert!(part.bytes().await.unwrap() == bytes[from..=to], "{range}");
    }
    for range in [
        format!("bytes={total}-"),
        "bytes=0-1,5-6".to_owned(),
        "bytes=-0".to_owned(),
    ] {
        let outside = fetch(person, Method::GET, path, &[("range", &range)]).await;
        assert_eq!(outside.status(), 416, "{range}");
        assert_eq!(
            outside.headers()["content-range"],
            format!("bytes */{total}")
        );
    }
    let other = [("range", "bytes=0-9"), ("if-range", "\"another\"")];
    assert_eq!(fetch(person, Method::GET, path, &other).await.status(), 200);
    let known = fetch(person, Method::GET, path, &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), 304);
    assert!(known.bytes().await.unwrap().is_empty());
    let head = fetch(person, Method::HEAD, path, &[]).await;
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], total.to_string().as_str());
    assert_eq!(head.headers()["etag"], etag.as_str());
}

on_both_engines! {
    async fn sealed_bytes_go_to_whoever_has_a_ticket(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        let lease = scene.borrow(&ada, &Browser::new()).await.expect(201).json();
        let url = lease["url"].as_str().unwrap();
        let nobody = app.nobody();
        ranges_hold(&nobody, url, &scene.sealed, "application/octet-stream").await;
        let kept = fetch(&nobody, Method::HEAD, url, &[]).await;
        assert!(kept.headers()["cache-control"].to_str().unwrap().contains("immutable"));

        let (path, ticket) = url.split_once("?ticket=").unwrap();
        let other = format!("/containers/018f0000-0000-7000-8000-000000000000?ticket={ticket}");
        let forged = format!("{path}?ticket=B{}", &ticket[1..]);
        for wrong in [path, &forged, &other] {
            let answer = nobody.get(wrong).await.expect(403);
            assert_eq!(answer.json()["error"], "ticket_expired");
        }
        app.clock.advance(Duration::from_secs(600));
        let over = nobody.get(url).await.expect(403);
        assert_eq!(over.json()["error"], "ticket_expired");
    }

    async fn opened_bytes_go_to_who_holds_a_lease(app: &TestApp) {
        let scene = Scene::set(app).await;
        let (ada, ben) = (scene.owner("Ada").await, scene.owner("Ben").await);
        let path = scene.media();
        assert_eq!(fetch(&ada, Method::GET, &path, &[]).await.status(), 403, "no lease yet");
        scene.borrow(&ada, &Browser::new()).await.expect(201);
        ranges_hold(&ada, &path, &scene.plain, "video/mp4").await;
        let kept = fetch(&ada, Method::HEAD, &path, &[]).await;
        assert_eq!(kept.headers()["cache-control"], "no-store");
        assert_eq!(fetch(&ben, Method::GET, &path, &[]).await.status(), 403, "another's lease");
        let nobody = app.nobody().get(&path).await;
        assert!(nobody.location().starts_with("/login"));
        app.clock.advance(Duration::from_secs(600));
        assert_eq!(fetch(&ada, Method::GET, &path, &[]).await.status(), 403, "the lease is over");
    }

    async fn nothing_of_a_damaged_segment_is_sent(app: &TestApp) {
        let scene = Scene::set(app).await;
        let ada = scene.owner("Ada").await;
        scene.borrow(&ada, &Browser::new()).await.expect(201);
        let place = Layout::new(scene.plain.len() as u64).unwrap().segment(2).unwrap();
        let mut bytes = scene.sealed.clone();
        bytes[place.body().start as usize + 17] ^= 1;
        std::fs::write(scene.blob(), bytes).unwrap();

        let (from, to) = (place.plaintext.start as usize, place.plaintext.end as usize);
        let (good, broke) = read(fetch(&ada, Method::GET, &scene.media(), &[]).await).await;
        assert!(broke, "a broken answer must not look whole");
        assert!(good == scene.plain[..from], "all that is good and nothing else: {}", good.len());
        let inside = format!("bytes={}-{}", from + 1_000, to - 1_000);
        let (nothing, broke) = read(fetch(&ada, Method::GET, &scene.media(), &[("range", &inside)]).await).await;
        assert!(broke && nothing.is_empty());
        let after = format!("bytes={to}-");
        let (rest, broke) = read(fetch(&ada, Method::GET, &scene.media(), &[("range", &after)]).await).await;
        assert!(!broke && rest == scene.plain[to..]);
    }
}
