//! What the demo shop sells: three short films of our own making (`static/demo/make.sh`).

/// One film of the demo.
pub(super) struct DemoFilm {
    /// Its address.
    pub(super) slug: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    /// Which studio's it is, by its place in [`STUDIOS`].
    pub(super) studio: usize,
    /// What it is about.
    pub(super) synopsis: &'static str,
    /// Year of release.
    pub(super) year: i64,
    /// Genres, by slug.
    pub(super) genres: &'static [&'static str],
    /// Role and name.
    pub(super) credits: &'static [(&'static str, &'static str)],
    /// Language, by code.
    pub(super) language: &'static str,
    /// From which age it is fit to be seen.
    pub(super) age: i64,
    /// Price and currency.
    pub(super) price: (&'static str, &'static str),
    /// The film.
    pub(super) film: &'static [u8],
    /// Its poster.
    pub(super) poster: &'static [u8],
}

/// A person of the demo.
pub(super) struct DemoPerson<'a> {
    /// E-mail address.
    pub(super) email: &'a str,
    /// Name.
    pub(super) name: &'a str,
}

/// A studio of the demo.
pub(super) struct DemoStudio {
    /// Its name in the shop.
    pub(super) name: &'static str,
    /// Whose it is.
    pub(super) owner: DemoPerson<'static>,
    /// Where it is at home.
    pub(super) country: &'static str,
    /// Whether Stripe works out the tax of its sales.
    pub(super) collects_tax: bool,
    /// The legal name, for its invoices.
    pub(super) legal_name: &'static str,
    /// Street, postal code and city.
    pub(super) address: [&'static str; 3],
    /// Number for the value added tax; empty for none.
    pub(super) vat_id: &'static str,
    /// What stands before the numbers of its invoices.
    pub(super) prefix: &'static str,
}

/// The password of everybody in the demo.
pub(super) const PASSWORD: &str = "lamplight over the sea";

/// The two studios.
pub(super) const STUDIOS: [DemoStudio; 2] = [
    DemoStudio {
        name: "Halyard Pictures",
        owner: DemoPerson {
            email: "ines@halyard.example",
            name: "Ines Amaro",
        },
        country: "US",
        collects_tax: false,
        legal_name: "Halyard Pictures LLC",
        address: ["14 Harbor Street", "ME 04101", "Portland"],
        vat_id: "",
        prefix: "HP-",
    },
    DemoStudio {
        name: "Ostrava Film",
        owner: DemoPerson {
            email: "tomas@ostrava.example",
            name: "Tomáš Vrba",
        },
        country: "DE",
        collects_tax: true,
        legal_name: "Ostrava Film GmbH",
        address: ["Lindenstraße 12", "10969", "Berlin"],
        vat_id: "DE123456789",
        prefix: "OF-",
    },
];

/// The viewer, who owns the first film and not the others.
pub(super) const VIEWER: DemoPerson<'static> = DemoPerson {
    email: "ada@viewer.example",
    name: "Ada Winter",
};

/// The operator, who sees every order and how the books stand.
pub(super) const OPERATOR: DemoPerson<'static> = DemoPerson {
    email: "olga@store.example",
    name: "Olga Marsh",
};

/// The films.
pub(super) const FILMS: [DemoFilm; 3] = [
    DemoFilm {
        slug: "the-tidekeeper",
        name: "The Tidekeeper",
        studio: 0,
        synopsis: "On an island that no map shows, a woman lights a lamp every evening so that \
                   the sea finds its way back. One night the lamp stays dark, and in the morning \
                   the harbor is full of things that were lost long ago.",
        year: 2024,
        genres: &["short", "drama"],
        credits: &[
            ("Director", "Ines Amaro"),
            ("Writer", "Ines Amaro"),
            ("The keeper", "Noor Haddad"),
            ("Music", "Elias Brandt"),
        ],
        language: "en",
        age: 0,
        price: ("4.99", "USD"),
        film: include_bytes!("../../../static/demo/the-tidekeeper.mp4"),
        poster: include_bytes!("../../../static/demo/the-tidekeeper.jpg"),
    },
    DemoFilm {
        slug: "paper-suns",
        name: "Paper Suns",
        studio: 0,
        synopsis: "Every winter the children of a mountain village fold lanterns and let them go. \
                   A film without a word about what keeps burning, and for whom.",
        year: 2025,
        genres: &["short", "animation", "family"],
        credits: &[
            ("Director", "Ines Amaro"),
            ("Animation", "Mei Tanaka"),
            ("Sound", "Elias Brandt"),
        ],
        language: "zxx",
        age: 0,
        price: ("3.49", "USD"),
        film: include_bytes!("../../../static/demo/paper-suns.mp4"),
        poster: include_bytes!("../../../static/demo/paper-suns.jpg"),
    },
    DemoFilm {
        slug: "night-line",
        name: "Night Line",
        studio: 1,
        synopsis: "The last train leaves at 0:47. Tonight it has one passenger too many, and \
                   nobody wants to be the one who gets off.",
        year: 2026,
        genres: &["short", "thriller"],
        credits: &[
            ("Director", "Tomáš Vrba"),
            ("Writer", "Hana Malá"),
            ("Conductor", "Petr Sýkora"),
        ],
        language: "cs",
        age: 12,
        price: ("5.49", "EUR"),
        film: include_bytes!("../../../static/demo/night-line.mp4"),
        poster: include_bytes!("../../../static/demo/night-line.jpg"),
    },
];
