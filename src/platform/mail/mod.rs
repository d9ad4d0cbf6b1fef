//! Mail: written into an outbox in the transaction that causes it, sent by a job over SMTP.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use lettre::message::MultiPart;
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::{AsyncTransport, Message as Envelope, Tokio1Executor};
use serde::{Deserialize, Serialize};

use crate::kernel::Time;
use crate::kernel::ids::MailId;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Conn;
use crate::platform::db::Db;
use crate::platform::jobs;
use crate::platform::jobs::JobResult;

mod letter;
mod store;

pub use letter::Letter;
pub use store::Stored;
pub use store::by_cause;
pub use store::latest;
pub use store::to;

/// The kind of the job that sends a mail.
pub const SEND: &str = "mail.send";

/// A mail to one person.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is about, unique over all mail (`receipt:order_…`); `None` for mail that may repeat.
    pub cause: Option<String>,
    /// Who gets it.
    pub to: EmailAddress,
    /// The subject line.
    pub subject: String,
    /// The text for readers of plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Payload of [`SEND`].
#[derive(Debug, Serialize, Deserialize)]
pub struct SendMail {
    id: MailId,
}

/// Puts a mail into the outbox, with the job that sends it. A cause that had its mail is ignored,
/// and so is somebody whose account was erased.
pub async fn queue(tx: &mut Conn, message: &Message, now: Time) -> Result<(), sqlx::Error> {
    if message.to.is_nobody() {
        return Ok(());
    }
    let id = MailId::new(now, &mut rand::rng());
    if store::insert(tx, id, message, now).await? == 1 {
        jobs::enqueue(tx, SEND, &SendMail { id }, now, now).await?;
    }
    Ok(())
}

/// Forgets every mail to an address, sent or not.
pub async fn forget(tx: &mut Conn, to: &EmailAddress) -> Result<(), sqlx::Error> {
    store::delete_to(tx, to).await
}

/// How mail leaves the house.
#[derive(Clone)]
pub enum Mailer {
    /// Over SMTP, from the store's address.
    Smtp {
        /// The connection pool.
        transport: AsyncSmtpTransport<Tokio1Executor>,
        /// `From:` of every mail.
        from: Box<lettre::message::Mailbox>,
    },
    /// To the console, for the demo; the pages under `/dev/mail` read the outbox.
    Console {
        /// Older letters are not printed, in milliseconds.
        since: Arc<AtomicI64>,
    },
}

impl Mailer {
    /// A mailer that prints.
    pub fn console() -> Self {
        Self::Console {
            since: Arc::default(),
        }
    }

    /// Has a console print only letters that are written from a moment on.
    pub fn print_since(&self, moment: Time) {
        if let Self::Console { since } = self {
            since.store(moment.millis(), Ordering::SeqCst);
        }
    }

    /// A mailer for `smtp://user:password@host:port` or `smtps://…`.
    pub fn smtp(url: &str, from: lettre::message::Mailbox) -> anyhow::Result<Self> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?
            .timeout(Some(std::time::Duration::from_secs(30)))
            .build();
        Ok(Self::Smtp {
            transport,
            from: Box::new(from),
        })
    }

    async fn deliver(&self, mail: &Stored) -> anyhow::Result<()> {
        match self {
            Self::Smtp { transport, from } => {
                let letter = Envelope::builder()
                    .from(lettre::message::Mailbox::clone(from))
                    .to(lettre::message::Mailbox::new(None, mail.recipient.parse()?))
                    .subject(mail.subject.clone())
                    .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
                    .multipart(MultiPart::alternative_plain_html(
                        mail.body_text.clone(),
                        mail.body_html.clone(),
                    ))?;
                transport.send(letter).await?;
            }
            Self::Console { since } => {
                if mail.created_at.millis() >= since.load(Ordering::SeqCst) {
                    println!(
                        "\n--- mail to {} ---\n{}\n\n{}\n---",
                        mail.recipient, mail.subject, mail.body_text
                    );
                }
            }
        }
        Ok(())
    }
}

/// Sends one mail of the outbox; does nothing when it went out before. The same `Message-ID` on
/// a repeat lets mail servers drop the twin of a mail that was sent just before a crash.
pub async fn send(db: &Db, mailer: &Mailer, job: SendMail, now: Time) -> JobResult {
    let found = store::unsent(&mut *db.read().await?, job.id).await?;
    let Some(mail) = found else { return Ok(()) };
    mailer.deliver(&mail).await?;
    let mut tx = db.begin_write().await?;
    store::mark_sent(&mut tx, job.id, now).await?;
    tx.commit().await?;
    Ok(())
}
