//! What the pages of the portal show: texts ready for display, never a row of a table.

use askama::Template;
use askama_web::WebTemplate;

use crate::catalog::ATTESTATION;
use crate::catalog::Genre;
use crate::catalog::Language;
use crate::catalog::Rating;
use crate::catalog::Signed;
use crate::catalog::Title;
use crate::catalog::TitleFields;
use crate::catalog::TitleState;
use crate::kernel::BasisPoints;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::ledger::Sales;
use crate::offers::Breakdown;
use crate::offers::OfferFields;
use crate::offers::SOLD_IN;
use crate::packaging::Film;
use crate::packaging::TrackKind;
use crate::pages::studio_portal::film::FilmState;
use crate::pages::studio_portal::publish::SignFields;
use crate::pages::studio_portal::readiness::Missing;
use crate::pages::studio_portal::readiness::Readiness;
use crate::pages::studio_portal::readiness::Step;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::platform::words::Words;

/// Where a title stands, as a small label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Badge {
    pub(super) words: &'static str,
    /// Ending of its style class; empty for the plain one.
    pub(super) tone: &'static str,
}

impl Badge {
    fn of(state: TitleState) -> Self {
        let (words, tone) = match state {
            TitleState::Draft => ("badge-draft", ""),
            TitleState::Published => ("badge-on-sale", "badge--good"),
            TitleState::Withdrawn => ("badge-withdrawn", "badge--warn"),
        };
        Self { words, tone }
    }
}

/// One title of the first page.
#[derive(Clone, Debug)]
pub(super) struct TitleRow {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) poster: Option<String>,
    pub(super) badge: Badge,
    /// What it costs, or how far it is; nothing where there is nothing to say.
    pub(super) words: Option<Note>,
}

impl TitleRow {
    fn new(title: &Title, words: Option<Note>) -> Self {
        Self {
            slug: title.slug.to_string(),
            name: title.name().to_owned(),
            poster: title.poster_url(200),
            badge: Badge::of(title.state),
            words,
        }
    }

    /// A title that the shop shows.
    pub(super) fn on_sale(title: &Title, price: Option<Money>) -> Self {
        let words = price.map(|price| Note::new("dashboard-price").with("price", price));
        Self::new(title, words)
    }

    /// A title that still needs something.
    pub(super) fn on_its_way(readiness: &Readiness) -> Self {
        let (done, all) = (readiness.done(), readiness.steps().len());
        let words = Note::new("title-of-done")
            .with("done", done)
            .with("len", all);
        Self::new(&readiness.title, Some(words))
    }
}

/// The sums of one currency.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    pub(super) currency: &'static str,
    pub(super) orders: i64,
    pub(super) gross: Money,
    pub(super) tax: Money,
    pub(super) provider_fee: Money,
    pub(super) operator_fee: Money,
    pub(super) returned: Money,
    pub(super) exchanged: Money,
    pub(super) net: Money,
}

impl From<&Sales> for Figures {
    fn from(sales: &Sales) -> Self {
        Self {
            currency: sales.net.currency().code(),
            orders: sales.orders,
            gross: sales.gross,
            tax: sales.tax,
            provider_fee: sales.provider_fee,
            operator_fee: sales.operator_fee,
            returned: sales.returned,
            exchanged: sales.exchanged,
            net: sales.net,
        }
    }
}

/// The first page: every title, and a glimpse of the sales.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/dashboard.html")]
pub(super) struct Dashboard {
    pub(super) page: Page,
    pub(super) studio_name: String,
    pub(super) studio_slug: String,
    /// Whether nothing about money stands in the way of a sale.
    pub(super) gets_paid: bool,
    pub(super) rows: Vec<TitleRow>,
    pub(super) totals: Vec<Figures>,
}

impl Dashboard {
    /// Where visitors see the studio.
    fn public_link(&self) -> String {
        format!("/studios/{}", self.studio_slug)
    }
}

/// The form of a new title.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/new_title.html")]
pub(super) struct NewTitle {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) fields: TitleFields,
    pub(super) lists: Lists,
    /// Whether the address may still be chosen.
    pub(super) slug_is_open: bool,
}

/// What the form of a title lets one choose from.
pub(super) struct Lists {
    pub(super) genres: [Genre; Genre::ALL.len()],
    pub(super) languages: Vec<Language>,
    pub(super) ratings: [Rating; Rating::ALL.len()],
}

impl Lists {
    fn new(words: &Words) -> Self {
        let mut languages: Vec<_> = Language::all().collect();
        languages.sort_by_key(|language| words.t(language.name()).to_owned());
        Self {
            genres: Genre::ALL,
            languages,
            ratings: Rating::ALL,
        }
    }
}

impl NewTitle {
    /// An empty form.
    pub(super) fn empty(page: Page) -> Self {
        let fields = TitleFields {
            language: "en".to_owned(),
            ..TitleFields::default()
        };
        Self::new(page, FormErrors::new(), fields)
    }

    /// The form as it was sent.
    pub(super) fn new(page: Page, errors: FormErrors, fields: TitleFields) -> Self {
        let lists = Lists::new(&page.words);
        Self {
            page,
            errors,
            fields,
            lists,
            slug_is_open: true,
        }
    }
}

/// What is wrong on the page of a title, by the form it is about.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) details: FormErrors,
    pub(super) poster: FormErrors,
    pub(super) sign: FormErrors,
    /// What is missing, when publishing was tried without it.
    pub(super) missing: Vec<Missing>,
}

/// What was signed for the film on sale.
pub(super) struct Signature {
    pub(super) by: String,
    pub(super) at: Time,
    pub(super) root: String,
}

impl From<Signed> for Signature {
    fn from(signed: Signed) -> Self {
        Self {
            by: signed.signed_name.to_string(),
            at: signed.signed_at,
            root: signed.root.to_string(),
        }
    }
}

/// The page of a title: checklist, details, poster, publishing.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/title.html")]
pub(super) struct ShowTitle {
    pub(super) page: Page,
    pub(super) slug: String,
    pub(super) title_name: String,
    pub(super) badge: Badge,
    pub(super) is_published: bool,
    pub(super) is_withdrawn: bool,
    pub(super) can_be_published: bool,
    pub(super) has_new_film: bool,
    pub(super) poster: Option<String>,
    pub(super) steps: Vec<Step>,
    pub(super) done: usize,
    pub(super) ready: bool,
    /// The fingerprint of the film that would be signed for.
    pub(super) root: Option<String>,
    pub(super) signature: Option<Signature>,
    pub(super) attestation: &'static str,
    /// What the operator takes of a sale.
    pub(super) fee: BasisPoints,
    /// Whether the studio sells by its own account.
    pub(super) is_paid_directly: bool,
    /// What it costs, to say what that share is.
    pub(super) price: Option<Money>,
    pub(super) fields: TitleFields,
    pub(super) lists: Lists,
    pub(super) slug_is_open: bool,
    pub(super) errors: FormErrors,
    pub(super) poster_errors: FormErrors,
    pub(super) sign_errors: FormErrors,
    pub(super) sign: SignFields,
    pub(super) missing: Vec<Missing>,
}

impl ShowTitle {
    /// What the operator takes, in plain words.
    fn share(&self) -> String {
        let words = &self.page.words;
        match self.price {
            _ if self.fee.points() == 0 => words.t("payments-store-takes-nothing").to_owned(),
            None => words
                .say("title-store-takes")
                .with("percent", words.percent(i64::from(self.fee.points())))
                .to_string(),
            Some(price) => words
                .say(match self.is_paid_directly {
                    true => "payments-store-takes",
                    false => "payments-store-takes-untaxed",
                })
                .with("percent", words.percent(i64::from(self.fee.points())))
                .with("price", price)
                .with("share", price.split(self.fee).0)
                .to_string(),
        }
    }

    /// The address of the film with a tag in it, by which its sales can be told apart.
    fn tagged_link(&self, tag: &str) -> String {
        format!("{}/films/{}?from={tag}", self.page.origin, self.slug)
    }

    /// Whether this line of the checklist is the first that is open.
    fn is_next(&self, line: usize) -> bool {
        self.steps.iter().position(|step| !step.done) == Some(line)
    }

    /// The page of a title as it is.
    pub(super) fn new(page: Page, readiness: &Readiness, signature: Option<Signed>) -> Self {
        let title = &readiness.title;
        let root = readiness
            .playable
            .as_ref()
            .map(|film| film.root.to_string());
        let lists = Lists::new(&page.words);
        Self {
            page,
            slug: title.slug.to_string(),
            title_name: title.name().to_owned(),
            badge: Badge::of(title.state),
            is_published: title.is_published(),
            is_withdrawn: title.state == TitleState::Withdrawn,
            can_be_published: readiness.can_be_published(),
            has_new_film: title.is_published() && readiness.has_new_film(),
            poster: title.poster_url(400),
            steps: readiness.steps(),
            done: readiness.done(),
            ready: readiness.missing().is_empty(),
            root,
            signature: signature.map(Signature::from),
            attestation: ATTESTATION.text,
            fee: readiness.fee,
            is_paid_directly: readiness.payments.is_some(),
            price: readiness.price,
            fields: TitleFields::of(title),
            lists,
            slug_is_open: title.state == TitleState::Draft,
            errors: FormErrors::new(),
            poster_errors: FormErrors::new(),
            sign_errors: FormErrors::new(),
            sign: SignFields::default(),
            missing: Vec::new(),
        }
    }

    /// The same page with what is wrong.
    pub(super) fn with(self, faults: Faults) -> Self {
        Self {
            errors: faults.details,
            poster_errors: faults.poster,
            sign_errors: faults.sign,
            missing: faults.missing,
            ..self
        }
    }
}

/// One part of a price, as a piece of the bar.
pub(super) struct Share {
    pub(super) who: &'static str,
    pub(super) amount: Money,
    /// Ending of its style class.
    pub(super) tone: &'static str,
    /// Where the piece begins and how long it is, in thousandths.
    pub(super) x: i64,
    pub(super) width: i64,
}

/// Where the money of one sale goes.
pub(super) struct MoneyBar {
    pub(super) price: Money,
    pub(super) shares: [Share; 3],
}

impl From<Breakdown> for MoneyBar {
    fn from(parts: Breakdown) -> Self {
        let all = parts.price.minor().max(1);
        let upto = |minor: i64| minor.saturating_mul(1_000) / all;
        let (studio, payment) = (parts.studio.minor(), parts.payment.minor());
        let (first, second) = (upto(studio), upto(studio + payment));
        let share = |who, amount: Money, tone, x, end: i64| Share {
            who,
            amount,
            tone,
            x,
            width: end - x,
        };
        Self {
            price: parts.price,
            shares: [
                share("offers-your-studio-keeps", parts.studio, "studio", 0, first),
                share(
                    "offers-payment-estimated",
                    parts.payment,
                    "provider",
                    first,
                    second,
                ),
                share("offers-this-store", parts.store, "store", second, 1_000),
            ],
        }
    }
}

/// The page of the price.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/offers.html")]
pub(super) struct ShowOffers {
    pub(super) page: Page,
    pub(super) slug: String,
    pub(super) title_name: String,
    pub(super) errors: FormErrors,
    pub(super) fields: OfferFields,
    pub(super) currencies: [(&'static str, &'static str); SOLD_IN.len()],
    /// The currency in which the studio's own account is kept.
    pub(super) settles_in: Option<&'static str>,
    pub(super) money: Option<MoneyBar>,
    pub(super) earlier: Vec<Money>,
}

/// A film that can be played, in words.
pub(super) struct FilmFacts {
    pub(super) runtime: String,
    pub(super) size: Note,
    pub(super) picture: String,
    pub(super) sound: String,
    pub(super) hint: Option<String>,
}

impl From<&Film> for FilmFacts {
    fn from(film: &Film) -> Self {
        let of = |kind: TrackKind| {
            let tracks = film.tracks.iter().filter(|track| track.kind == kind);
            let tracks = tracks.map(|track| match &track.language {
                Some(language) => format!("{} ({language})", track.codec),
                None => track.codec.to_string(),
            });
            tracks.collect::<Vec<_>>().join(", ")
        };
        Self {
            runtime: film.runtime(),
            size: Note::new("upload-pixels")
                .with("width", film.width.to_string())
                .with("height", film.height.to_string()),
            picture: of(TrackKind::Video),
            sound: of(TrackKind::Audio),
            hint: film.hint.clone(),
        }
    }
}

/// The page of the upload.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/upload.html")]
pub(super) struct ShowUpload {
    pub(super) page: Page,
    pub(super) slug: String,
    pub(super) title_name: String,
    pub(super) state: FilmState,
    pub(super) sentence: Note,
    pub(super) facts: Option<FilmFacts>,
    /// Whether the film that is on sale is another one than the newest.
    pub(super) has_new_film: bool,
}

impl ShowUpload {
    /// The page of the upload of a title.
    pub(super) fn new(page: Page, readiness: &Readiness) -> Self {
        let facts = match &readiness.film {
            FilmState::Playable(film) => Some(FilmFacts::from(film)),
            _ => None,
        };
        Self {
            page,
            slug: readiness.title.slug.to_string(),
            title_name: readiness.title.name().to_owned(),
            sentence: readiness.film.sentence(),
            state: readiness.film.clone(),
            facts,
            has_new_film: readiness.title.is_published() && readiness.has_new_film(),
        }
    }

    /// Where the newest film is signed for.
    fn publish_link(&self) -> String {
        format!("/studio/titles/{}#publish-card", self.slug)
    }

    /// Percent that are here, while the film is on its way.
    fn percent(&self) -> Option<u64> {
        match self.state {
            FilmState::Receiving(percent) => Some(percent),
            _ => None,
        }
    }

    /// Ending of the style class of the notice.
    fn tone(&self) -> &'static str {
        match self.state {
            FilmState::Playable(_) => "notice--good",
            FilmState::Refused(_) | FilmState::Spoiled => "notice--bad",
            _ => "",
        }
    }
}
