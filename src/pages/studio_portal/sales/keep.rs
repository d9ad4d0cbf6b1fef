//! What a studio keeps of one sale, here and elsewhere; pure.
//!
//! For one copy at $9.99 paid by a card of the United States, tax not counted. Terms are those the
//! stores published by November 2026; each row names where. What others charge beside it (plans by the
//! month, fees for payouts) is not counted, so they look better here than they are.

use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;

/// The price of the example, in cents.
const PRICE: i64 = 999;
/// What Stripe takes of it: 2.9 % and 30 cents.
const CARD: Terms = Terms {
    share: 290,
    fixed: 30,
};

/// What is taken of a sale: a share in basis points and a sum in cents.
#[derive(Clone, Copy)]
struct Terms {
    share: i64,
    fixed: i64,
}

/// A store, where it publishes its terms, and the terms; card fees apart where they come on top.
struct Store {
    name: &'static str,
    /// Where it publishes its terms; others report them of the rest.
    source: Option<&'static str>,
    terms: Terms,
    card: Option<Terms>,
}

const STORES: [Store; 7] = [
    Store {
        name: "Lemon Squeezy",
        source: Some("docs.lemonsqueezy.com"),
        terms: Terms {
            share: 500,
            fixed: 50,
        },
        card: None,
    },
    Store {
        name: "Payhip",
        source: Some("help.payhip.com"),
        terms: Terms {
            share: 500,
            fixed: 0,
        },
        card: Some(CARD),
    },
    Store {
        name: "Vimeo OTT",
        source: Some("help.vimeo.com"),
        terms: Terms {
            share: 1_000,
            fixed: 50,
        },
        card: None,
    },
    Store {
        name: "Gumroad",
        source: Some("gumroad.com/pricing"),
        terms: Terms {
            share: 1_000,
            fixed: 50,
        },
        card: Some(CARD),
    },
    Store {
        name: "Apple TV",
        source: None,
        terms: Terms {
            share: 3_000,
            fixed: 0,
        },
        card: None,
    },
    Store {
        name: "Google Play",
        source: None,
        terms: Terms {
            share: 3_000,
            fixed: 0,
        },
        card: None,
    },
    Store {
        name: "Amazon Prime Video Direct",
        source: Some("videodirect.amazon.com"),
        terms: Terms {
            share: 5_000,
            fixed: 0,
        },
        card: None,
    },
];

impl Terms {
    /// What it takes, rounded half up as all of them do.
    const fn of(self, cents: i64) -> i64 {
        (cents * self.share + 5_000) / 10_000 + self.fixed
    }
}

/// One row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The store; `None` is this one.
    pub(super) store: Option<(&'static str, Option<&'static str>)>,
    /// What the studio keeps.
    pub(super) kept: Money,
    /// The same in thousandths of the price, for a bar.
    pub(super) width: i64,
}

/// The price of the example.
pub(super) fn example() -> Money {
    dollars(PRICE)
}

fn dollars(cents: i64) -> Money {
    let dollar = Currency::parse("USD").expect("the dollar is a currency");
    Money::new(cents, dollar)
}

/// This shop with the share of its operator, and the others, the best first.
pub(super) fn comparison(fee: BasisPoints) -> Vec<Kept> {
    let row = |store, cents: i64| Kept {
        store,
        kept: dollars(cents),
        width: cents * 1_000 / PRICE,
    };
    let (share, _) = dollars(PRICE).split(fee);
    let mut rows = vec![row(None, PRICE - CARD.of(PRICE) - share.minor())];
    rows.extend(STORES.iter().map(|store| {
        let card = store.card.map_or(0, |card| card.of(PRICE));
        row(
            Some((store.name, store.source)),
            PRICE - store.terms.of(PRICE) - card,
        )
    }));
    rows.sort_by_key(|row| std::cmp::Reverse(row.kept.minor()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_those_of_the_published_terms() {
        let rows = comparison(BasisPoints::ZERO);
        let kept = |name: &str| {
            let found = rows
                .iter()
                .find(|row| row.store.map_or("here", |(name, _)| name) == name);
            found.unwrap().kept.minor()
        };
        for (name, cents) in [
            ("here", 940),
            ("Lemon Squeezy", 899),
            ("Payhip", 890),
            ("Vimeo OTT", 849),
            ("Gumroad", 790),
            ("Apple TV", 699),
            ("Google Play", 699),
            ("Amazon Prime Video Direct", 499),
        ] {
            assert_eq!(kept(name), cents, "{name}");
        }
    }

    #[test]
    fn the_operator_s_share_counts_against_this_shop() {
        let at_most = comparison(BasisPoints::new(500).unwrap());
        let here = at_most.iter().find(|row| row.store.is_none()).unwrap();
        assert_eq!(here.kept.minor(), 891);
    }
}
