//! Whether browsers can play a film, and if not, why, in one sentence that says what to do.

use crate::packaging::model::Film;
use crate::packaging::model::Track;
use crate::packaging::model::TrackKind;
use crate::packaging::probe::Found;
use crate::packaging::probe::Wrapper;

const EXPORT: &str = "Export it as MP4 with H.264 and AAC, or as WebM with VP9 or AV1 and Opus.";

/// Judges what a probe found.
pub(super) fn judge(found: Found) -> Result<Film, String> {
    let of_kind = |kind| found.tracks.iter().find(move |track| track.kind == kind);
    if found.encrypted {
        return Err(format!(
            "The film is encrypted by another system (DRM). {EXPORT}"
        ));
    }
    let Some(video) = of_kind(TrackKind::Video) else {
        return Err(format!(
            "The file has no picture, only sound or text. {EXPORT}"
        ));
    };
    let audio = of_kind(TrackKind::Audio);
    let mut strings = vec![playable(video, "picture", found.wrapper)?];
    if let Some(audio) = audio {
        strings.push(playable(audio, "sound", found.wrapper)?);
    }
    let (kind, extension) = match found.wrapper {
        Wrapper::Mp4 => ("video/mp4", "mp4"),
        Wrapper::WebM => ("video/webm", "webm"),
        Wrapper::QuickTime | Wrapper::Matroska => return Err(wrong_wrapper(found.wrapper)),
    };
    if found.duration_ms == 0 {
        return Err(
            "The file does not say how long the film is, so nobody could seek in it. \
             Export it again."
                .to_owned(),
        );
    }
    let Some((width, height)) = video
        .size
        .filter(|(width, height)| *width > 0 && *height > 0)
    else {
        return Err(format!("The picture has no size. {EXPORT}"));
    };
    Ok(Film {
        mime: format!("{kind}; codecs=\"{}\"", strings.join(", ")),
        extension,
        duration_ms: found.duration_ms,
        width,
        height,
        hint: hint(&found, audio.is_some()),
        tracks: found.tracks,
    })
}

fn playable(track: &Track, what: &str, wrapper: Wrapper) -> Result<String, String> {
    let within = match wrapper {
        Wrapper::QuickTime => " in a QuickTime movie",
        Wrapper::Matroska => " in a Matroska file",
        Wrapper::Mp4 | Wrapper::WebM => "",
    };
    track.codec.string.clone().ok_or_else(|| {
        format!(
            "The {what} is {}{within}, which most browsers cannot play. {EXPORT}",
            track.codec
        )
    })
}

fn wrong_wrapper(wrapper: Wrapper) -> String {
    let (name, instead) = match wrapper {
        Wrapper::Matroska => ("Matroska file (.mkv)", "MP4 or WebM"),
        _ => ("QuickTime movie (.mov)", "MP4"),
    };
    format!(
        "The file is a {name}, which not every browser plays. Export it as {instead}; picture \
         and sound can be copied as they are."
    )
}

fn hint(found: &Found, sound: bool) -> Option<String> {
    if found.index_last {
        let words = "The index stands at the end of the file, so the first frame comes a little \
             later. Export with \"fast start\" to put it in front.";
        return Some(words.to_owned());
    }
    if found.no_index {
        return Some("The file has no index, so seeking takes longer.".to_owned());
    }
    (!sound).then(|| "The film has no sound.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packaging::model::Codec;

    fn track(kind: TrackKind, codec: Codec) -> Track {
        let size = (kind == TrackKind::Video).then_some((1280, 720));
        Track {
            kind,
            codec,
            size,
            channels: None,
            language: None,
        }
    }

    fn film() -> Found {
        Found {
            wrapper: Wrapper::Mp4,
            duration_ms: 5_000,
            tracks: vec![
                track(TrackKind::Audio, Codec::known("AAC", "mp4a.40.2")),
                track(
                    TrackKind::Video,
                    Codec::known("H.264 (High)", "avc1.64001f"),
                ),
            ],
            encrypted: false,
            index_last: false,
            no_index: false,
        }
    }

    #[test]
    fn a_common_film_is_playable() {
        let film = judge(film()).unwrap();
        assert_eq!(film.mime, "video/mp4; codecs=\"avc1.64001f, mp4a.40.2\"");
        assert_eq!(
            (film.width, film.height, film.extension),
            (1280, 720, "mp4")
        );
        assert_eq!(film.hint, None);
    }

    #[test]
    fn every_refusal_is_one_reason_and_one_way_out() {
        let hevc = track(TrackKind::Video, Codec::unplayable("HEVC (hvc1)"));
        let ac3 = track(TrackKind::Audio, Codec::unplayable("Dolby Digital (ac-3)"));
        let good = film().tracks;
        let cases = [
            (
                Found {
                    tracks: vec![hevc.clone()],
                    ..film()
                },
                "picture is HEVC (hvc1), which",
            ),
            (
                Found {
                    tracks: vec![ac3, good[1].clone()],
                    ..film()
                },
                "sound is Dolby Digital",
            ),
            (
                Found {
                    tracks: vec![good[0].clone()],
                    ..film()
                },
                "has no picture",
            ),
            (
                Found {
                    encrypted: true,
                    ..film()
                },
                "is encrypted",
            ),
            (
                Found {
                    duration_ms: 0,
                    ..film()
                },
                "how long the film is",
            ),
            (
                Found {
                    wrapper: Wrapper::QuickTime,
                    ..film()
                },
                "QuickTime movie (.mov)",
            ),
            (
                Found {
                    wrapper: Wrapper::Matroska,
                    ..film()
                },
                "Matroska file (.mkv)",
            ),
            (
                Found {
                    wrapper: Wrapper::QuickTime,
                    tracks: vec![hevc],
                    ..film()
                },
                "HEVC (hvc1) in a QuickTime movie",
            ),
        ];
        for (found, said) in cases {
            let reason = judge(found).unwrap_err();
            assert!(
                reason.contains(said) && reason.contains("Export"),
                "{reason}"
            );
        }
    }

    #[test]
    fn an_index_at_the_end_is_a_hint_and_no_refusal() {
        let film = judge(Found {
            index_last: true,
            ..film()
        })
        .unwrap();
        assert!(film.hint.unwrap().contains("fast start"));
    }
}
