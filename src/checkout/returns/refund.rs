//! Refund: the studio, or the operator, sends money back.

use crate::checkout::store as orders;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::ids::OrderId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;

use super::ask::AskError;
use super::ask::ask;
use super::model::AskedBy;

/// The field of the form.
const AMOUNT: &str = "amount";

/// Has an amount, as it was typed, sent back. What is refused is not written down.
pub async fn refund(
    state: &AppState,
    id: OrderId,
    amount: &str,
    by: AskedBy,
) -> AppResult<Result<(), FormErrors>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let order = orders::lock(&mut tx, id).await?.ok_or(AppError::NotFound)?;
    if order.is_contested() {
        return Ok(Err(FormErrors::one(AMOUNT, "refund-contested")));
    }
    let amount = match Money::parse(amount, order.wanted.price.currency()) {
        Ok(amount) => amount,
        Err(fault) => return Ok(Err(FormErrors::one(AMOUNT, fault))),
    };
    let refusal: Note = match ask(&mut tx, &order, amount, by, now).await {
        Ok(refund) => {
            tx.commit().await?;
            tracing::info!(order = %id, %refund, by = by.word(), "a refund was asked for");
            return Ok(Ok(()));
        }
        Err(AskError::NotPaid) => "return-not-paid".into(),
        Err(AskError::TooMuch { left }) if left.minor() == 0 => "return-nothing-left".into(),
        Err(AskError::TooMuch { left }) => Note::new("refund-above-the-rest").with("left", left),
        Err(AskError::Database(error)) => return Err(error.into()),
    };
    Ok(Err(FormErrors::one(AMOUNT, refusal)))
}
