//! The table: what each role gets on each route, with an empty form where one is sent.
//! 404 hides what is not one's own; 410 is a link that is over; 422 is a form with something to
//! mend, so whoever gets it was let in.

use super::Row;

const fn row(
    route: &'static str,
    nobody: &'static str,
    viewer: &'static str,
    stranger: &'static str,
    owner: &'static str,
) -> Row {
    Row {
        route,
        nobody,
        viewer,
        stranger,
        owner,
    }
}

#[rustfmt::skip] // a table reads best in columns
pub(super) const ROWS: &[Row] = &[
    // Operations and files
    row("GET /artwork/{title}/{file}",         "404",           "404",           "404",           "404"),
    row("GET /dev/mail",                       "200",           "200",           "200",           "200"),
    row("GET /dev/mail/{id}",                  "404",           "404",           "404",           "404"),
    row("GET /healthz",                        "200",           "200",           "200",           "200"),
    row("GET /metrics",                        "200",           "200",           "200",           "200"),
    row("GET /player-worker.js",               "200",           "200",           "200",           "200"),
    row("GET /readyz",                         "200",           "200",           "200",           "200"),
    row("GET /robots.txt",                     "200",           "200",           "200",           "200"),
    row("GET /sitemap.xml",                    "200",           "200",           "200",           "200"),
    row("GET /static/{file}",                  "404",           "404",           "404",           "404"),
    // Storefront
    row("GET /",                               "200",           "200",           "200",           "200"),
    row("GET /films",                          "200",           "200",           "200",           "200"),
    row("GET /films/{slug}",                   "200",           "200",           "200",           "200"),
    row("GET /legal/{page}",                   "404",           "404",           "404",           "404"),
    // People
    row("GET /account",                        "sign in",       "200",           "200",           "200"),
    row("GET /account/email",                  "sign in",       "200",           "200",           "200"),
    row("POST /account/email",                 "sign in",       "422",           "422",           "422"),
    row("GET /account/email/confirm",          "410",           "410",           "410",           "410"),
    row("POST /account/email/confirm",         "410",           "410",           "410",           "410"),
    row("GET /account/forgot",                 "200",           "200",           "200",           "200"),
    row("POST /account/forgot",                "422",           "422",           "422",           "422"),
    row("GET /account/password",               "sign in",       "200",           "200",           "200"),
    row("POST /account/password",              "sign in",       "422",           "422",           "422"),
    row("GET /account/reset",                  "410",           "410",           "410",           "410"),
    row("POST /account/reset",                 "410",           "410",           "410",           "410"),
    row("POST /account/sessions/end",          "sign in",       "go on",         "go on",         "go on"),
    row("POST /account/sessions/end-others",   "sign in",       "go on",         "go on",         "go on"),
    row("GET /account/verify",                 "410",           "410",           "410",           "410"),
    row("POST /account/verify",                "410",           "410",           "410",           "410"),
    row("POST /account/verify/again",          "sign in",       "go on",         "go on",         "go on"),
    row("GET /login",                          "200",           "go on",         "go on",         "go on"),
    row("POST /login",                         "422",           "422",           "422",           "422"),
    row("GET /signup",                         "200",           "go on",         "go on",         "go on"),
    row("POST /signup",                        "422",           "422",           "422",           "422"),
    row("GET /signup/done",                    "go on",         "go on",         "go on",         "go on"),
    // Studios
    row("GET /studio",                         "sign in",       "open a studio", "200",           "200"),
    row("GET /studio/join",                    "sign in",       "410",           "410",           "410"),
    row("POST /studio/join",                   "sign in",       "410",           "410",           "410"),
    row("GET /studio/payments",                "sign in",       "open a studio", "200",           "200"),
    row("POST /studio/payments/check",         "sign in",       "open a studio", "go on",         "go on"),
    row("POST /studio/payments/connect",       "sign in",       "open a studio", "404",           "404"),
    row("POST /studio/payments/tax",           "sign in",       "open a studio", "go on",         "go on"),
    row("GET /studio/payments/refresh",        "sign in",       "open a studio", "go on",         "go on"),
    row("GET /studio/payments/return",         "sign in",       "open a studio", "go on",         "go on"),
    row("GET /studio/sales",                   "sign in",       "open a studio", "200",           "200"),
    row("GET /studio/sales.csv",               "sign in",       "open a studio", "200",           "200"),
    row("GET /studio/signup",                  "200",           "200",           "go on",         "go on"),
    row("POST /studio/signup",                 "422",           "422",           "422",           "422"),
    row("GET /studio/team",                    "sign in",       "open a studio", "200",           "200"),
    row("POST /studio/team/invite",            "sign in",       "open a studio", "422",           "422"),
    row("POST /studio/team/remove",            "sign in",       "open a studio", "404",           "404"),
    row("POST /studio/team/take-back",         "sign in",       "open a studio", "404",           "404"),
    row("GET /studio/titles/new",              "sign in",       "open a studio", "200",           "200"),
    row("POST /studio/titles/new",             "sign in",       "open a studio", "422",           "422"),
    row("GET /studio/titles/{slug}",           "sign in",       "open a studio", "404",           "200"),
    row("POST /studio/titles/{slug}",          "sign in",       "open a studio", "404",           "422"),
    row("GET /studio/titles/{slug}/offers",    "sign in",       "open a studio", "404",           "200"),
    row("POST /studio/titles/{slug}/offers",   "sign in",       "open a studio", "404",           "422"),
    row("POST /studio/titles/{slug}/poster",   "sign in",       "open a studio", "404",           "422"),
    row("POST /studio/titles/{slug}/publish",  "sign in",       "open a studio", "404",           "409"),
    row("GET /studio/titles/{slug}/upload",    "sign in",       "open a studio", "404",           "200"),
    row("GET /studio/tokens",                  "sign in",       "open a studio", "200",           "200"),
    row("POST /studio/tokens",                 "sign in",       "open a studio", "422",           "422"),
    row("POST /studio/tokens/{id}/revoke",     "sign in",       "open a studio", "404",           "404"),
    row("ANY /studio/uploads",                 "401",           "404",           "400",           "400"),
    row("GET /studio/uploads/ingest-key",      "401",           "404",           "200",           "200"),
    row("ANY /studio/uploads/{id}",            "401",           "404",           "404",           "404"),
    row("POST /studio/uploads/{id}/finish",    "401",           "404",           "404",           "404"),
    row("GET /studio/uploads/{id}/status",     "401",           "404",           "404",           "404"),
    row("GET /studios/{slug}",                 "200",           "200",           "200",           "200"),
    // Buying and payments
    row("POST /checkout",                      "sign in",       "422",           "422",           "422"),
    row("GET /orders/{id}",                    "sign in",       "404",           "404",           "404"),
    row("POST /webhooks/stripe",               "400",           "400",           "400",           "400"),
    // Watching
    row("GET /containers/{id}",                "403",           "403",           "403",           "403"),
    row("POST /leases",                        "401",           "422",           "422",           "422"),
    row("DELETE /leases/{id}",                 "sign in",       "404",           "404",           "404"),
    row("POST /leases/{id}/beat",              "401",           "404",           "404",           "404"),
    row("GET /library",                        "sign in",       "200",           "200",           "200"),
    row("GET /media/{container}/{file}",       "sign in",       "404",           "404",           "404"),
    row("GET /watch/{slug}",                   "sign in",       "go on",         "go on",         "go on"),
    // What ends a sale or a visit comes last
    row("POST /studio/titles/{slug}/withdraw", "sign in",       "open a studio", "404",           "go on"),
    row("POST /logout",                        "go on",         "go on",         "go on",         "go on"),
];
