//! `matinee upload`: seals a film on the fly and sends it, as often interrupted as need be.
//!
//! What must survive a crash of this command stands in two files of the state folder: the film's
//! key with the address of the upload, and a journal of the tag of every segment ever sealed,
//! synced before a byte of the segment leaves. After a restart the file must be the same by name,
//! size and time, and whatever is sealed again must have the same tags; otherwise a new upload
//! under a new key has to begin. So one key never seals two plaintexts.

mod client;
mod journal;
mod send;
mod source;
mod state;

use std::path::PathBuf;
use std::time::Duration;

use indicatif::ProgressBar;
use url::Url;

use super::CommandError;
use super::progress::bytes_bar;
use crate::kernel::text::Slug;
use crate::platform::config;
use client::Client;
use client::ClientError;
use journal::Journal;
use send::SendError;
use source::Film;
use state::StateFile;
use state::Unfinished;

/// How long the store may be away, all tries together without a byte of progress.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// What `matinee upload` is told. The API token comes from `MATINEE_TOKEN`.
#[derive(Debug, clap::Args)]
pub struct UploadArgs {
    /// The film, an MP4 or WebM file
    file: PathBuf,
    /// Address of the store
    #[arg(long, value_name = "URL")]
    store: Url,
    /// The title it belongs to, as it stands in its address
    #[arg(long, value_name = "SLUG")]
    title: String,
    /// Throw away what an earlier upload of this file has sent, and begin anew
    #[arg(long)]
    restart: bool,
}

/// Uploads the film, going on where an earlier run was stopped.
pub async fn run(args: UploadArgs) -> Result<(), CommandError> {
    let title = Slug::parse(&args.title).map_err(|_| {
        CommandError::usage("--title wants the title's address, such as night-train")
    })?;
    let token = config::upload_token()
        .ok_or_else(|| CommandError::usage("MATINEE_TOKEN is missing; make one in the studio"))?;
    let client = Client::new(&args.store, token).map_err(CommandError::usage)?;
    let film = Film::open(&args.file)?;
    let folder = config::state_home()
        .ok_or_else(|| CommandError::usage("XDG_STATE_HOME or HOME must name a folder"))?
        .join("matinee/uploads");
    let mut state = StateFile::open(&folder, &film, &client.origin(), title.as_str())?;
    let bar = bytes_bar("uploading", film.layout.ciphertext_len());
    bar.enable_steady_tick(Duration::from_millis(250));
    if args.restart {
        forget(&client, &mut state).await?;
    }
    let root = loop {
        let unfinished = unfinished(&client, &film, &mut state, &bar).await?;
        match upload(&client, &film, &unfinished, &mut state, &bar).await {
            Ok(root) => break root,
            Err(Stop::StartOver(words)) => {
                bar.println(format!("matinee: {words}"));
                state.remove().map_err(CommandError::failed)?;
            }
            Err(Stop::For(error)) => return Err(error),
        }
    };
    state.remove().map_err(CommandError::failed)?;
    bar.finish_and_clear();
    println!("uploaded: {root}");
    println!("The store now checks that browsers can play the film; see the title's page.");
    Ok(())
}

/// Why one upload does not come to its end.
enum Stop {
    /// Another one, under a new key, can begin at once.
    StartOver(&'static str),
    /// A person has to look at it.
    For(CommandError),
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::For(error)
    }
}

/// The upload that an earlier run left, or a new one under a new key.
async fn unfinished(
    client: &Client,
    film: &Film,
    state: &mut StateFile,
    bar: &ProgressBar,
) -> Result<Unfinished, CommandError> {
    if let Some(earlier) = state.read()? {
        if !earlier.is_of(film) {
            return Err(CommandError::failed(format_args!(
                "{} changed since its upload began, so it cannot go on; run again with --restart \
                 to throw away what was sent and begin anew",
                film.path.display()
            )));
        }
        bar.println("matinee: going on where the last run stopped");
        return Ok(earlier);
    }
    let ingest_key = patiently(bar, || client.ingest_key()).await?;
    let new = Unfinished::new(film, &ingest_key, &mut rand::rng())?;
    state.write(&new)?;
    Ok(new)
}

/// Throws an earlier upload away, here and at the store.
async fn forget(client: &Client, state: &mut StateFile) -> Result<(), CommandError> {
    if let Some(url) = state.read()?.and_then(|earlier| earlier.url()) {
        match client.terminate(&url).await {
            Ok(()) | Err(ClientError::Gone) => {}
            Err(error) => return Err(CommandError::failed(error)),
        }
    }
    state.remove().map_err(CommandError::failed)
}

/// Creates the upload if need be, sends what is missing, finishes it, and returns its root.
async fn upload(
    client: &Client,
    film: &Film,
    unfinished: &Unfinished,
    state: &mut StateFile,
    bar: &ProgressBar,
) -> Result<crate::sealed::Root, Stop> {
    let url = match unfinished.url() {
        Some(url) => url,
        None => create(client, film, unfinished, state, bar).await?,
    };
    let journal = Journal::open(&state.journal_path()).map_err(CommandError::failed)?;
    let journal = send_patiently(client, film, unfinished, &url, journal, bar).await?;
    if !film.is_unchanged() {
        return Err(Stop::For(CommandError::failed(format_args!(
            "{} changed while it was uploaded; run again with --restart",
            film.path.display()
        ))));
    }
    let root = journal
        .root(unfinished.container, film.layout)
        .map_err(CommandError::failed)?
        .ok_or(Stop::StartOver(LOST))?;
    bar.set_message("finishing");
    match patiently(bar, || client.finish(&url, root)).await {
        Ok(()) => Ok(root),
        Err(error) => Err(Stop::For(error)),
    }
}

/// Creates the upload and saves its address. Asked again after a crash in between, the store
/// finds the same upload by its container.
async fn create(
    client: &Client,
    film: &Film,
    unfinished: &Unfinished,
    state: &StateFile,
    bar: &ProgressBar,
) -> Result<Url, CommandError> {
    let (length, metadata) = (
        film.layout.ciphertext_len(),
        unfinished.metadata(state.title()),
    );
    let url = patiently(bar, || client.create(length, &metadata)).await?;
    let mut created = unfinished.clone();
    created.created_at(&url);
    state.write(&created)?;
    Ok(url)
}

const LOST: &str = "this machine no longer holds what is needed to go on; beginning anew";
const GONE: &str = "the store no longer keeps what was sent; beginning anew";

/// Sends until the store has every byte, however often the line breaks, as long as there is
/// progress every now and then.
async fn send_patiently(
    client: &Client,
    film: &Film,
    unfinished: &Unfinished,
    url: &Url,
    mut journal: Journal,
    bar: &ProgressBar,
) -> Result<Journal, Stop> {
    let mut waited = Duration::ZERO;
    let mut furthest = 0;
    loop {
        let tried = match client.offset(url).await {
            Ok(offset) => {
                bar.set_position(offset);
                if offset == film.layout.ciphertext_len() {
                    return Ok(journal);
                }
                if offset > furthest {
                    (furthest, waited) = (offset, Duration::ZERO);
                }
                let sealer = unfinished.sealer(film)?;
                let (back, sent) =
                    send::send(client, film, sealer, url, offset, journal, bar).await?;
                journal = back;
                sent
            }
            Err(error) => Err(SendError::Client(error)),
        };
        let error = match tried {
            Ok(()) => continue,
            Err(SendError::Client(ClientError::Gone)) => return Err(Stop::StartOver(GONE)),
            Err(SendError::JournalLost) => return Err(Stop::StartOver(LOST)),
            Err(SendError::Client(error)) if error.may_pass() => error,
            Err(error) => return Err(Stop::For(CommandError::failed(error))),
        };
        waited += pause(&error, waited, bar).await?;
    }
}

/// Tries again while the store is away.
async fn patiently<T, F>(bar: &ProgressBar, ask: impl Fn() -> F) -> Result<T, CommandError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    let mut waited = Duration::ZERO;
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if error.may_pass() => waited += pause(&error, waited, bar).await?,
            Err(error) => return Err(CommandError::failed(error)),
        }
    }
}

/// Waits before the next try, each time longer; gives up when that took too long in all.
async fn pause(
    error: &ClientError,
    waited: Duration,
    bar: &ProgressBar,
) -> Result<Duration, CommandError> {
    if waited >= PATIENCE {
        return Err(CommandError::failed(format_args!(
            "{error}; what was sent is kept, run the same command again to go on"
        )));
    }
    let next = (waited + Duration::from_millis(500)).min(LONGEST_PAUSE);
    bar.set_message("waiting for the store");
    tracing::debug!("the store is away: {error}");
    tokio::time::sleep(next).await;
    bar.set_message("uploading");
    Ok(next)
}
