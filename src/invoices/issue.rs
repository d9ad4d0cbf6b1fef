//! Issue: write an invoice, and what follows from refunds, with the next number of its series.

use super::model::Amounts;
use super::model::Document;
use super::model::Issued;
use super::model::Kind;
use super::model::Party;
use super::model::year_of;
use super::store;
use crate::kernel::Time;
use crate::kernel::ids::InvoiceId;
use crate::kernel::ids::StudioId;
use crate::ledger::Terms;
use crate::platform::db::Conn;

/// A paid order, as its invoice needs it.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    /// Order, studio, price and tax.
    pub terms: &'a Terms,
    /// The film's name.
    pub film: &'a str,
    /// When it was paid, which is when it could be watched.
    pub paid_at: Time,
    /// The payment's name at the provider.
    pub payment: Option<&'a str>,
    /// The rate of the tax in thousandths of a percent, where it is known.
    pub tax_rate: Option<i64>,
    /// The country that the proofs of place agree on.
    pub place: Option<&'a str>,
    /// Whose words the documents are in.
    pub reader: &'a str,
    /// Refunds with the buyer or on their way, by the provider's name and in minor units, the
    /// oldest first.
    pub refunds: &'a [(String, i64)],
}

/// Why there is no invoice; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The studio has not said what is to stand on it.
    #[error("the studio has not given its details")]
    NoSeller,
    /// The database did not take it.
    #[error("writing the invoice")]
    Database(#[from] sqlx::Error),
}

/// Issues the invoice of an order, unless it has one, with a credit note for each refund so far.
/// The caller holds the order's row and ends the transaction.
pub async fn issue(
    tx: &mut Conn,
    sale: &Sale<'_>,
    buyer: &Party,
    now: Time,
) -> Result<Issued, IssueError> {
    let terms = sale.terms;
    if let Some(known) = invoice_of(tx, terms).await? {
        return Ok(known);
    }
    let seller = store::seller(tx, terms.studio).await?;
    let seller = seller.ok_or(IssueError::NoSeller)?;
    let amounts = Amounts::of_sale(terms);
    let draft = Document {
        kind: Kind::Invoice,
        number: String::new(),
        issued_at: now.millis(),
        seller: seller.party(),
        buyer: buyer.clone(),
        film: sale.film.to_owned(),
        order: terms.order,
        supplied_at: sale.paid_at.millis(),
        payment: sale.payment.map(str::to_owned),
        refund: None,
        invoice: None,
        credit_note: None,
        currency: terms.paid.currency().code().to_owned(),
        net: amounts.net,
        tax: amounts.tax,
        gross: amounts.gross,
        tax_rate: sale.tax_rate,
        place: sale.place.map(str::to_owned),
        note: seller.note.clone(),
        reader: sale.reader.to_owned(),
    };
    let invoice = number(tx, terms.studio, &seller.prefix, draft, now).await?;
    let mut sum = 0;
    for (refund, amount) in sale.refunds {
        change(tx, terms, refund, (sum, sum + amount), now).await?;
        sum += amount;
    }
    Ok(invoice)
}

/// Follows a refund that brings the sum of refunds from one to another: more is a credit note,
/// less the correction of one. Without an invoice there is nothing to change. It belongs into the
/// transaction that enters the refund.
pub async fn change(
    tx: &mut Conn,
    terms: &Terms,
    refund: &str,
    (before, after): (i64, i64),
    now: Time,
) -> Result<Option<Issued>, sqlx::Error> {
    let documents = store::documents_of_order(tx, terms.order).await?;
    let is_invoice = |one: &&Issued| one.document.kind == Kind::Invoice;
    let Some(invoice) = documents.iter().find(is_invoice) else {
        return Ok(None);
    };
    let credit_note = documents.iter().find(|one| {
        one.document.kind == Kind::CreditNote && one.document.refund.as_deref() == Some(refund)
    });
    let kind = if after > before {
        Kind::CreditNote
    } else {
        Kind::Correction
    };
    let amounts = Amounts::between(terms, before, after);
    let draft = Document {
        kind,
        issued_at: now.millis(),
        refund: Some(refund.to_owned()),
        invoice: Some(invoice.document.named()),
        credit_note: credit_note.map(|one| one.document.named()),
        net: amounts.net,
        tax: amounts.tax,
        gross: amounts.gross,
        ..invoice.document.clone()
    };
    let seller = store::seller(tx, terms.studio).await?;
    let prefix = seller.map(|seller| seller.prefix).unwrap_or_default();
    number(tx, terms.studio, &prefix, draft, now)
        .await
        .map(Some)
}

async fn invoice_of(tx: &mut Conn, terms: &Terms) -> Result<Option<Issued>, sqlx::Error> {
    let documents = store::documents_of_order(tx, terms.order).await?;
    let mut documents = documents.into_iter();
    Ok(documents.find(|one| one.document.kind == Kind::Invoice))
}

/// Gives a document the next number of its series and writes it.
async fn number(
    tx: &mut Conn,
    studio: StudioId,
    prefix: &str,
    draft: Document,
    now: Time,
) -> Result<Issued, sqlx::Error> {
    let (series, year) = (draft.kind.series(), year_of(now));
    let number = store::next_number(tx, studio, series, year).await?;
    let issued = Issued {
        id: InvoiceId::new(now, &mut rand::rng()),
        studio,
        year,
        number,
        document: Document {
            number: series.label(prefix, year, number),
            ..draft
        },
    };
    store::insert(tx, &issued).await?;
    Ok(issued)
}
