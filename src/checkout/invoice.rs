//! Invoice: a paid order gets its invoice, with credit notes for what went back so far.

use super::model::Order;
use super::model::OrderState;
use super::returns;
use super::store;
use crate::invoices;
use crate::invoices::Ask;
use crate::invoices::BuyerFields;
use crate::invoices::IssueError;
use crate::invoices::Issued;
use crate::invoices::Kind;
use crate::invoices::Party;
use crate::invoices::Sale;
use crate::kernel::ids::OrderId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios;

const NOT_PAID: AppError = AppError::Conflict("error-invoice-not-paid");

/// What there is to show where an order's invoice is asked for.
#[derive(Debug)]
pub enum Invoicing {
    /// The invoice, and everything that changed it.
    Issued(Box<Issued>, Vec<Issued>),
    /// The question who buys, or why it cannot be asked yet.
    Ask(Box<Ask>),
}

/// The invoice of a paid order, or the form that asks for it; `fields` is what is known of the
/// buyer by name, or what was typed.
pub async fn invoicing(
    state: &AppState,
    page: &Page,
    order: &Order,
    fields: BuyerFields,
    errors: FormErrors,
) -> AppResult<Invoicing> {
    let mut conn = state.db.read().await?;
    let documents = invoices::documents_of_order(&mut conn, order.id).await?;
    let invoice = documents
        .iter()
        .find(|one| one.document.kind == Kind::Invoice);
    if let Some(invoice) = invoice {
        return Ok(Invoicing::Issued(Box::new(invoice.clone()), documents));
    }
    if order.state != OrderState::Paid {
        return Err(NOT_PAID);
    }
    let ask = Ask::new(page, fields, errors, &order.wanted.title_name);
    let studio = order.wanted.studio;
    if invoices::seller(&mut conn, studio).await?.is_some() {
        return Ok(Invoicing::Ask(Box::new(ask)));
    }
    let contact = studios::contact(&mut conn, studio).await?;
    let ask = ask.without_seller(contact.map(|address| address.to_string()));
    Ok(Invoicing::Ask(Box::new(ask)))
}

/// What is known of an order's buyer: a name, and the country that two proofs agree on, or the one
/// of the address.
pub fn known_buyer(order: &Order, name: &str) -> BuyerFields {
    let places = &order.places;
    BuyerFields::known(name, places.agreed().or(places.billing.as_deref()))
}

/// Issues the invoice of a paid order, unless it has one. `None` if its studio has not said what
/// is to stand on it; nothing is written then.
pub async fn issue_invoice(
    state: &AppState,
    id: OrderId,
    buyer: &Party,
) -> AppResult<Option<Issued>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let order = store::lock(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    let paid_at = order.paid_at.filter(|_| order.state == OrderState::Paid);
    let paid_at = paid_at.ok_or(NOT_PAID)?;
    let refunds = returns::counting(&mut tx, id).await?;
    let sale = Sale {
        terms: &order.terms(),
        film: &order.wanted.title_name,
        paid_at,
        payment: order.payment_intent.as_deref(),
        tax_rate: order.tax_rate,
        place: order.places.agreed(),
        reader: &order.reader,
        refunds: &refunds,
    };
    let issued = match invoices::issue(&mut tx, &sale, buyer, now).await {
        Ok(issued) => issued,
        Err(IssueError::NoSeller) => return Ok(None),
        Err(IssueError::Database(error)) => return Err(error.into()),
    };
    tx.commit().await?;
    tracing::info!(order = %id, invoice = %issued.id, "an invoice was issued");
    Ok(Some(issued))
}
