//! How a visitor came to the page of a film; pure. The page hands it to its own buy button and keeps
//! nothing.

use url::Url;

use crate::kernel::Source;

/// Reads it off the address of the page and the page that led there. A tag in the address counts
/// first, then another site, then a page of this store.
pub(super) fn source_of(query: &str, referer: Option<&str>, origin: &str) -> Source {
    let given = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(key, value)| (key == name).then_some(value))
    };
    let came = given("came").and_then(|came| came.parse().ok());
    let tagged = || Source::tag(&given("from")?);
    let campaign = || Source::tag(&given("utm_source")?);
    came.or_else(tagged)
        .or_else(campaign)
        .or_else(|| led_by(referer?, origin))
        .unwrap_or_default()
}

fn led_by(referer: &str, origin: &str) -> Option<Source> {
    let url = Url::parse(referer).ok()?;
    if url.origin().ascii_serialization() != origin {
        let is_web = matches!(url.scheme(), "http" | "https");
        return Source::site(url.host_str().filter(|_| is_web)?);
    }
    let mut path = url.path().trim_matches('/').split('/');
    match (path.next()?, path.next()) {
        ("", _) => Some(Source::Home),
        ("films", None) => Some(Source::List),
        ("films", Some(_)) => Some(Source::Film),
        ("studios", Some(_)) => Some(Source::Studio),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://films.example";

    fn word(query: &str, referer: Option<&str>) -> String {
        source_of(query, referer, HERE).to_string()
    }

    #[test]
    fn a_tag_counts_before_the_page_that_led_here() {
        let news = Some("https://news.example/story");
        for (query, word_) in [
            ("from=newsletter", "tag:newsletter"),
            ("x=1&utm_source=Mail", "tag:mail"),
            ("from=a&utm_source=b", "tag:a"),
            ("from=%3Cscript%3E&utm_source=b", "tag:b"),
            ("from=", "site:news.example"),
            ("came=studio&from=a", "studio"),
            ("came=nonsense", "site:news.example"),
            ("came=site:blog.example", "site:blog.example"),
        ] {
            assert_eq!(word(query, news), word_, "{query}");
        }
    }

    #[test]
    fn the_page_that_led_here_is_of_this_store_or_another_site() {
        for (referer, word_) in [
            ("https://films.example/", "home"),
            ("https://films.example/films", "list"),
            ("https://films.example/films?q=night", "list"),
            ("https://films.example/films/other?from=x", "film"),
            ("https://films.example/studios/lantern", "studio"),
            ("https://films.example/login?next=/films/x", "direct"),
            (
                "https://www.Search.example:8443/?q=secret",
                "site:search.example",
            ),
            ("http://films.example/", "site:films.example"),
            ("https://[::1]/", "direct"),
            ("android-app://com.example", "direct"),
            ("https://<b>.example/", "direct"),
            ("nonsense", "direct"),
        ] {
            assert_eq!(word("", Some(referer)), word_, "{referer}");
        }
        assert_eq!(word("", None), "direct");
    }
}
