//! Real films, made by ffmpeg, through the whole way: sealed, uploaded, finished, looked at.

use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use matinee::packaging;
use matinee::packaging::Film;
use matinee::packaging::Rendition;
use matinee::packaging::RenditionState;
use matinee::packaging::TrackKind;

use crate::uploads::Store;

/// Far more than a process needs from fork to exec.
const MOST_TRIES: usize = 500;
const PICTURE: &str = "-f lavfi -i testsrc2=s=160x90:r=10:d=2";
const SOUND: &str = "-f lavfi -i sine=440:r=48000:d=2";
const H264: &str = "-c:v libx264 -preset ultrafast -level 3.1 -pix_fmt yuv420p";

/// A film of two seconds, as `how` says; `name` decides the kind of file.
fn film(how: &str, name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    ffmpeg(how, &path);
    std::fs::read(path).unwrap()
}

fn ffmpeg(how: &str, path: &Path) {
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(how.split_whitespace())
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .expect("ffmpeg is installed; tests/run sees to it");
    assert!(
        made.status.success(),
        "{how}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// Finishes an upload. While another test starts ffmpeg, the new process holds this one's files with
/// their locks for a moment, between fork and exec; so who is told to wait asks again, as clients do.
async fn finish(store: &Store, path: &str, root: &str) -> u16 {
    for _ in 0..MOST_TRIES {
        let answer = store.finish(path, root).send().await.unwrap();
        if answer.status() != 423 {
            return answer.status().as_u16();
        }
    }
    423
}

/// Uploads a film, does the job, and returns what became of it.
async fn upload(store: &Store, plaintext: &[u8]) -> Rendition {
    let film = store.film_of(plaintext);
    let path = store.send(&film).await;
    assert_eq!(finish(store, &path, &film.root.to_string()).await, 200);
    store.runner().await.drain().await.unwrap();
    rendition(store, film.container).await
}

async fn rendition(store: &Store, container: matinee::sealed::ContainerId) -> Rendition {
    let mut conn = store.state.db.read().await.unwrap();
    packaging::rendition_by_container(&mut conn, container)
        .await
        .unwrap()
        .unwrap()
}

async fn playable(store: &Store, plaintext: &[u8]) -> Film {
    match upload(store, plaintext).await.state {
        RenditionState::Playable(film) => film,
        other => panic!("not playable: {other:?}"),
    }
}

async fn refused(store: &Store, plaintext: &[u8]) -> String {
    match upload(store, plaintext).await.state {
        RenditionState::Refused(reason) => reason,
        other => panic!("not refused: {other:?}"),
    }
}

on_both_engines! {
    async fn films_that_browsers_play_are_described(db: &TestDb) {
        let store = Store::start(db).await;
        let fast = "-movflags +faststart";
        let cases = [
            (format!("{PICTURE} {SOUND} {H264} -c:a aac {fast}"), "a.mp4",
             "video/mp4; codecs=\"avc1.42c01f, mp4a.40.2\"", None),
            (format!("{PICTURE} {SOUND} {H264} -c:a aac"), "b.mp4",
             "video/mp4; codecs=\"avc1.42c01f, mp4a.40.2\"", Some("fast start")),
            (format!("{PICTURE} {SOUND} {H264} -c:a aac -movflags frag_keyframe+empty_moov -g 5"),
             "c.mp4", "video/mp4; codecs=\"avc1.42c01f, mp4a.40.2\"", None),
            (format!("{PICTURE} {H264} {fast}"), "d.mp4",
             "video/mp4; codecs=\"avc1.42c01f\"", Some("no sound")),
            (format!("{PICTURE} {SOUND} -c:v libvpx-vp9 -c:a libopus -b:v 50k"), "e.webm",
             "video/webm; codecs=\"vp9, opus\"", None),
            (format!("{PICTURE} {SOUND} -c:v libvpx -c:a libvorbis -b:v 50k"), "f.webm",
             "video/webm; codecs=\"vp8, vorbis\"", None),
            (format!("{PICTURE} {SOUND} -c:v libsvtav1 -preset 12 -c:a libopus {fast}"), "g.mp4",
             "video/mp4; codecs=\"av01.0.00M.08, opus\"", None),
            (format!("{PICTURE} {SOUND} {H264} -c:a libmp3lame {fast}"), "h.mp4",
             "video/mp4; codecs=\"avc1.42c01f, mp3\"", None),
        ];
        for (how, name, mime, hint) in cases {
            let film = playable(&store, &film(&how, name)).await;
            assert_eq!(film.mime, mime, "{name}");
            assert_eq!((film.width, film.height), (160, 90), "{name}");
            assert!(film.duration_ms.abs_diff(2_000) <= 120, "{name}: {}", film.duration_ms);
            match (hint, &film.hint) {
                (None, None) => {}
                (Some(said), Some(hint)) if hint.contains(said) => {}
                other => panic!("{name}: {other:?}"),
            }
            let kinds: Vec<_> = film.tracks.iter().map(|track| track.kind).collect();
            let all = [TrackKind::Video, TrackKind::Audio];
            assert_eq!(kinds, all[..mime.matches(',').count() + 1], "{name}");
        }
    }

    async fn films_that_browsers_do_not_play_are_refused_with_the_reason(db: &TestDb) {
        let store = Store::start(db).await;
        let cases = [
            (format!("{PICTURE} -c:v libx265 -x265-params log-level=none -tag:v hvc1"), "a.mp4",
             "HEVC (hvc1)"),
            (format!("{PICTURE} -c:v libx264 -preset ultrafast -pix_fmt yuv422p"), "b.mp4",
             "High 4:2:2"),
            (format!("{PICTURE} {SOUND} {H264} -c:a ac3"), "c.mp4", "Dolby Digital (ac-3)"),
            (format!("{PICTURE} {SOUND} {H264} -c:a aac"), "d.mkv", "H.264 in a Matroska file"),
            (format!("{PICTURE} -c:v libvpx-vp9"), "d2.mkv", "Matroska file (.mkv)"),
            (format!("{PICTURE} {H264}"), "e.mov", "QuickTime movie (.mov)"),
            (format!("{PICTURE} -c:v prores_ks"), "f.mov", "Apple ProRes (apch)"),
            (format!("{PICTURE} -c:v mpeg4"), "g.avi", "an AVI file"),
            (format!("{PICTURE} -c:v mpeg4"), "h.mp4", "MPEG-4 Visual (mp4v)"),
            (format!("{PICTURE} -c:v mpeg2video"), "i.ts", "transport stream"),
            (format!("{SOUND} -c:a aac"), "j.m4a", "no picture"),
            (format!("{PICTURE} {H264} -encryption_scheme cenc-aes-ctr \
                -encryption_key 00112233445566778899aabbccddeeff \
                -encryption_kid 00112233445566778899aabbccddeeff"), "k.mp4", "encrypted"),
        ];
        for (how, name, said) in cases {
            let how = how.replace('\\', "");
            let reason = refused(&store, &film(&how, name)).await;
            assert!(reason.contains(said), "{name}: {reason}");
            assert!(reason.contains("Export"), "{name} says no way out: {reason}");
        }
        let whole = film(&format!("{PICTURE} {H264} -movflags +faststart"), "cut.mp4");
        let reason = refused(&store, &whole[..whole.len() - 500]).await;
        assert!(reason.contains("cut off"), "{reason}");
        let reason = refused(&store, b"This is a text, not a film.").await;
        assert!(reason.contains("not a film file"), "{reason}");
    }

    async fn a_film_whose_bytes_changed_on_the_disk_is_refused(db: &TestDb) {
        let store = Store::start(db).await;
        let film = store.film_of(&film(&format!("{PICTURE} {H264}"), "a.mp4"));
        let path = store.send(&film).await;
        store.finish(&path, &film.root.to_string()).send().await.unwrap();
        let mut damaged = film.sealed.clone();
        damaged[3_000] ^= 1;
        std::fs::write(store.state.blobs.sealed(film.container), damaged).unwrap();
        store.runner().await.drain().await.unwrap();
        let found = rendition(&store, film.container).await;
        let RenditionState::Refused(reason) = found.state else { panic!("{found:?}") };
        assert!(reason.contains("does not open"), "{reason}");
    }

    async fn the_newest_playable_film_is_the_one_of_its_title(db: &TestDb) {
        let store = Store::start(db).await;
        let good = film(&format!("{PICTURE} {H264}"), "a.mp4");
        let first = upload(&store, &good).await;
        store.clock.advance(std::time::Duration::from_secs(1));
        let bad = upload(&store, b"not a film at all").await;
        let mut conn = store.state.db.read().await.unwrap();
        let latest = packaging::latest_rendition_of(&mut conn, first.title_id).await.unwrap();
        assert_eq!(latest, Some(bad));
        let playable = packaging::playable_rendition_of(&mut conn, first.title_id).await.unwrap();
        assert_eq!(playable.as_ref(), Some(&first));
        assert_eq!(playable.unwrap().plaintext_length, good.len() as u64);
    }
}
