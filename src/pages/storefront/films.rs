//! The list of films: what its address asks for, and the links to its other pages.

use askama_web::WebTemplateExt as _;
use axum::extract::Query as UrlQuery;
use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::catalog;
use crate::catalog::Found;
use crate::catalog::Genre;
use crate::catalog::PAGE_SIZE;
use crate::catalog::Query;
use crate::catalog::Sort;
use crate::kernel::text::Slug;
use crate::pages::storefront::cards::cards;
use crate::pages::storefront::views::Films;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::Page;
use crate::studios;
use crate::studios::Studio;

/// Pages that can be turned to; whoever wants more narrows the search.
const MOST_PAGES: i64 = 500;
/// Letters of a search that count.
const MOST_CHARS: usize = 100;

/// What an address of the list says; words it does not know are left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    genre: String,
    studio: String,
    sort: String,
    page: String,
}

/// What the list shows, as the template reads it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    /// The words as typed.
    pub(super) words: String,
    pub(super) genre: Option<Genre>,
    pub(super) studio: Option<Studio>,
    pub(super) sort: Sort,
    /// From 1.
    pub(super) page: i64,
}

impl Asked {
    fn wanted(self, studio: Option<Studio>) -> Wanted {
        Wanted {
            words: self.q.trim().chars().take(MOST_CHARS).collect(),
            genre: self.genre.parse().ok(),
            studio,
            sort: Sort::of_slug(&self.sort),
            page: self.page.parse().unwrap_or(1).clamp(1, MOST_PAGES),
        }
    }
}

impl Wanted {
    fn query(&self) -> Query {
        Query {
            words: Query::words_of(&self.words),
            genre: self.genre,
            studio: self.studio.as_ref().map(|studio| studio.id),
            sort: self.sort,
            page: self.page - 1,
        }
    }

    /// Whether anything narrows the list.
    pub(super) fn is_narrowed(&self) -> bool {
        !self.words.is_empty() || self.genre.is_some() || self.studio.is_some()
    }

    /// The address of another page of the same list.
    pub(super) fn address(&self, page: i64) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !self.words.is_empty() {
            query.append_pair("q", &self.words);
        }
        if let Some(genre) = self.genre {
            query.append_pair("genre", genre.slug());
        }
        if let Some(studio) = &self.studio {
            query.append_pair("studio", studio.slug.as_str());
        }
        if self.sort != Sort::default() {
            query.append_pair("sort", self.sort.slug());
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        let query = query.finish();
        if query.is_empty() {
            "/films".to_owned()
        } else {
            format!("/films?{query}")
        }
    }
}

/// How many pages some titles fill.
pub(super) fn pages_of(found: &Found) -> i64 {
    ((found.total + PAGE_SIZE - 1) / PAGE_SIZE).clamp(1, MOST_PAGES)
}

/// Pages to link to: the first, the last, and those around the present one. `None` is a gap.
pub(super) fn page_links(page: i64, last: i64) -> Vec<Option<i64>> {
    let mut links = Vec::new();
    let mut before = 0;
    for number in (1..=last).filter(|n| *n == 1 || *n == last || (n - page).abs() <= 1) {
        if number > before + 1 {
            links.push(None);
        }
        links.push(Some(number));
        before = number;
    }
    links
}

/// `GET /films`.
pub(super) async fn list(
    mut page: Page,
    State(state): State<AppState>,
    UrlQuery(asked): UrlQuery<Asked>,
) -> AppResult<impl IntoResponse> {
    let mut conn = state.db.read().await?;
    let studio = match Slug::parse(&asked.studio) {
        Ok(slug) => studios::studio_by_slug(&mut conn, &slug).await?,
        Err(_) => None,
    };
    let wanted = asked.wanted(studio);
    let found = catalog::search(&mut conn, &wanted.query()).await?;
    let films = cards(&mut conn, &state.config.stripe, &found.titles).await?;
    page.search.clone_from(&wanted.words);
    Ok(Films {
        page,
        films,
        total: found.total,
        last_page: pages_of(&found),
        wanted,
    }
    .into_web_template())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_what_narrows_the_list() {
        let asked = Asked {
            q: " blue & deep ".to_owned(),
            genre: "drama".to_owned(),
            sort: "name".to_owned(),
            page: "x".to_owned(),
            ..Asked::default()
        };
        let wanted = asked.wanted(None);
        assert_eq!(wanted.page, 1);
        assert_eq!(
            wanted.address(3),
            "/films?q=blue+%26+deep&genre=drama&sort=name&page=3"
        );
        let plain = Asked {
            genre: "western".to_owned(),
            page: "-4".to_owned(),
            ..Asked::default()
        };
        assert_eq!(plain.wanted(None).address(1), "/films");
    }

    #[test]
    fn links_to_pages_show_the_ends_and_the_neighbours() {
        assert_eq!(page_links(1, 1), [Some(1)]);
        assert_eq!(page_links(2, 3), [Some(1), Some(2), Some(3)]);
        assert_eq!(
            page_links(5, 9),
            [Some(1), None, Some(4), Some(5), Some(6), None, Some(9)]
        );
    }
}
