//! The watch page.

use askama::Template;

use crate::catalog::Title;
use crate::packaging::Film;
use crate::packaging::Rendition;
use crate::platform::web::Page;

/// The film and its controls, nothing else.
#[derive(Template)]
#[template(path = "playback/watch.html")]
pub(super) struct WatchFilm {
    page: Page,
    slug: String,
    name: String,
    container: String,
    src: String,
    mime: String,
    length: u64,
    position: i64,
}

impl WatchFilm {
    /// The page of a title whose film is `rendition`.
    pub(super) fn new(
        page: Page,
        title: &Title,
        rendition: &Rendition,
        film: &Film,
        position: i64,
    ) -> Self {
        let (slug, container) = (title.slug.to_string(), rendition.container.to_string());
        Self {
            page,
            src: format!("/media/{container}/{slug}.{}", film.extension),
            name: title.name().to_owned(),
            mime: film.mime.clone(),
            length: rendition.plaintext_length,
            position: resumed(position, film.duration_ms),
            slug,
            container,
        }
    }
}

/// A film that was watched to its end begins again.
fn resumed(position: i64, duration_ms: u64) -> i64 {
    let duration = i64::try_from(duration_ms / 1000).unwrap_or(i64::MAX);
    if position + 5 >= duration && duration > 30 {
        0
    } else {
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_film_goes_on_where_it_stopped_and_begins_again_after_its_end() {
        assert_eq!(resumed(1_200, 5_400_000), 1_200);
        assert_eq!(resumed(5_398, 5_400_000), 0);
        assert_eq!(resumed(3, 5_300), 3);
    }
}
