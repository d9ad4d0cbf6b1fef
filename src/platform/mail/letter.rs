//! One look for every mail: a letter is words in an order, rendered as plain text and as HTML.

use askama::Template;

use super::Message;
use crate::kernel::text::EmailAddress;
use crate::platform::words::Words;

/// A mail before it is addressed. Texts are plain; the templates escape them.
#[derive(Clone, Debug)]
pub struct Letter {
    words: Words,
    subject: String,
    greeting: String,
    blocks: Vec<Block>,
    notes: Vec<String>,
    cause: Option<String>,
}

/// A piece of a letter.
#[derive(Clone, Debug)]
enum Block {
    /// Running text.
    Words(String),
    /// The one thing to do, as a link.
    Button { label: String, link: String },
    /// Names and values, such as the lines of a receipt.
    Facts(Vec<(String, String)>),
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct AsHtml<'a> {
    letter: &'a Letter,
}

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct AsText<'a> {
    letter: &'a Letter,
}

impl Letter {
    /// A letter about something, in the words of its reader.
    pub fn new(words: &Words, subject: impl Into<String>) -> Self {
        Self {
            words: words.clone(),
            subject: subject.into(),
            greeting: words.t("mail-hello").to_owned(),
            blocks: Vec::new(),
            notes: Vec::new(),
            cause: None,
        }
    }

    /// Another greeting than the plain one.
    #[must_use]
    pub fn greet(mut self, greeting: impl Into<String>) -> Self {
        self.greeting = greeting.into();
        self
    }

    /// A paragraph.
    #[must_use]
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.blocks.push(Block::Words(words.into()));
        self
    }

    /// The one thing to do.
    #[must_use]
    pub fn button(mut self, label: impl Into<String>, link: impl Into<String>) -> Self {
        self.blocks.push(Block::Button {
            label: label.into(),
            link: link.into(),
        });
        self
    }

    /// Names and values.
    #[must_use]
    pub fn facts(mut self, facts: Vec<(String, String)>) -> Self {
        self.blocks.push(Block::Facts(facts));
        self
    }

    /// Small print at the end.
    #[must_use]
    pub fn note(mut self, words: impl Into<String>) -> Self {
        self.notes.push(words.into());
        self
    }

    /// What the mail is about, unique over all mail; it is never sent twice for one cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The mail to one address, ready for the outbox.
    pub fn to(&self, to: EmailAddress) -> Result<Message, askama::Error> {
        Ok(Message {
            cause: self.cause.clone(),
            to,
            subject: self.subject.clone(),
            text: AsText { letter: self }.render()?,
            html: AsHtml { letter: self }.render()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Message {
        Letter::new(&Words::english(), "Your receipt")
            .greet("Hello Ada & Eve,")
            .say("Thank you <3.")
            .facts(vec![("Film".to_owned(), "Nachtzug".to_owned())])
            .button("Watch", "https://films.example/watch/nachtzug?a=1&b=2")
            .note("Keep this mail.")
            .because("receipt:order_1")
            .to(EmailAddress::parse("ada@example.org").unwrap())
            .unwrap()
    }

    #[test]
    fn both_forms_say_the_same() {
        let mail = receipt();
        let link = "https://films.example/watch/nachtzug?a=1&b=2";
        let words = [
            "Hello Ada & Eve,",
            "Thank you <3.",
            "Film: Nachtzug",
            link,
            "Keep this mail.",
        ];
        for part in words {
            assert!(
                mail.text.contains(part),
                "{part} is missing in\n{}",
                mail.text
            );
        }
        for part in [
            "Hello Ada &#38; Eve,",
            "Thank you &#60;3.",
            "Nachtzug",
            "a=1&#38;b=2",
            "Keep",
        ] {
            assert!(
                mail.html.contains(part),
                "{part} is missing in\n{}",
                mail.html
            );
        }
        assert_eq!(mail.cause.as_deref(), Some("receipt:order_1"));
    }

    #[test]
    fn plain_text_has_no_ragged_gaps() {
        let text = receipt().text;
        assert!(
            !text.contains("\n\n\n") && !text.contains(" \n") && text.ends_with('\n'),
            "{text}"
        );
    }

    #[test]
    fn the_page_of_a_mail_fetches_nothing() {
        let html = receipt().html;
        assert!(
            !html.contains("<img") && !html.contains("src=") && !html.contains("url("),
            "{html}"
        );
    }
}
