//! An upload and what may happen to it: pure decisions, no files, no database.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::ids::UploadId;
use crate::sealed::Commitment;
use crate::sealed::ContainerId;
use crate::sealed::Layout;
use crate::sealed::Root;
use crate::sealed::WrappedDek;
use crate::uploads::error::TusError;

/// The longest container that is taken: 1 TiB.
pub const MAX_LENGTH: u64 = 1 << 40;
/// How much one studio may keep here, unfinished uploads counted at their full length: 2 TiB.
pub const STUDIO_CAP: u64 = 2 << 40;
/// Unfinished uploads that one studio may have at once.
pub const MOST_UNFINISHED: u64 = 100;
/// How long an unfinished upload is kept after its last byte.
pub const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 3600);
/// Room on the disk that uploads never fill, for the database and its log.
pub const HEADROOM: u64 = 64 << 20;

/// One upload of a sealed film, finished or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Whose it is.
    pub studio_id: StudioId,
    /// The title it belongs to.
    pub title_id: TitleId,
    /// The container that is sent.
    pub container: ContainerId,
    /// What the film is to its title.
    pub kind: UploadKind,
    /// `Upload-Metadata` as it came.
    pub metadata: String,
    /// Bytes of the film itself.
    pub plaintext_length: u64,
    /// Bytes of the container.
    pub ciphertext_length: u64,
    /// Bytes that are here for good.
    pub offset: u64,
    /// How far it is.
    pub state: UploadState,
    /// Root of the stored bytes, once finished.
    pub root: Option<Root>,
    /// When it began.
    pub created_at: Time,
    /// When it is thrown away unless more bytes come; of no meaning once finished.
    pub expires_at: Time,
}

/// What an uploaded film is to its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadKind {
    /// The film that is sold.
    Feature,
    /// The film that advertises it.
    Trailer,
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadState {
    /// Bytes are still missing, or nobody has asked to finish it.
    Receiving,
    /// Its root was not the one the studio sealed: it must be done again under another key.
    Refused,
    /// Complete, its root checked; the container never changes from here on.
    Finished,
}

/// A DEK as it is stored: wrapped, with the commitment that pins it.
#[derive(Clone, Debug)]
pub struct FilmKey {
    /// The envelope.
    pub wrapped: WrappedDek,
    /// What the studio committed to.
    pub commitment: Commitment,
}

impl Upload {
    /// Whether every byte is here.
    pub const fn is_complete(&self) -> bool {
        self.offset == self.ciphertext_length
    }

    /// Where everything lies in the container.
    pub fn layout(&self) -> Layout {
        Layout::new(self.plaintext_length).expect("checked when the upload was created")
    }

    /// Share of the bytes that are here, in percent, for pages.
    pub fn percent(&self) -> u64 {
        let share = u128::from(self.offset) * 100 / u128::from(self.ciphertext_length.max(1));
        u64::try_from(share).expect("at most 100")
    }

    /// Refuses uploads that nothing more can happen to.
    pub fn is_alive(&self, now: Time) -> Result<(), TusError> {
        match self.state {
            UploadState::Finished => Ok(()),
            UploadState::Refused => Err(TusError::Gone(
                "The stored bytes were not what was sealed. Upload the film again from the start.",
            )),
            UploadState::Receiving if self.expires_at <= now => Err(TusError::Gone(
                "This upload was left alone for too long and is gone.",
            )),
            UploadState::Receiving => Ok(()),
        }
    }

    /// Decides whether `length` more bytes (if the client said how many) may come at `offset`.
    pub fn admit(&self, offset: u64, length: Option<u64>, now: Time) -> Result<(), TusError> {
        self.is_alive(now)?;
        if offset != self.offset {
            return Err(TusError::WrongOffset {
                actual: self.offset,
            });
        }
        let left = self.ciphertext_length - self.offset;
        match length {
            Some(length) if length > left => Err(TusError::TooLong),
            _ => Ok(()),
        }
    }

    /// Decides whether it may be thrown away.
    pub const fn may_be_terminated(&self) -> Result<(), TusError> {
        match self.state {
            UploadState::Receiving | UploadState::Refused => Ok(()),
            UploadState::Finished => Err(TusError::Conflict(
                "This film is finished and belongs to its title; it cannot be removed as an upload.",
            )),
        }
    }

    /// Whether `other` asks for this very upload again, as a client does that crashed before it
    /// could note the address it was given.
    pub fn is_the_one_of(&self, other: &Self, own: &FilmKey, others: &FilmKey) -> bool {
        self.studio_id == other.studio_id
            && self.title_id == other.title_id
            && self.kind == other.kind
            && self.plaintext_length == other.plaintext_length
            && self.state == UploadState::Receiving
            && own.commitment == others.commitment
    }
}

/// What is known about the room there is when an upload is created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes free on the disk.
    pub free: u64,
    /// Bytes promised to running uploads and not here yet.
    pub promised: u64,
    /// Bytes the studio holds or was promised.
    pub of_studio: u64,
    /// Unfinished uploads of the studio.
    pub unfinished: u64,
}

impl Room {
    /// Decides whether another container of `length` bytes has room.
    pub const fn admit(&self, length: u64) -> Result<(), TusError> {
        if self.unfinished >= MOST_UNFINISHED {
            return Err(TusError::TooManyUnfinished);
        }
        if self.of_studio.saturating_add(length) > STUDIO_CAP {
            return Err(TusError::StudioFull);
        }
        let needed = self
            .promised
            .saturating_add(length)
            .saturating_add(HEADROOM);
        if needed > self.free {
            return Err(TusError::NoRoom);
        }
        Ok(())
    }
}

/// Gives an enum its text form in the database and on the wire.
macro_rules! text_form {
    ($name:ident { $($variant:ident = $text:literal),+ }) => {
        impl $name {
            /// The text form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($text => Ok(Self::$variant),)+ _ => Err(UnknownWord) }
            }
        }
    };
}
text_form!(UploadKind { Feature = "feature", Trailer = "trailer" });
text_form!(UploadState { Receiving = "receiving", Refused = "refused", Finished = "finished" });

/// A text that is none of the known words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word we know")]
pub struct UnknownWord;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An upload of 1,000 plaintext bytes of which 500 container bytes are here.
    pub(in crate::uploads) fn sample() -> Upload {
        let mut rng = rand::rng();
        let now = Time::from_seconds(1_000);
        Upload {
            id: UploadId::new(now, &mut rng),
            studio_id: StudioId::new(now, &mut rng),
            title_id: TitleId::new(now, &mut rng),
            container: ContainerId::generate(&mut rng),
            kind: UploadKind::Feature,
            metadata: String::new(),
            plaintext_length: 1_000,
            ciphertext_length: 1_056,
            offset: 500,
            state: UploadState::Receiving,
            root: None,
            created_at: now,
            expires_at: now.after(KEPT_FOR),
        }
    }

    #[test]
    fn bytes_are_admitted_at_the_offset_and_up_to_the_length_only() {
        let (upload, now) = (sample(), Time::from_seconds(2_000));
        assert!(upload.admit(500, Some(556), now).is_ok());
        assert!(upload.admit(500, None, now).is_ok());
        assert!(matches!(
            upload.admit(500, Some(557), now),
            Err(TusError::TooLong)
        ));
        let wrong = upload.admit(499, Some(1), now);
        assert!(matches!(wrong, Err(TusError::WrongOffset { actual: 500 })));
    }

    #[test]
    fn what_is_refused_or_expired_is_gone() {
        let now = Time::from_seconds(2_000);
        let refused = Upload {
            state: UploadState::Refused,
            ..sample()
        };
        assert!(matches!(
            refused.admit(500, None, now),
            Err(TusError::Gone(_))
        ));
        let late = sample().expires_at;
        assert!(matches!(
            sample().admit(500, None, late),
            Err(TusError::Gone(_))
        ));
        let finished = Upload {
            state: UploadState::Finished,
            offset: 1_056,
            ..sample()
        };
        assert!(
            finished.is_alive(late).is_ok(),
            "a finished film never expires"
        );
        assert!(finished.may_be_terminated().is_err());
        assert!(refused.may_be_terminated().is_ok());
    }

    #[test]
    fn room_is_counted_with_what_was_promised() {
        let room = Room {
            free: HEADROOM + 100,
            promised: 40,
            of_studio: 0,
            unfinished: MOST_UNFINISHED - 1,
        };
        assert!(room.admit(60).is_ok());
        let many = Room {
            unfinished: MOST_UNFINISHED,
            ..room
        };
        assert!(matches!(many.admit(1), Err(TusError::TooManyUnfinished)));
        assert!(matches!(room.admit(61), Err(TusError::NoRoom)));
        let full = Room {
            free: u64::MAX,
            promised: 0,
            of_studio: STUDIO_CAP - 10,
            unfinished: 0,
        };
        assert!(full.admit(10).is_ok());
        assert!(matches!(full.admit(11), Err(TusError::StudioFull)));
    }

    #[test]
    fn percent_ends_at_a_hundred() {
        assert_eq!(sample().percent(), 47);
        assert_eq!(
            Upload {
                offset: 1_056,
                ..sample()
            }
            .percent(),
            100
        );
    }
}
