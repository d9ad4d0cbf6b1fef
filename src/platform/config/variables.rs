//! What may be set, for the documents and for whoever asks.

/// A variable of the environment and what it is for; the README's table is checked against it.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it says, and its default.
    pub meaning: &'static str,
}

/// Every variable that `serve` reads.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "MATINEE_BIND",
        meaning: "address to listen on; 127.0.0.1:8080",
    },
    Variable {
        name: "MATINEE_PUBLIC_URL",
        meaning: "the address people type; required",
    },
    Variable {
        name: "MATINEE_DATA_DIR",
        meaning: "folder of the store's data; ./data",
    },
    Variable {
        name: "DATABASE_URL",
        meaning: "sqlite:// or postgres://; a file in the data folder",
    },
    Variable {
        name: "MATINEE_BLOBS",
        meaning: "folder of the sealed films; blobs in the data folder",
    },
    Variable {
        name: "MATINEE_KEK_FILE",
        meaning: "file of the key-encryption keys; kek in the data folder",
    },
    Variable {
        name: "STRIPE_SECRET_KEY",
        meaning: "secret key of the Stripe account; required",
    },
    Variable {
        name: "STRIPE_WEBHOOK_SECRET",
        meaning: "secret of the webhook endpoint, several with commas; required",
    },
    Variable {
        name: "STRIPE_CONNECT_WEBHOOK_SECRET",
        meaning: "secret of the endpoint for connected accounts, several with commas; with it each \
                  studio sells by its own Stripe account; none",
    },
    Variable {
        name: "STRIPE_API_BASE",
        meaning: "where Stripe's API lives; https://api.stripe.com",
    },
    Variable {
        name: "SMTP_URL",
        meaning: "smtp:// or smtps:// with user and password; required",
    },
    Variable {
        name: "MATINEE_MAIL_FROM",
        meaning: "sender of all mail; required",
    },
    Variable {
        name: "MATINEE_FEE_BP",
        meaning: "the operator's share in basis points, 0 to 500; 0",
    },
    Variable {
        name: "MATINEE_TRUSTED_PROXIES",
        meaning: "addresses of proxies, with commas; none",
    },
    Variable {
        name: "MATINEE_MESSAGES",
        meaning: "folder of texts in further languages, one <language>.ftl each; none",
    },
    Variable {
        name: "RUST_LOG",
        meaning: "what is logged; info",
    },
];
