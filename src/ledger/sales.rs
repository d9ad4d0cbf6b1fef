//! What was sold and what is left of it, summed from the entries.

use std::collections::BTreeMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::money::MoneyFault;
use crate::platform::db::Conn;

use super::model::Purpose;
use super::store;

/// Sums of one currency. `gross = tax + provider_fee + operator_fee + returned +
/// exchanged + net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sales {
    /// Paid orders.
    pub orders: i64,
    /// What buyers paid.
    pub gross: Money,
    /// What is owed to tax offices.
    pub tax: Money,
    /// What the payment provider kept, for payments and for disputes, as far as known.
    pub provider_fee: Money,
    /// What the operator kept.
    pub operator_fee: Money,
    /// What went back to buyers, by refunds and disputes.
    pub returned: Money,
    /// What the provider changed into another currency; below zero where it came from another.
    pub exchanged: Money,
    /// What the studio keeps, its participants included.
    pub net: Money,
}

impl Sales {
    fn none(currency: Currency) -> Self {
        let zero = Money::new(0, currency);
        Self {
            orders: 0,
            gross: zero,
            tax: zero,
            provider_fee: zero,
            operator_fee: zero,
            returned: zero,
            exchanged: zero,
            net: zero,
        }
    }

    /// Adds one sum of the entries. Customers' money is negative there and shown as gross; the
    /// account gross itself is always empty in the end.
    fn add(&mut self, purpose: Purpose, sum: Money) -> Result<(), MoneyFault> {
        let part = match purpose {
            Purpose::Customer => {
                self.gross = self.gross.minus(sum)?;
                return Ok(());
            }
            Purpose::Gross => return Ok(()),
            Purpose::Exchange => &mut self.exchanged,
            Purpose::Tax => &mut self.tax,
            Purpose::ProviderFee | Purpose::DisputeFees => &mut self.provider_fee,
            Purpose::OperatorFee => &mut self.operator_fee,
            Purpose::Refunds | Purpose::Disputes => &mut self.returned,
            Purpose::StudioNet | Purpose::Participant => &mut self.net,
        };
        *part = part.plus(sum)?;
        Ok(())
    }

    fn plus(self, other: Self) -> Result<Self, MoneyFault> {
        Ok(Self {
            orders: self.orders + other.orders,
            gross: self.gross.plus(other.gross)?,
            tax: self.tax.plus(other.tax)?,
            provider_fee: self.provider_fee.plus(other.provider_fee)?,
            operator_fee: self.operator_fee.plus(other.operator_fee)?,
            returned: self.returned.plus(other.returned)?,
            exchanged: self.exchanged.plus(other.exchanged)?,
            net: self.net.plus(other.net)?,
        })
    }
}

fn overflow(_: MoneyFault) -> sqlx::Error {
    sqlx::Error::Decode("sums of the books overflow".into())
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
        let sum = Money::new(row.minor, row.currency);
        sales.add(row.purpose, sum).map_err(overflow)?;
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

/// The sums of one day in one currency, by when they were posted; copies are not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySales {
    /// The beginning of the day, in UTC.
    pub day: Time,
    /// Its sums.
    pub sales: Sales,
}

/// A studio's sums per day and currency since a moment, the first day first.
pub async fn sales_by_day(
    conn: &mut Conn,
    studio: StudioId,
    since: Time,
) -> Result<Vec<DaySales>, sqlx::Error> {
    let mut sums: BTreeMap<(i64, &'static str), Sales> = BTreeMap::new();
    for row in store::sums_of_studio_by_day(conn, studio, since).await? {
        let currency = row.sum.currency();
        let key = (row.day, currency.code());
        let sales = sums.entry(key).or_insert_with(|| Sales::none(currency));
        sales.add(row.purpose, row.sum).map_err(overflow)?;
    }
    let days = sums.into_iter().map(|((day, _), sales)| DaySales {
        day: Time::from_seconds(day * 24 * 60 * 60),
        sales,
    });
    Ok(days.collect())
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
        *total = total.plus(sales).map_err(overflow)?;
    }
    Ok(totals.into_values().collect())
}
