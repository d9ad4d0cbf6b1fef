//! What was sold and what is left of it, summed from the entries.

use std::collections::BTreeMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;

use super::model::Purpose;
use super::store;

/// Sums of one currency. `gross = provider_fee + operator_fee + net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sales {
    /// Paid orders.
    pub orders: i64,
    /// What buyers paid.
    pub gross: Money,
    /// What the payment provider kept, as far as known.
    pub provider_fee: Money,
    /// What the operator kept.
    pub operator_fee: Money,
    /// What the studio keeps.
    pub net: Money,
}

impl Sales {
    fn none(currency: Currency) -> Self {
        let zero = Money::new(0, currency);
        Self {
            orders: 0,
            gross: zero,
            provider_fee: zero,
            operator_fee: zero,
            net: zero,
        }
    }

    /// Takes in one sum of the entries. Customers' money is negative there and shown as gross;
    /// the account gross itself is always empty in the end.
    fn take(&mut self, purpose: Purpose, minor: i64) {
        let amount = Money::new(minor, self.gross.currency());
        match purpose {
            Purpose::Customer => self.gross = Money::new(-minor, amount.currency()),
            Purpose::Gross => {}
            Purpose::ProviderFee => self.provider_fee = amount,
            Purpose::OperatorFee => self.operator_fee = amount,
            Purpose::StudioNet => self.net = amount,
        }
    }
}

/// The sums of one film in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TitleSales {
    /// The film.
    pub title: TitleId,
    /// Its sums.
    pub sales: Sales,
}

/// A studio's sums per film and currency, the most sold film first.
pub async fn sales_by_title(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<TitleSales>, sqlx::Error> {
    let mut sums: BTreeMap<(TitleId, &'static str), Sales> = BTreeMap::new();
    for row in store::sums_of_studio(conn, studio).await? {
        let key = (row.title, row.currency.code());
        let sales = sums.entry(key).or_insert_with(|| Sales::none(row.currency));
        sales.take(row.purpose, row.minor);
    }
    for row in store::order_counts_of_studio(conn, studio).await? {
        if let Some(sales) = sums.get_mut(&(row.title, row.currency.code())) {
            sales.orders = row.orders;
        }
    }
    let mut films: Vec<TitleSales> = sums
        .into_iter()
        .map(|((title, _), sales)| TitleSales { title, sales })
        .collect();
    films.sort_by_key(|film| std::cmp::Reverse(film.sales.orders));
    Ok(films)
}

/// A studio's sums, one row per currency, by code.
pub async fn sales_of_studio(conn: &mut Conn, studio: StudioId) -> Result<Vec<Sales>, sqlx::Error> {
    let mut totals: BTreeMap<&'static str, Sales> = BTreeMap::new();
    for film in sales_by_title(conn, studio).await? {
        let sales = film.sales;
        let currency = sales.gross.currency();
        let total = totals
            .entry(currency.code())
            .or_insert_with(|| Sales::none(currency));
        let sum = |a: Money, b: Money| {
            a.plus(b)
                .map_err(|_| sqlx::Error::Decode("sums of the books overflow".into()))
        };
        *total = Sales {
            orders: total.orders + sales.orders,
            gross: sum(total.gross, sales.gross)?,
            provider_fee: sum(total.provider_fee, sales.provider_fee)?,
            operator_fee: sum(total.operator_fee, sales.operator_fee)?,
            net: sum(total.net, sales.net)?,
        };
    }
    Ok(totals.into_values().collect())
}
