//! A rendition: a sealed film and what is known about playing it.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::kernel::ids::UploadId;
use crate::sealed::ContainerId;
use crate::sealed::Root;
use crate::uploads::UploadKind;

/// One encode of a title's film, in its own container.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendition {
    /// Its container.
    pub container: ContainerId,
    /// The upload it came with.
    pub upload_id: UploadId,
    /// Its title.
    pub title_id: TitleId,
    /// What it is to its title.
    pub kind: UploadKind,
    /// Bytes of the film.
    pub plaintext_length: u64,
    /// Names exactly these bytes.
    pub root: Root,
    /// What the inspection found.
    pub state: RenditionState,
    /// When its inspection began.
    pub created_at: Time,
}

/// What the inspection found.
#[derive(Clone, Debug, PartialEq)]
pub enum RenditionState {
    /// It is still at work.
    Checking,
    /// Browsers can play it.
    Playable(Film),
    /// Browsers cannot play it; one sentence says why and what to do.
    Refused(String),
}

/// A film that browsers can play.
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// Such as `video/mp4; codecs="avc1.64001f, mp4a.40.2"`.
    pub mime: String,
    /// `mp4` or `webm`.
    pub extension: &'static str,
    /// How long it runs.
    pub duration_ms: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Its tracks, in the order of the file.
    pub tracks: Vec<Track>,
    /// One sentence about what could be better, if anything could.
    pub hint: Option<String>,
}

/// One track of a film.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Picture, sound or another kind.
    pub kind: TrackKind,
    /// How it is coded.
    pub codec: Codec,
    /// Pixels across and down, of a picture.
    pub size: Option<(u32, u32)>,
    /// Channels, of a sound.
    pub channels: Option<u32>,
    /// Language as the file names it.
    pub language: Option<String>,
}

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackKind {
    /// Moving picture.
    Video,
    /// Sound.
    Audio,
    /// Subtitles, chapters, time codes and the like.
    Other,
}

/// How a track is coded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codec {
    /// As people call it: `H.264 (High)`.
    pub name: String,
    /// As a browser is asked for it (RFC 6381): `avc1.64001f`. `None` if browsers cannot play it.
    pub string: Option<String>,
}

impl Rendition {
    /// The film, if browsers can play it.
    pub const fn film(&self) -> Option<&Film> {
        match &self.state {
            RenditionState::Playable(film) => Some(film),
            RenditionState::Checking | RenditionState::Refused(_) => None,
        }
    }
}

impl Film {
    /// `1 h 32 min`, for pages.
    pub fn runtime(&self) -> String {
        let minutes = (self.duration_ms + 30_000) / 60_000;
        match (minutes / 60, minutes % 60) {
            (0, 0) => format!("{} s", self.duration_ms.div_ceil(1_000)),
            (0, minutes) => format!("{minutes} min"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        }
    }
}

impl Codec {
    /// A codec that browsers play.
    pub(super) fn known(name: impl Into<String>, string: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            string: Some(string.into()),
        }
    }

    /// A codec that browsers do not play.
    pub(super) fn unplayable(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            string: None,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtimes_read_well() {
        let film = |duration_ms| Film {
            mime: String::new(),
            extension: "mp4",
            duration_ms,
            width: 1,
            height: 1,
            tracks: Vec::new(),
            hint: None,
        };
        assert_eq!(film(5_280).runtime(), "6 s");
        assert_eq!(film(60_000 * 12).runtime(), "12 min");
        assert_eq!(film(60_000 * 92).runtime(), "1 h 32 min");
    }
}
