//! Every route, every role: who is let in where. A route without a row fails, and so does a row
//! without a route.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::Person;
use crate::harness::TestApp;

mod rows;
mod scan;

use rows::ROWS;

/// What a route answers to each role, for a title of a studio that is not the stranger's.
struct Row {
    /// Method and path as the router has them.
    route: &'static str,
    /// Not signed in.
    nobody: &'static str,
    /// Signed in, without a studio.
    viewer: &'static str,
    /// A member of another studio.
    stranger: &'static str,
    /// The owner of the title and its studio.
    owner: &'static str,
}

/// The four roles and what stands for the words in braces.
struct Cast {
    app: TestApp,
    nobody: Person,
    viewer: Person,
    stranger: Person,
    owner: Person,
    slug: String,
}

impl Cast {
    async fn assemble() -> Self {
        let app = TestApp::sqlite().await;
        let owner = app.studio_owner("Rabbits").await;
        let film = app.film_on_sale("Big Buck Bunny", "Rabbits", 499).await;
        Self {
            nobody: app.nobody(),
            viewer: app.viewer("Ada").await,
            stranger: app.studio_owner("Foxes").await,
            owner,
            slug: film.title.slug.to_string(),
            app,
        }
    }

    /// A route with every word in braces filled in.
    fn path(&self, route: &str) -> String {
        let uuid = "018f0000-0000-7000-8000-000000000000";
        route
            .replace("/studios/{slug}", "/studios/rabbits")
            .replace("{slug}", &self.slug)
            .replace("{file}", "no-such-file.css")
            .replace("{*path}", "no/such")
            .replace("{container}", uuid)
            .replace("{id}", uuid)
            .replace("{name}", "none")
            .replace("{page}", "none")
    }

    /// What a person gets there: a status, or where they are sent.
    async fn ask(&self, person: &Person, route: &str) -> String {
        let (method, path) = route.split_once(' ').expect("METHOD /path");
        let path = self.path(path);
        let answer = match method {
            "POST" if path.starts_with("/leases") => person.post_json(&path, &json!({})).await,
            "POST" => person.post(&path, &[]).await,
            "ANY" => person.send(tus(person, &path)).await,
            other => {
                person
                    .send(person.request(other.parse().unwrap(), &path))
                    .await
            }
        };
        if answer.status != StatusCode::SEE_OTHER {
            return answer.status.as_str().to_owned();
        }
        match answer.location() {
            to if to.starts_with("/login") => "sign in".to_owned(),
            to if to.starts_with("/studio/signup") => "open a studio".to_owned(),
            _ => "go on".to_owned(),
        }
    }
}

/// The tus protocol chooses by method within one route: a creation, or a question for the offset.
fn tus(person: &Person, path: &str) -> RequestBuilder {
    let method = if path.ends_with("/uploads") {
        Method::POST
    } else {
        Method::HEAD
    };
    person
        .request(method, path)
        .header("tus-resumable", "1.0.0")
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes = scan::routes_of_the_store();
    let rows: BTreeSet<_> = ROWS.iter().map(|row| row.route.to_owned()).collect();
    let missing: Vec<_> = routes.difference(&rows).collect();
    let stale: Vec<_> = rows.difference(&routes).collect();
    assert!(
        missing.is_empty(),
        "say in tests/it/routes/rows.rs who may do {missing:#?}"
    );
    assert!(
        stale.is_empty(),
        "tests/it/routes/rows.rs names what is gone: {stale:#?}"
    );
}

#[tokio::test]
async fn everybody_is_let_in_where_the_table_says() {
    let cast = Cast::assemble().await;
    let mut faults = Vec::new();
    for row in ROWS {
        let roles = [
            ("nobody", &cast.nobody, row.nobody),
            ("viewer", &cast.viewer, row.viewer),
            ("stranger", &cast.stranger, row.stranger),
            ("owner", &cast.owner, row.owner),
        ];
        for (role, person, expected) in roles {
            let found = cast.ask(person, row.route).await;
            if found != expected {
                faults.push(format!("{} as {role}: {found}, not {expected}", row.route));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    drop(cast.app);
}
