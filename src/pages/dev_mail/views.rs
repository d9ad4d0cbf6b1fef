//! Pages of the demo's mail box.

use askama::Template;

use crate::platform::mail::Stored;
use crate::platform::web::Page;

/// Every mail, the newest first.
#[derive(Template)]
#[template(path = "dev_mail/list.html")]
pub(super) struct ListMails {
    pub(super) page: Page,
    pub(super) mails: Vec<Stored>,
}

/// One mail as plain text, its links clickable.
#[derive(Template)]
#[template(path = "dev_mail/show.html")]
pub(super) struct ShowMail {
    pub(super) page: Page,
    pub(super) mail: Stored,
}

impl ShowMail {
    /// The lines of the text; a line that is an address of this store becomes a link.
    fn lines(&self) -> Vec<(&str, bool)> {
        let own = |line: &&str| line.trim().starts_with(self.page.origin.as_str());
        self.mail
            .body_text
            .lines()
            .map(|line| (line, own(&line)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Time;

    #[test]
    fn only_links_to_the_store_itself_are_clickable() {
        let mail = Stored {
            id: "mail_1".to_owned(),
            recipient: "ada@example.org".to_owned(),
            subject: "<Hello>".to_owned(),
            body_text: "Open this:\nhttps://films.example/verify?t=1\nhttps://evil.example"
                .to_owned(),
            body_html: String::new(),
            created_at: Time::from_seconds(0),
            sent_at: None,
        };
        let html = ShowMail {
            page: Page::sample("/dev/mail/mail_1"),
            mail,
        }
        .render()
        .unwrap();
        assert!(
            html.contains("<a href=\"https://films.example/verify?t=1\""),
            "{html}"
        );
        assert!(!html.contains("<a href=\"https://evil.example"));
        assert!(html.contains("&#60;Hello&#62;"));
    }
}
