//! The tables of the sales: what one row is about, in which order, and how long its bar is; pure.

use std::collections::HashMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Source;
use crate::kernel::ids::TitleId;
use crate::kernel::money::MoneyFault;
use crate::ledger::Sales;
use crate::ledger::SalesLine;
use crate::ledger::sums_by;
use crate::offers::OfferKind;
use crate::platform::words::Words;

/// Rows a picture shows; the table shows all.
const MOST_BARS: usize = 8;
/// Width of the longest bar, in thousandths.
pub(super) const LONGEST_BAR: i64 = 1_000;

/// By what sales are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Film,
    Territory,
    Source,
    Kind,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// A film, by its name; films of one name are told apart by their ids.
    Film(String, TitleId),
    /// A country, or none that is known.
    Territory(Option<String>),
    /// How buyers came.
    Source(Source),
    /// What they bought.
    Kind(&'static str),
}

/// One row: what it is about, and its sums in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) about: About,
    pub(super) sales: Sales,
}

impl Dimension {
    /// Every one, in the order of the page.
    pub(super) const ALL: [Self; 4] = [Self::Film, Self::Territory, Self::Source, Self::Kind];

    /// How files, anchors and the first line of a file name it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Territory => "territory",
            Self::Source => "source",
            Self::Kind => "kind",
        }
    }

    /// The keys of its heading, of the sentence under it, and of what stands above its rows.
    pub(super) const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Film => ("sales-by-film", "sales-film-how", "shared-film"),
            Self::Territory => (
                "sales-by-territory",
                "sales-territory-how",
                "sales-territory",
            ),
            Self::Source => ("sales-by-source", "sales-source-how", "sales-source"),
            Self::Kind => ("sales-by-kind", "sales-kind-how", "sales-kind"),
        }
    }

    /// Its rows: what sold most stands first, currencies apart.
    pub(super) fn rows(
        self,
        lines: &[SalesLine],
        names: &HashMap<TitleId, String>,
    ) -> Result<Vec<Row>, MoneyFault> {
        let sums = sums_by(lines, |line| self.about(line, names))?;
        let row = |(about, sales)| Row { about, sales };
        let mut rows: Vec<Row> = sums.into_iter().map(row).collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.sales.orders, row.sales.gross.minor())));
        Ok(rows)
    }

    fn about(self, line: &SalesLine, names: &HashMap<TitleId, String>) -> About {
        let facets = &line.facets;
        match self {
            Self::Film => {
                let name = names.get(&line.title).cloned();
                About::Film(name.unwrap_or_else(|| line.title.to_string()), line.title)
            }
            Self::Territory => About::Territory(facets.territory.clone()),
            Self::Source => About::Source(facets.source.clone()),
            Self::Kind => About::Kind(facets.kind.as_str()),
        }
    }
}

impl About {
    /// What a file says, the same in every language.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Film(name, _) => name.clone(),
            Self::Territory(code) => code.clone().unwrap_or_else(|| "unknown".to_owned()),
            Self::Source(source) => source.to_string(),
            Self::Kind(kind) => (*kind).to_owned(),
        }
    }

    /// What a page says.
    pub(super) fn label(&self, words: &Words) -> String {
        let told = |key| words.t(key).to_owned();
        match self {
            Self::Film(name, _) => name.clone(),
            Self::Territory(Some(code)) => words.country(code),
            Self::Territory(None) => told("sales-not-known"),
            Self::Source(source) => match source {
                Source::Unknown => told("sales-not-known"),
                Source::Direct => told("sales-source-direct"),
                Source::Home => told("sales-source-home"),
                Source::List => told("sales-source-list"),
                Source::Studio => told("sales-source-studio"),
                Source::Film => told("sales-source-film"),
                Source::Tag(tag) => words
                    .say("sales-source-tag")
                    .with("tag", tag.as_str())
                    .to_string(),
                Source::Site(host) => host.clone(),
            },
            Self::Kind(kind) => match kind.parse() {
                Ok(OfferKind::Buy) => told("sales-kind-buy"),
                Err(_) => (*kind).to_owned(),
            },
        }
    }
}

/// One bar: which row, what it brought, and its length in thousandths of the longest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Length<'a> {
    pub(super) about: &'a About,
    pub(super) net: Money,
    pub(super) width: i64,
}

/// The rows that brought most in a currency, as bars. One alone is no picture.
pub(super) fn bars(rows: &[Row], currency: Currency) -> Vec<Length<'_>> {
    let ours = |row: &&Row| row.sales.net.currency() == currency && row.sales.net.minor() > 0;
    let mut rows: Vec<&Row> = rows.iter().filter(ours).collect();
    if rows.len() < 2 {
        return Vec::new();
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.sales.net.minor()));
    rows.truncate(MOST_BARS);
    let most = rows.first().map_or(1, |row| row.sales.net.minor());
    let bars = rows.into_iter().map(|row| Length {
        about: &row.about,
        net: row.sales.net,
        width: scaled(row.sales.net, most),
    });
    bars.collect()
}

fn scaled(net: Money, most: i64) -> i64 {
    let width = i128::from(net.minor()) * i128::from(LONGEST_BAR) / i128::from(most.max(1));
    i64::try_from(width).unwrap_or(LONGEST_BAR).max(2)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::Time;
    use rand::SeedableRng;

    pub(in crate::pages::studio_portal::sales) fn sales(net: i64, code: &str) -> Sales {
        let money = |minor| Money::new(minor, Currency::parse(code).unwrap());
        Sales {
            orders: 1,
            gross: money(net + 60),
            tax: money(0),
            returned: money(0),
            exchanged: money(0),
            provider_fee: money(59),
            operator_fee: money(1),
            net: money(net),
        }
    }

    pub(in crate::pages::studio_portal::sales) fn film(name: &str, net: i64, code: &str) -> Row {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        Row {
            about: About::Film(
                name.to_owned(),
                TitleId::new(Time::from_seconds(1), &mut rng),
            ),
            sales: sales(net, code),
        }
    }

    #[test]
    fn bars_are_of_one_currency_and_scaled_to_the_longest() {
        let rows = [
            film("a", 100, "USD"),
            film("b", 400, "USD"),
            film("c", 9, "EUR"),
        ];
        let usd = Currency::parse("USD").unwrap();
        let bars = bars(&rows, usd);
        let widths: Vec<_> = bars
            .iter()
            .map(|bar| (bar.about.word(), bar.width))
            .collect();
        assert_eq!(
            widths,
            [
                ("b".to_owned(), LONGEST_BAR),
                ("a".to_owned(), LONGEST_BAR / 4)
            ]
        );
        assert!(super::bars(&rows[..1], usd).is_empty());
    }

    #[test]
    fn rows_are_named_in_words() {
        let words = Words::english();
        let label = |about: About| about.label(&words);
        assert_eq!(label(About::Territory(Some("DE".to_owned()))), "Germany");
        assert_eq!(label(About::Territory(None)), "Not known");
        assert_eq!(label(About::Kind("buy")), "Bought for good");
        assert_eq!(label(About::Kind("rent")), "rent");
        let site = Source::site("news.example").unwrap();
        assert_eq!(label(About::Source(site)), "news.example");
        let tag = Source::tag("newsletter").unwrap();
        assert!(label(About::Source(tag)).contains("newsletter"));
    }
}
