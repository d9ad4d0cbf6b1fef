//! Fills the demo shop the way people would: studios open, films are sealed and uploaded through
//! the server, published with a signature, and one of them is bought with the sandbox's card.
//! Every step looks whether it was done before, so a start that was cut off goes on.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::anyhow;
use anyhow::bail;

use crate::accounts;
use crate::accounts::Account;
use crate::accounts::NewAccount;
use crate::accounts::Password;
use crate::catalog;
use crate::catalog::ATTESTATION;
use crate::catalog::Attestation;
use crate::catalog::Credit;
use crate::catalog::Details;
use crate::catalog::Rating;
use crate::catalog::Title;
use crate::catalog::TitleState;
use crate::checkout;
use crate::checkout::Begun;
use crate::checkout::Buyer;
use crate::checkout::Occasion;
use crate::commands::demo::connect;
use crate::commands::demo::films::DemoFilm;
use crate::commands::demo::films::DemoPerson;
use crate::commands::demo::films::DemoStudio;
use crate::commands::demo::films::FILMS;
use crate::commands::demo::films::OPERATOR;
use crate::commands::demo::films::PASSWORD;
use crate::commands::demo::films::STUDIOS;
use crate::commands::demo::films::VIEWER;
use crate::commands::demo::past;
use crate::commands::demo::past::DemoClock;
use crate::commands::demo::send;
use crate::invoices;
use crate::invoices::SellerFields;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Source;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Prose;
use crate::kernel::text::Slug;
use crate::offers;
use crate::packaging;
use crate::packaging::Rendition;
use crate::packaging::RenditionState;
use crate::platform::AppState;
use crate::platform::db;
use crate::platform::stripe::sandbox::SandboxHandle;
use crate::studios;
use crate::studios::Studio;

/// Setting that says when the shop was filled.
const SEEDED: &str = "demo.seeded";
/// How long packaging may take to look at a short film.
const PACKAGING: Duration = Duration::from_secs(120);

/// The accounts, as the console shows them.
pub(super) fn accounts() -> String {
    let studios = STUDIOS
        .iter()
        .map(|studio| ("studio", &studio.owner, studio.name));
    let others = [
        ("viewer", &VIEWER, "owns one film"),
        ("operator", &OPERATOR, "sees every order at /operator"),
    ];
    let lines: String = studios
        .chain(others)
        .map(|(kind, person, what)| format!("  {kind:<8} {:<24} {what}\n", person.email))
        .collect();
    format!("\n{lines}  password \"{PASSWORD}\" for everybody\n")
}

/// Fills the shop unless it is full.
/// Only a new shop has a `past` to live through.
pub(super) async fn seed(
    state: &AppState,
    sandbox: &SandboxHandle,
    past: Option<&DemoClock>,
) -> anyhow::Result<()> {
    let seeded = db::read_setting(&mut *state.db.read().await?, SEEDED).await?;
    if seeded.is_some() {
        return connect::studios(state, sandbox).await; // a shop of an earlier version has no accounts
    }
    println!("matinee: filling the demo shop");
    let viewer = person(state, &VIEWER).await?;
    let operator = person(state, &OPERATOR).await?;
    accounts::make_operator(&state.db, &operator.email, state.now()).await?;
    for (number, described) in STUDIOS.iter().enumerate() {
        let owner = person(state, &described.owner).await?;
        let studio = studio_of(state, &owner, described).await?;
        for film in FILMS.iter().filter(|film| film.studio == number) {
            publish_film(state, &owner, &studio, film)
                .await
                .with_context(|| film.name)?;
        }
    }
    connect::studios(state, sandbox).await?;
    if let Some(clock) = past {
        past::live(state, sandbox, clock).await?;
    }
    let bought = Purchase {
        viewer: &viewer,
        film: &FILMS[0],
        card: "4242424242424242",
        source: Source::Direct,
    };
    buy(state, sandbox, bought).await.context("buying a film")?;
    let mut tx = state.db.begin_write().await?;
    db::write_setting_once(&mut tx, SEEDED, &state.now().rfc3339()).await?;
    tx.commit().await?;
    Ok(())
}

/// Finds or makes the account of a person; the address counts as confirmed.
pub(super) async fn person(state: &AppState, person: &DemoPerson<'_>) -> anyhow::Result<Account> {
    let email = EmailAddress::parse(person.email)?;
    if let Some(known) = accounts::account_by_email(&mut *state.db.read().await?, &email).await? {
        return Ok(known);
    }
    let password = Password::typed(PASSWORD.to_owned());
    let password = state
        .heavy(move || password.hash())
        .await?
        .map_err(|error| anyhow!("{error}"))?;
    let new = NewAccount {
        email,
        name: name(person.name)?,
        password,
        email_verified: true,
    };
    let mut tx = state.db.begin_write().await?;
    let made = accounts::create_account(&mut tx, &new, state.now()).await?;
    tx.commit().await?;
    made.ok_or_else(|| anyhow!("{} exists already", person.email))
}

/// Finds or opens a studio, which has said what its invoices say of it.
async fn studio_of(
    state: &AppState,
    owner: &Account,
    described: &DemoStudio,
) -> anyhow::Result<Studio> {
    let slug = Slug::of_name(described.name, "studio");
    if let Some(known) = studios::studio_by_slug(&mut *state.db.read().await?, &slug).await? {
        return Ok(known);
    }
    let mut tx = state.db.begin_write().await?;
    let studio = studios::open_studio(&mut tx, owner, name(described.name)?, state.now())
        .await
        .map_err(|error| anyhow!("{error}"))?;
    studios::set_collects_tax(&mut tx, studio.id, described.collects_tax).await?;
    let [street, postal_code, city] = described.address.map(str::to_owned);
    let fields = SellerFields {
        name: described.legal_name.to_owned(),
        street,
        postal_code,
        city,
        country: described.country.to_owned(),
        vat_id: described.vat_id.to_owned(),
        email: described.owner.email.to_owned(),
        prefix: described.prefix.to_owned(),
        ..SellerFields::default()
    };
    let seller = fields.parse(described.collects_tax);
    let seller = seller.map_err(|faults| anyhow!("{faults:?}"))?;
    invoices::set_seller(&mut tx, studio.id, &seller, state.now()).await?;
    tx.commit().await?;
    Ok(studio)
}

/// Everything between an idea and the shop.
async fn publish_film(
    state: &AppState,
    owner: &Account,
    studio: &Studio,
    film: &DemoFilm,
) -> anyhow::Result<()> {
    let title = title_of(state, studio, film).await?;
    if title.state == TitleState::Published {
        return Ok(());
    }
    println!("  {}: sealing and uploading", film.name);
    let poster = catalog::give_poster(state, &title, film.poster.to_vec()).await;
    poster
        .map_err(|error| anyhow!("{error}"))?
        .map_err(|fault| anyhow!("{fault}"))?;
    let price = Money::parse(film.price.0, Currency::parse(film.price.1)?)?;
    let mut tx = state.db.begin_write().await?;
    offers::set_price(&mut tx, title.id, price, state.now()).await?;
    tx.commit().await?;
    let rendition =
        match packaging::playable_rendition_of(&mut *state.db.read().await?, title.id).await? {
            Some(rendition) => rendition,
            None => {
                send::upload(state, owner, studio, &title, film.film).await?;
                packaged(state, &title).await?
            }
        };
    let signed = Attestation {
        account: owner.id,
        signed_name: owner.name.clone(),
        text: ATTESTATION,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        container: rendition.container,
        root: rendition.root,
    };
    let mut tx = state.db.begin_write().await?;
    let published = catalog::publish(&mut tx, &title, &signed, state.now()).await;
    published.map_err(|error| anyhow!("{error}"))?;
    tx.commit().await?;
    Ok(())
}

async fn title_of(state: &AppState, studio: &Studio, film: &DemoFilm) -> anyhow::Result<Title> {
    let slug = Slug::parse(film.slug)?;
    if let Some(known) = catalog::title_by_slug(&mut *state.db.read().await?, &slug).await? {
        return Ok(known);
    }
    let credits = film
        .credits
        .iter()
        .map(|(role, who)| Credit((*role).to_owned(), (*who).to_owned()));
    let details = Details {
        name: name(film.name)?,
        synopsis: Prose::parse(film.synopsis)?,
        year: film.year,
        runtime_minutes: 1,
        genres: film
            .genres
            .iter()
            .filter_map(|genre| genre.parse().ok())
            .collect(),
        credits: credits.collect(),
        language: film
            .language
            .parse()
            .map_err(|fault: &str| anyhow!(fault))?,
        rating: Rating::of_age(film.age).context("an age of the list")?,
    };
    let mut tx = state.db.begin_write().await?;
    let made = catalog::create_title(&mut tx, studio, details, Some(slug), state.now()).await;
    let title = made.map_err(|error| anyhow!("{error}"))?;
    tx.commit().await?;
    Ok(title)
}

/// Waits until the film was looked at.
async fn packaged(state: &AppState, title: &Title) -> anyhow::Result<Rendition> {
    let looking = async {
        loop {
            let found =
                packaging::latest_rendition_of(&mut *state.db.read().await?, title.id).await?;
            match found {
                Some(rendition) if matches!(rendition.state, RenditionState::Playable(_)) => {
                    return Ok(rendition);
                }
                Some(Rendition {
                    state: RenditionState::Refused(reason),
                    ..
                }) => bail!("{reason}"),
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    tokio::time::timeout(PACKAGING, looking)
        .await
        .context("packaging took too long")?
}

/// Who buys which film, and how.
pub(super) struct Purchase<'a> {
    /// The buyer.
    pub(super) viewer: &'a Account,
    /// The film.
    pub(super) film: &'a DemoFilm,
    /// Digits of one of the sandbox's cards.
    pub(super) card: &'a str,
    /// How the buyer came to the film.
    pub(super) source: Source,
}

/// Buys a film.
pub(super) async fn buy(
    state: &AppState,
    sandbox: &SandboxHandle,
    purchase: Purchase<'_>,
) -> anyhow::Result<()> {
    let mut conn = state.db.read().await?;
    let slug = Slug::parse(purchase.film.slug)?;
    let title = catalog::published_title(&mut conn, &slug)
        .await?
        .context("not published")?;
    let offer = offers::buy_offer(&mut conn, title.id)
        .await?
        .context("no offer")?;
    let wanted = checkout::wanted(&mut conn, &state.config.stripe, offer.id)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    drop(conn);
    let buyer = Buyer {
        account: purchase.viewer.id,
        email: &purchase.viewer.email,
        reader: "",
        source: &purchase.source,
    };
    let begun = checkout::begin(state, buyer, &wanted)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    let Begun::Pay(page) = begun else {
        return Ok(());
    };
    let session = page
        .rsplit('/')
        .next()
        .context("a payment page names its session")?;
    let pay = format!("{}/_sandbox/pay/{session}", sandbox.base_url());
    let card = serde_json::json!({ "card": purchase.card });
    reqwest::Client::new()
        .post(pay)
        .json(&card)
        .send()
        .await?
        .error_for_status()?;
    checkout::settle(state, session, Occasion::Visit)
        .await
        .map_err(|error| anyhow!("{error}"))?;
    Ok(())
}

pub(super) fn name(text: &str) -> anyhow::Result<DisplayName> {
    DisplayName::parse(text).map_err(|fault| anyhow!("{text}: {fault}"))
}
