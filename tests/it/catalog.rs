//! Titles, their prices and their signatures, on both engines.

use std::net::IpAddr;

use matinee::accounts;
use matinee::accounts::NewAccount;
use matinee::accounts::Password;
use matinee::catalog;
use matinee::catalog::ATTESTATION;
use matinee::catalog::Attestation;
use matinee::catalog::Genre;
use matinee::catalog::Query;
use matinee::catalog::Sort;
use matinee::catalog::Title;
use matinee::catalog::TitleFields;
use matinee::catalog::TitleState;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::kernel::text::DisplayName;
use matinee::kernel::text::EmailAddress;
use matinee::kernel::text::Slug;
use matinee::offers;
use matinee::sealed::ContainerId;
use matinee::sealed::Root;
use matinee::studios;
use matinee::studios::Studio;

use crate::harness::TestDb;

const NOW: Time = Time::from_seconds(1_800_000_000);

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

fn fields(name: &str) -> TitleFields {
    TitleFields {
        name: name.to_owned(),
        synopsis: "It is long.".to_owned(),
        year: "1931".to_owned(),
        runtime_minutes: "92".to_owned(),
        genres: vec!["drama".to_owned(), "crime".to_owned()],
        credits: "Director: Zoë Großmann".to_owned(),
        ..TitleFields::default()
    }
}

async fn studio(db: &TestDb, called: &str) -> (Studio, accounts::Account) {
    let mut tx = db.begin_write().await.unwrap();
    let email = format!("{}@example.org", Slug::of_name(called, "x"));
    let new = NewAccount {
        email: EmailAddress::parse(&email).unwrap(),
        name: name("Robin"),
        password: Password::typed("seven quiet rivers".to_owned())
            .hash()
            .unwrap(),
        email_verified: true,
    };
    let owner = accounts::create_account(&mut tx, &new, NOW)
        .await
        .unwrap()
        .unwrap();
    let studio = studios::open_studio(&mut tx, &owner, name(called), NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (studio, owner)
}

async fn make(db: &TestDb, studio: &Studio, fields: &TitleFields) -> Title {
    let (details, slug) = fields.parse(NOW).unwrap();
    let mut tx = db.begin_write().await.unwrap();
    let title = catalog::create_title(&mut tx, studio, details, slug, NOW)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    title
}

/// Changes a title as its form would; what was refused.
async fn change(
    db: &TestDb,
    studio: &Studio,
    title: &Title,
    fields: &TitleFields,
) -> Option<String> {
    let (details, slug) = fields.parse(NOW).unwrap();
    let mut tx = db.begin_write().await.unwrap();
    let changed = catalog::update_title(&mut tx, title, studio, details, slug)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    changed
        .err()
        .map(|errors| errors.of("slug").unwrap().key().to_owned())
}

async fn read(db: &TestDb, at: &str) -> Option<Title> {
    catalog::title_by_slug(&mut db.read().await.unwrap(), &slug(at))
        .await
        .unwrap()
}

/// A poster as the row has it; making one is tested elsewhere.
async fn give_poster(db: &TestDb, title: &Title) {
    let mut tx = db.begin_write().await.unwrap();
    sqlx::query("UPDATE title SET poster = '0123456789abcdef' WHERE id = $1")
        .bind(title.id.to_string())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn signed(owner: &accounts::Account, film: u8) -> Attestation {
    Attestation {
        account: owner.id,
        signed_name: name("Robin Producer"),
        text: ATTESTATION,
        address: IpAddr::from([192, 0, 2, 7]),
        container: container(film),
        root: Root::from_bytes([film; 32]),
    }
}

fn container(film: u8) -> ContainerId {
    ContainerId::from(uuid::Uuid::from_bytes([film; 16]))
}

async fn publish(db: &TestDb, title: &Title, signed: &Attestation, now: Time) -> bool {
    let mut tx = db.begin_write().await.unwrap();
    let done = catalog::publish(&mut tx, title, signed, now).await.is_ok();
    if done {
        tx.commit().await.unwrap();
    }
    done
}

async fn withdraw(db: &TestDb, title: &Title) -> bool {
    let mut tx = db.begin_write().await.unwrap();
    let done = catalog::withdraw(&mut tx, title, NOW).await.is_ok();
    tx.commit().await.unwrap();
    done
}

async fn on_sale(
    db: &TestDb,
    studio: &(Studio, accounts::Account),
    fields: &TitleFields,
    now: Time,
) -> Title {
    let title = make(db, &studio.0, fields).await;
    give_poster(db, &title).await;
    assert!(publish(db, &title, &signed(&studio.1, 1), now).await);
    title
}

async fn found(db: &TestDb, query: Query) -> (Vec<String>, i64) {
    let found = catalog::search(&mut db.read().await.unwrap(), &query)
        .await
        .unwrap();
    (
        found
            .titles
            .iter()
            .map(|title| title.slug.to_string())
            .collect(),
        found.total,
    )
}

fn query(words: &str) -> Query {
    Query {
        words: Query::words_of(words),
        ..Query::default()
    }
}

on_both_engines! {
    async fn a_title_reads_back_as_it_was_written(db: &TestDb) {
        let (studio, _) = studio(db, "Rabbit Hole").await;
        let wanted = TitleFields {
            language: "de".to_owned(),
            rating: "12".to_owned(),
            credits: "Director: Ada: the first\n\nMusic: \"Bo\"".to_owned(),
            ..fields("The  Long Night")
        };
        let made = make(db, &studio, &wanted).await;
        let title = read(db, "the-long-night").await.unwrap();
        assert_eq!(TitleFields::of(&title), TitleFields {
            name: "The Long Night".to_owned(),
            slug: "the-long-night".to_owned(),
            credits: "Director: Ada: the first\nMusic: \"Bo\"".to_owned(),
            ..wanted
        });
        assert_eq!((title.id, title.state, title.film), (made.id, TitleState::Draft, None));
        let by_id = catalog::title_by_id(&mut db.read().await.unwrap(), made.id).await.unwrap();
        assert_eq!(by_id.unwrap().slug, title.slug);
    }

    async fn equal_names_get_numbers_and_addresses_stay_unique(db: &TestDb) {
        let (studio, _) = studio(db, "Rabbit Hole").await;
        let first = make(db, &studio, &fields("Night")).await;
        let second = make(db, &studio, &fields("Night!")).await;
        assert_eq!((first.slug.as_str(), second.slug.as_str()), ("night", "night-2"));
        let new = make(db, &studio, &fields("New")).await;
        assert_eq!(new.slug.as_str(), "new-2", "/studio/titles/new is a page");
        let chosen = TitleFields { slug: "own".to_owned(), ..fields("Night") };
        assert_eq!(make(db, &studio, &chosen).await.slug.as_str(), "own");

        let taken = TitleFields { slug: "night".to_owned(), ..fields("Day") };
        assert!(change(db, &studio, &second, &taken).await.unwrap().contains("taken"));
        let reserved = TitleFields { slug: "new".to_owned(), ..fields("Day") };
        assert!(change(db, &studio, &second, &reserved).await.unwrap().contains("taken"));
        assert_eq!(read(db, "night-2").await.unwrap().name(), "Night!", "nothing was changed");
        let free = TitleFields { slug: "day".to_owned(), ..fields("Day") };
        assert_eq!(change(db, &studio, &second, &free).await, None);
        assert_eq!(read(db, "day").await.unwrap().name(), "Day");
        assert!(read(db, "night-2").await.is_none());
    }

    async fn an_address_is_fixed_once_on_sale(db: &TestDb) {
        let studio = studio(db, "Rabbit Hole").await;
        let draft = make(db, &studio.0, &fields("Night")).await;
        give_poster(db, &draft).await;
        assert!(publish(db, &draft, &signed(&studio.1, 1), NOW).await);
        let moved = TitleFields { slug: "day".to_owned(), ..fields("Night II") };
        // somebody still had the form of the draft open
        assert!(change(db, &studio.0, &draft, &moved).await.is_some());
        let published = read(db, "night").await.unwrap();
        assert_eq!(change(db, &studio.0, &published, &moved).await, None);
        assert_eq!(read(db, "night").await.unwrap().name(), "Night II");
    }

    async fn a_title_goes_on_sale_with_poster_film_and_signature(db: &TestDb) {
        let (studio, owner) = studio(db, "Rabbit Hole").await;
        let title = make(db, &studio, &fields("Night")).await;
        assert!(!publish(db, &title, &signed(&owner, 1), NOW).await, "no poster yet");
        let last = |db: &TestDb| {
            let (pool, id) = ((**db).clone(), title.id);
            async move { catalog::last_signed(&mut pool.read().await.unwrap(), id).await.unwrap() }
        };
        assert_eq!(last(db).await, None, "and so nothing was signed");
        give_poster(db, &title).await;
        assert!(publish(db, &title, &signed(&owner, 1), NOW).await);
        let published = read(db, "night").await.unwrap();
        assert_eq!((published.state, published.film), (TitleState::Published, Some(container(1))));
        let signature = last(db).await.unwrap();
        assert_eq!((signature.signed_name.as_str(), signature.signed_at), ("Robin Producer", NOW));
        assert_eq!((signature.text.as_str(), signature.address.as_str()), (ATTESTATION.text, "192.0.2.7"));
        assert_eq!((signature.container, signature.root), (container(1), Root::from_bytes([1; 32])));

        assert!(!publish(db, &title, &signed(&owner, 2), NOW).await, "it is no draft any more");
        assert_eq!(last(db).await.unwrap().container, container(1));
        let later = Time::from_seconds(NOW.seconds() + 9);
        assert!(publish(db, &published, &signed(&owner, 2), later).await, "another film, signed");
        let replaced = read(db, "night").await.unwrap();
        assert_eq!((replaced.film, replaced.published_at), (Some(container(2)), Some(NOW)));
        assert_eq!(last(db).await.unwrap().root, Root::from_bytes([2; 32]));
    }

    async fn a_withdrawn_title_leaves_the_shop_and_may_come_back(db: &TestDb) {
        let studio = studio(db, "Rabbit Hole").await;
        let title = on_sale(db, &studio, &fields("Night"), NOW).await;
        let shown = |db: &TestDb| {
            let pool = (**db).clone();
            async move {
                catalog::published_title(&mut pool.read().await.unwrap(), &slug("night")).await.unwrap()
            }
        };
        assert!(shown(db).await.is_some());
        assert!(withdraw(db, &title).await);
        assert!(!withdraw(db, &title).await, "once");
        assert!(shown(db).await.is_none());
        assert_eq!(found(db, query("night")).await, (vec![], 0));
        let withdrawn = catalog::title_by_id(&mut db.read().await.unwrap(), title.id).await.unwrap().unwrap();
        assert_eq!((withdrawn.state, withdrawn.film), (TitleState::Withdrawn, Some(container(1))));
        assert!(publish(db, &withdrawn, &signed(&studio.1, 1), NOW).await);
        assert!(shown(db).await.is_some());
    }

    async fn search_finds_what_is_on_sale_by_folded_words(db: &TestDb) {
        let one = studio(db, "Rabbit Hole").await;
        let two = studio(db, "Straße Films").await;
        let at = |second| Time::from_seconds(NOW.seconds() + second);
        let comedy = TitleFields {
            genres: vec!["comedy".to_owned()],
            year: "1999".to_owned(),
            credits: String::new(),
            ..fields("Amélie’s Été")
        };
        on_sale(db, &one, &fields("The Long Night"), at(1)).await;
        on_sale(db, &one, &comedy, at(2)).await;
        on_sale(db, &two, &fields("Zebra 100%"), at(3)).await;
        make(db, &one.0, &fields("Secret Night")).await;

        assert_eq!(found(db, query("")).await.0, ["zebra-100", "amelies-ete", "the-long-night"]);
        assert_eq!(found(db, query("LONG nig")).await.0, ["the-long-night"]);
        assert_eq!(found(db, query("amelies ete")).await.0, ["amelies-ete"]);
        assert_eq!(found(db, query("zoe grossmann")).await.1, 2, "by people");
        assert_eq!(found(db, query("strasse")).await.0, ["zebra-100"], "by studio");
        assert_eq!(found(db, query("%")).await.1, 3, "no wildcard");
        assert_eq!(found(db, query("night comedy")).await.1, 0, "all words");
        let of = |genre| Query { genre: Some(genre), ..Query::default() };
        assert_eq!(found(db, of(Genre::Comedy)).await.0, ["amelies-ete"]);
        assert_eq!(found(db, of(Genre::Crime)).await.1, 2);
        let by = |sort| Query { sort, ..Query::default() };
        assert_eq!(found(db, by(Sort::Name)).await.0, ["amelies-ete", "the-long-night", "zebra-100"]);
        assert_eq!(found(db, by(Sort::Year)).await.0[0], "amelies-ete");
        let mine = Query { studio: Some(two.0.id), ..Query::default() };
        assert_eq!(found(db, mine).await.0, ["zebra-100"]);
        let far = Query { page: 7, ..Query::default() };
        assert_eq!(found(db, far).await, (vec![], 3));

        let mut conn = db.read().await.unwrap();
        let newest = catalog::newest(&mut conn, 2).await.unwrap();
        assert_eq!(newest.iter().map(|t| t.slug.as_str()).collect::<Vec<_>>(), ["zebra-100", "amelies-ete"]);
        let listed = catalog::published_slugs(&mut conn, 10).await.unwrap();
        assert_eq!(listed[0], (slug("zebra-100"), at(3)));
        assert_eq!(catalog::titles_of_studio(&mut conn, one.0.id).await.unwrap().len(), 3);
        let foreign = catalog::title_of_studio(&mut conn, two.0.id, &slug("the-long-night")).await;
        assert!(foreign.unwrap().is_none(), "another studio's title");
    }

    async fn a_new_price_is_a_new_offer(db: &TestDb) {
        let (studio, _) = studio(db, "Rabbit Hole").await;
        let title = make(db, &studio, &fields("Night")).await;
        let price = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let set = |minor| {
            let pool = (**db).clone();
            async move {
                let mut tx = pool.begin_write().await.unwrap();
                let offer = offers::set_price(&mut tx, title.id, price(minor), NOW).await.unwrap();
                tx.commit().await.unwrap();
                offer
            }
        };
        let mut conn = db.read().await.unwrap();
        assert_eq!(offers::buy_offer(&mut conn, title.id).await.unwrap(), None);
        let first = set(499).await;
        assert_eq!(set(499).await.id, first.id, "the same price again");
        let second = set(599).await;
        let live = offers::buy_offer(&mut conn, title.id).await.unwrap().unwrap();
        assert_eq!((live.id, live.price), (second.id, price(599)));
        let old = offers::offer_by_id(&mut conn, first.id).await.unwrap().unwrap();
        assert_eq!((old.price, old.is_live()), (price(499), false), "an order may still name it");
        assert_eq!(offers::offers_of_title(&mut conn, title.id).await.unwrap().len(), 2);
        assert_eq!(offers::buy_offers_of(&mut conn, &[title.id]).await.unwrap().len(), 1);
        assert!(offers::buy_offers_of(&mut conn, &[]).await.unwrap().is_empty());
    }

    async fn two_prices_at_once_leave_one(db: &TestDb) {
        let (studio, _) = studio(db, "Rabbit Hole").await;
        let title = make(db, &studio, &fields("Night")).await.id;
        let tries = (100..116_i64).map(|minor| {
            let pool = (**db).clone();
            tokio::spawn(async move {
                let price = Money::new(minor, Currency::parse("EUR").unwrap());
                let mut tx = pool.begin_write().await.unwrap();
                match offers::set_price(&mut tx, title, price, NOW).await {
                    Ok(_) => tx.commit().await.unwrap(),
                    Err(error) => assert_eq!(error.status().as_u16(), 409),
                }
            })
        });
        for done in futures_util::future::join_all(tries).await {
            done.unwrap();
        }
        let all = offers::offers_of_title(&mut db.read().await.unwrap(), title).await.unwrap();
        assert_eq!(all.iter().filter(|offer| offer.is_live()).count(), 1);
    }
}
