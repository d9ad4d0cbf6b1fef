//! Follow: bring refunds and disputes of an order to where Stripe says they are, with the books,
//! the sums at the order, and the right to watch.

use crate::checkout::model::Mismatch;
use crate::checkout::model::Order;
use crate::checkout::model::OrderState;
use crate::checkout::model::settled_by;
use crate::checkout::settle::SettleError;
use crate::checkout::store as orders;
use crate::invoices;
use crate::kernel::Time;
use crate::kernel::ids::DisputeId;
use crate::kernel::ids::RefundId;
use crate::ledger;
use crate::ledger::Cause;
use crate::library;
use crate::library::Right;
use crate::platform::db::Conn;
use crate::platform::stripe::BalanceTransaction;
use crate::platform::stripe::Dispute;
use crate::platform::stripe::Refund;

use super::ask::ask;
use super::model::AskedBy;
use super::model::DisputeState;
use super::model::KnownDispute;
use super::model::KnownRefund;
use super::model::RefundState;
use super::model::Sums;
use super::model::find;
use super::store;

/// What became of it.
#[derive(Debug, Default)]
pub(in crate::checkout) struct Followed {
    /// Whether anything was news.
    pub(in crate::checkout) moved: bool,
    /// Provider's names and amounts of the refunds that are on their way since now.
    pub(in crate::checkout) begun: Vec<(String, i64)>,
}

/// Enters what Stripe says of a paid order, in the transaction that holds the order's row.
pub(in crate::checkout) async fn follow(
    tx: &mut Conn,
    order: &Order,
    refunds: &[Refund],
    disputes: &[Dispute],
    now: Time,
) -> Result<Followed, SettleError> {
    if refunds.is_empty() && disputes.is_empty() {
        return Ok(Followed::default());
    }
    let currency = order.wanted.price.currency();
    let amounts = refunds.iter().map(|refund| refund.amount);
    let mut amounts = amounts.chain(disputes.iter().map(|dispute| dispute.amount));
    if amounts.any(|amount| amount.currency() != currency) {
        return Err(SettleError::Mismatch(Mismatch::Amount));
    }
    let mut followed = Followed::default();
    let known = follow_refunds(tx, order, refunds, now, &mut followed).await?;
    let contested = follow_disputes(tx, order, disputes, now, &mut followed).await?;
    if followed.moved {
        conclude(tx, order, Sums::of(&known, &contested), now).await?;
    }
    Ok(followed)
}

async fn follow_refunds(
    tx: &mut Conn,
    order: &Order,
    refunds: &[Refund],
    now: Time,
    followed: &mut Followed,
) -> Result<Vec<KnownRefund>, sqlx::Error> {
    let mut known = store::refunds(tx, order.id).await?;
    for told in refunds {
        let before = match find(&known, told).cloned() {
            Some(before) => before,
            None => first_seen(told, now),
        };
        let Some(next) = before.told(told) else {
            continue;
        };
        store::keep_refund(tx, order.id, &next, AskedBy::Provider, now).await?;
        let sum = Sums::of(&known, &[]).refunded;
        known.retain(|refund| refund.id != next.id);
        known.push(next.clone());
        let (out, back) = (
            Cause::Refund(told.id.clone()),
            Cause::RefundFailed(told.id.clone()),
        );
        book_late(
            tx,
            order,
            &out,
            before.out_booked,
            told.balance.as_ref(),
            now,
        )
        .await?;
        book_late(
            tx,
            order,
            &back,
            before.back_booked,
            told.failure_balance.as_ref(),
            now,
        )
        .await?;
        let after = Sums::of(&known, &[]).refunded;
        match (before.state.counts(), next.state.counts()) {
            (false, true) => {
                go(tx, order, out, (sum, after), told.balance.as_ref(), now).await?;
                invoices::change(tx, &order.terms(), &told.id, (sum, after), now).await?;
                followed.begun.push((told.id.clone(), next.amount));
            }
            (true, false) => {
                go(
                    tx,
                    order,
                    back,
                    (sum, after),
                    told.failure_balance.as_ref(),
                    now,
                )
                .await?;
                invoices::change(tx, &order.terms(), &told.id, (sum, after), now).await?;
            }
            // It went and came back before anybody looked.
            (false, false) if before.provider_id.is_none() && told.balance.is_some() => {
                let gone = sum + next.amount;
                go(tx, order, out, (sum, gone), told.balance.as_ref(), now).await?;
                go(
                    tx,
                    order,
                    back,
                    (gone, sum),
                    told.failure_balance.as_ref(),
                    now,
                )
                .await?;
            }
            _ => {}
        }
        followed.moved = true;
    }
    Ok(known)
}

/// A refund that Stripe speaks of for the first time, as it was before it was made.
fn first_seen(told: &Refund, now: Time) -> KnownRefund {
    KnownRefund {
        id: RefundId::new(now, &mut rand::rng()),
        provider_id: None,
        amount: told.amount.minor(),
        state: RefundState::Requested,
        out_booked: true,
        back_booked: true,
    }
}

/// Posts that the sum of refunds goes from one to another, with what that did to the balance.
async fn go(
    tx: &mut Conn,
    order: &Order,
    cause: Cause,
    (from, to): (i64, i64),
    line: Option<&BalanceTransaction>,
    now: Time,
) -> Result<(), sqlx::Error> {
    let settlement = line.map(|line| settled_by(order, line));
    let transfer = order.terms().refunded(cause, from, to, settlement);
    ledger::post(tx, &transfer, now).await.map(drop)
}

/// Posts what a refund did to the balance where that became known after the refund.
async fn book_late(
    tx: &mut Conn,
    order: &Order,
    cause: &Cause,
    is_booked: bool,
    line: Option<&BalanceTransaction>,
    now: Time,
) -> Result<(), sqlx::Error> {
    match line {
        Some(line) if !is_booked => {
            let settlement = settled_by(order, line);
            ledger::post_late(tx, &order.terms(), cause, settlement, now).await
        }
        _ => Ok(()),
    }
}

async fn follow_disputes(
    tx: &mut Conn,
    order: &Order,
    disputes: &[Dispute],
    now: Time,
    followed: &mut Followed,
) -> Result<Vec<KnownDispute>, sqlx::Error> {
    let mut known = store::disputes(tx, order.id).await?;
    for told in disputes {
        let before = known.iter().find(|dispute| dispute.provider_id == told.id);
        let next = match before {
            Some(before) => before.told(told),
            None => Some(KnownDispute {
                id: DisputeId::new(now, &mut rand::rng()),
                provider_id: told.id.clone(),
                amount: told.amount.minor(),
                state: DisputeState::from(told.status),
                movements: i64::try_from(told.balance.len()).unwrap_or(i64::MAX),
                evidence_due: told.evidence_due,
            }),
        };
        let Some(next) = next else { continue };
        store::keep_dispute(tx, order.id, &next, &told.reason, told.created, now).await?;
        for movement in &told.balance {
            let (amount, fee) = (movement.amount, movement.fee);
            let transfer = order.terms().disputed(movement.id.clone(), amount, fee);
            ledger::post(tx, &transfer, now).await?;
        }
        known.retain(|dispute| dispute.id != next.id);
        known.push(next);
        followed.moved = true;
    }
    Ok(known)
}

/// The sums at the order, and what follows from them for the film.
async fn conclude(tx: &mut Conn, order: &Order, sums: Sums, now: Time) -> Result<(), SettleError> {
    let mut after = order.clone();
    (after.refunded, after.lost, after.withheld) = (sums.refunded, sums.lost, sums.withheld);
    // Money that comes back for a film that was bought again meanwhile is money paid twice.
    let came_back = order.returned_at.is_some() && !has_ended(&after);
    if came_back && orders::has_other_live_order(tx, order).await? {
        orders::turn_surplus(tx, order.id).await?;
        after.state = OrderState::Surplus;
        let left = after.left();
        ask(tx, &after, left, AskedBy::Store, now).await?;
    }
    after.returned_at = has_ended(&after).then(|| order.returned_at.unwrap_or(now));
    store::note_sums(tx, order.id, sums, after.returned_at).await?;
    let (viewer, title) = (order.account, order.wanted.title);
    let right = after.facts().right();
    library::record(tx, viewer, title, order.id, right, now).await?;
    Ok(())
}

fn has_ended(order: &Order) -> bool {
    matches!(order.facts().right(), Right::Ended { .. })
}
