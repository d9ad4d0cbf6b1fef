//! `matinee open`: a sealed container becomes a file again, whole or in part.

use std::fs::File;
use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

use super::CommandError;
use super::about;
use super::key_file;
use super::output::Output;
use super::progress::bytes_bar;
use super::with_causes;
use crate::sealed::ContainerId;
use crate::sealed::OpenError;
use crate::sealed::Opener;

/// Plaintext opened between two moves of the progress bar.
const STEP_BYTES: u64 = 4 * 1_024 * 1_024;

/// What `matinee open` is told.
#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// The container to open
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where the plaintext goes, `-` for standard output; a file appears when it is whole
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// The film key, 64 hexadecimal digits
    #[arg(long, value_name = "K")]
    key_file: PathBuf,
    /// The id the container was sealed with
    #[arg(long, value_name = "UUID")]
    container_id: ContainerId,
    /// Only these bytes of the plaintext, first and last included
    #[arg(long, value_name = "A-B")]
    range: Option<InclusiveRange>,
}

/// A range as people write it: `0-0` is the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct InclusiveRange {
    first: u64,
    last: u64,
}

/// Opens the container or a range of it. Each segment is checked before a byte of it is written.
pub fn run(args: &OpenArgs) -> Result<(), CommandError> {
    let dek = key_file::read(&args.key_file)?;
    let input = File::open(&args.input)
        .map_err(|error| CommandError::usage(about("cannot read", &args.input, &error)))?;
    let mut opener = Opener::new(input, dek, args.container_id).map_err(|error| failed(&error))?;
    let range = wanted(&mut opener, args.range)?;
    let mut output = Output::create(&args.output, &mut rand::rng())
        .map_err(|error| CommandError::usage(about("cannot write", &args.output, &error)))?;
    let bar = bytes_bar("opening", range.end - range.start);
    for start in range.clone().step_by(STEP_BYTES as usize) {
        let end = range.end.min(start + STEP_BYTES);
        opener
            .copy_range(start..end, &mut output)
            .map_err(|error| failed(&error))?;
        bar.set_position(end - range.start);
    }
    output
        .finish()
        .map_err(|error| failed(&OpenError::Write(error)))?;
    bar.finish_and_clear();
    Ok(())
}

/// The range that was asked for, if the container has it.
fn wanted(
    opener: &mut Opener<File>,
    range: Option<InclusiveRange>,
) -> Result<Range<u64>, CommandError> {
    let length = opener.layout().plaintext_len();
    let Some(range) = range else {
        return Ok(0..length);
    };
    if range.last < length {
        return Ok(range.first..range.last + 1);
    }
    // The length was read off the container; blame the range only if the container is sound.
    opener.segment(0).map_err(|error| failed(&error))?;
    Err(CommandError::usage(format_args!(
        "the range ends past the last byte, {}",
        length - 1
    )))
}

fn failed(error: &OpenError) -> CommandError {
    CommandError::failed(with_causes(error))
}

impl FromStr for InclusiveRange {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<u64>().ok();
        text.split_once('-')
            .and_then(|(first, last)| Some((number(first)?, number(last)?)))
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| Self { first, last })
            .ok_or("a range is written A-B with A not above B, both counted from 0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reads_as_people_write_it() {
        assert_eq!("0-0".parse(), Ok(InclusiveRange { first: 0, last: 0 }));
        assert_eq!("7-19".parse(), Ok(InclusiveRange { first: 7, last: 19 }));
        for nonsense in ["", "-", "1", "1-", "-1", "2-1", "a-b", "1-2-3", "-1-2"] {
            assert!(nonsense.parse::<InclusiveRange>().is_err(), "{nonsense}");
        }
    }
}
