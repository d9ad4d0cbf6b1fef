//! Audit: orders, books and libraries must tell the same story.

use std::collections::BTreeMap;

use crate::kernel::Money;
use crate::kernel::ids::OrderId;
use crate::ledger;
use crate::library;
use crate::library::Entitlement;
use crate::library::Standing;
use crate::platform::db::Conn;
use crate::studios;
use crate::studios::PaymentAccount;

use super::balance;
use super::model::Order;
use super::returns;
use super::store;

/// Everything where they differ, one sentence each; empty when all is well. Rights are computed
/// anew from what happened to the orders and compared with the libraries.
pub async fn audit(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let orders = store::all(conn).await?;
    let sold = ledger::sold(conn).await?;
    let rights = library::all(conn).await?;
    let accounts = studios::payment_accounts(conn).await?;
    let mut faults = compare_books(&orders, &sold);
    faults.extend(compare_libraries(&orders, &rights));
    faults.extend(compare_sellers(&orders, &accounts));
    let sums = returns::audit_sums(conn).await?;
    faults.extend(
        sums.iter()
            .map(|order| format!("the sums of {order} are not those of its refunds and disputes")),
    );
    faults.extend(balance::audit(conn, &orders).await?);
    Ok(faults)
}

fn compare_books(orders: &[Order], sold: &[(OrderId, Money)]) -> Vec<String> {
    let paid = orders.iter().filter(|order| order.paid_at.is_some());
    let mut expected: BTreeMap<OrderId, Money> =
        paid.map(|order| (order.id, order.wanted.price)).collect();
    let mut faults = Vec::new();
    for (order, amount) in sold {
        match expected.remove(order) {
            Some(price) if price == *amount => {}
            Some(price) => faults.push(format!("{order} cost {price}, the books say {amount}")),
            None => faults.push(format!(
                "the books hold a sale of {order}, which was not paid"
            )),
        }
    }
    faults.extend(
        expected
            .keys()
            .map(|order| format!("{order} was paid and is not in the books")),
    );
    faults
}

/// A film is sold by an account of its own studio.
fn compare_sellers(orders: &[Order], accounts: &[PaymentAccount]) -> Vec<String> {
    let owner_of: BTreeMap<_, _> = accounts
        .iter()
        .map(|account| (account.id.as_str(), account.studio))
        .collect();
    let foreign = orders.iter().filter(|order| {
        let seller = order.wanted.seller.as_ref();
        seller.is_some_and(|id| owner_of.get(id.as_str()) != Some(&order.wanted.studio))
    });
    let sentence = |order: &Order| format!("{} was sold by another studio's account", order.id);
    foreign.map(sentence).collect()
}

fn compare_libraries(orders: &[Order], rights: &[Entitlement]) -> Vec<String> {
    let standings = orders.iter().filter_map(|order| {
        let (standing, _) = order.facts().right().standing()?;
        Some((order.id, (order, standing)))
    });
    let mut expected: BTreeMap<OrderId, (&Order, Standing)> = standings.collect();
    let mut faults = Vec::new();
    for right in rights {
        let order = right.order;
        match expected.remove(&order) {
            Some((o, _)) if (o.account, o.wanted.title) != (right.viewer, right.title) => {
                faults.push(format!("{order} gave its film to somebody else"));
            }
            Some((_, standing)) if standing != right.standing => faults.push(format!(
                "the right of {order} is noted as {}, its facts say {}",
                right.standing.word(),
                standing.word()
            )),
            Some(_) => {}
            None => faults.push(format!("{order} gave a film and was not paid")),
        }
    }
    let missing = expected.keys();
    faults.extend(missing.map(|order| format!("{order} was paid and gave no film")));
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::model::OrderState;
    use crate::checkout::model::tests::order;
    use crate::kernel::Time;
    use crate::kernel::ids::AccountId;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn paid() -> Order {
        Order {
            state: OrderState::Paid,
            paid_at: Some(NOW),
            ..order()
        }
    }

    fn right_of(order: &Order) -> Entitlement {
        Entitlement {
            viewer: order.account,
            title: order.wanted.title,
            order: order.id,
            standing: Standing::Owned,
            granted_at: NOW,
        }
    }

    #[test]
    fn a_paid_order_wants_one_sale_of_its_price() {
        let paid = paid();
        let price = paid.wanted.price;
        let less = Money::new(1, price.currency());
        let faults =
            |sold: &[(OrderId, Money)]| compare_books(std::slice::from_ref(&paid), sold).len();
        assert_eq!(faults(&[(paid.id, price)]), 0);
        assert_eq!(faults(&[]), 1);
        assert_eq!(faults(&[(paid.id, less)]), 1);
        assert_eq!(compare_books(&[order()], &[(paid.id, price)]).len(), 1);
        assert_eq!(compare_books(&[order()], &[]).len(), 0);
    }

    #[test]
    fn a_film_in_a_library_wants_its_paid_order() {
        let paid = paid();
        let right = right_of(&paid);
        let stranger = AccountId::from_uuid(uuid::Uuid::nil());
        let foreign = Entitlement {
            viewer: stranger,
            ..right
        };
        let ended = Entitlement {
            standing: Standing::Ended,
            ..right
        };
        assert_eq!(
            compare_libraries(std::slice::from_ref(&paid), &[ended]).len(),
            1
        );
        assert_eq!(
            compare_libraries(std::slice::from_ref(&paid), &[right]).len(),
            0
        );
        assert_eq!(compare_libraries(std::slice::from_ref(&paid), &[]).len(), 1);
        assert_eq!(
            compare_libraries(std::slice::from_ref(&paid), &[foreign]).len(),
            1
        );
        assert_eq!(compare_libraries(&[order()], &[right]).len(), 1);
        let surplus = Order {
            state: OrderState::Surplus,
            ..paid
        };
        assert_eq!(compare_libraries(&[surplus], &[ended]).len(), 0);
    }
}
