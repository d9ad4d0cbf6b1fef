//! `matinee seal`: a file becomes a sealed container.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use super::CommandError;
use super::about;
use super::key_file;
use super::output::Output;
use super::progress::bytes_bar;
use super::with_causes;
use crate::sealed::ContainerId;
use crate::sealed::Layout;
use crate::sealed::Sealer;

/// What `matinee seal` is told.
#[derive(Debug, clap::Args)]
pub struct SealArgs {
    /// The file to seal
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where the container goes; it appears when it is whole
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// The film key, 64 hexadecimal digits; created if missing, readable by you only
    #[arg(long, value_name = "K")]
    key_file: PathBuf,
    /// The container's id; a new one if left out
    #[arg(long, value_name = "UUID")]
    container_id: Option<ContainerId>,
}

/// Seals the file and prints container id, plaintext length and root.
pub fn run(args: &SealArgs) -> Result<(), CommandError> {
    if args.output == Path::new("-") {
        return Err(CommandError::usage(
            "the container needs a file; its id and root are printed",
        ));
    }
    let mut rng = rand::rng();
    let (input, length) = open_input(&args.input)?;
    refuse_same_file(&args.output, &args.input)?;
    let dek = key_file::read_or_create(&args.key_file, &mut rng)?;
    refuse_same_file(&args.output, &args.key_file)?;
    let container = args
        .container_id
        .unwrap_or_else(|| ContainerId::generate(&mut rng));
    let mut sealer =
        Sealer::in_one_go(dek, container, length, &mut rng).map_err(CommandError::usage)?;
    let mut output = Output::create(&args.output, &mut rng)
        .map_err(|error| CommandError::usage(about("cannot write", &args.output, &error)))?;
    let bar = bytes_bar("sealing", sealer.layout().ciphertext_len());
    let root = sealer
        .seal_all(&input, &mut output, |done| bar.set_position(done))
        .map_err(|error| CommandError::failed(with_causes(&error)))?;
    output
        .finish()
        .map_err(|error| CommandError::failed(about("cannot write", &args.output, &error)))?;
    bar.finish_and_clear();
    writeln!(
        io::stdout(),
        "container: {container}\nlength: {length}\nroot: {root}"
    )
    .map_err(|error| CommandError::failed(about("cannot write", Path::new("-"), &error)))
}

/// Opens what is to be sealed. It is read by place, so a pipe will not do.
fn open_input(path: &Path) -> Result<(File, u64), CommandError> {
    let cannot_read = |error| CommandError::usage(about("cannot read", path, &error));
    let file = File::open(path).map_err(cannot_read)?;
    let metadata = file.metadata().map_err(cannot_read)?;
    if !metadata.is_file() {
        let name = path.display();
        return Err(CommandError::usage(format_args!(
            "{name} is not a regular file"
        )));
    }
    // Refused before a key file is made for it.
    Layout::new(metadata.len()).map_err(CommandError::usage)?;
    Ok((file, metadata.len()))
}

/// Writing the container over its own plaintext or key would destroy what it needs.
fn refuse_same_file(output: &Path, other: &Path) -> Result<(), CommandError> {
    match (fs::metadata(output), fs::metadata(other)) {
        (Ok(one), Ok(two)) if (one.dev(), one.ino()) == (two.dev(), two.ino()) => {
            let (one, two) = (output.display(), other.display());
            Err(CommandError::usage(format_args!(
                "{one} and {two} are the same file"
            )))
        }
        _ => Ok(()),
    }
}
