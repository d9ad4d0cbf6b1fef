//! Fees and balance transactions.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::records::Balance;
use crate::platform::stripe::sandbox::records::BalanceKind;

/// What the provider keeps of a payment: 2.9 % rounded half up, and 30 minor units; never more
/// than the payment itself.
pub fn fee_of(amount: i64) -> i64 {
    ((amount * 29 + 500) / 1000 + 30).min(amount)
}

/// A BalanceTransaction.
pub(super) fn balance(b: &Balance) -> Value {
    let (kind, category) = b.kind.words(b.source.starts_with("py"));
    json!({
        "id": b.id, "object": "balance_transaction", "created": b.created,
        "available_on": b.created, "amount": b.amount, "currency": b.currency,
        "balance_type": "payments", "description": null, "exchange_rate": null,
        "fee": b.fee, "net": b.amount - b.fee, "fee_details": fees(b),
        "reporting_category": category, "source": b.source, "status": "available",
        "type": kind,
    })
}

fn fees(b: &Balance) -> Vec<Value> {
    let ours = match b.kind {
        BalanceKind::Dispute => "Dispute fee of the sandbox",
        _ => "Processing fee of the sandbox",
    };
    let parts = [
        (b.fee - b.application_fee, "stripe_fee", ours),
        (b.application_fee, "application_fee", "Fee of the platform"),
    ];
    let parts = parts.into_iter().filter(|(amount, ..)| *amount != 0);
    parts
        .map(|(amount, kind, description)| {
            json!({
                "amount": amount, "application": null, "currency": b.currency,
                "description": description, "type": kind,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_rounded_half_up_and_never_above_the_payment() {
        for (amount, fee) in [
            (999, 59),
            (1000, 59),
            (500, 45),
            (517, 45),
            (518, 45),
            (10_000, 320),
        ] {
            assert_eq!(fee_of(amount), fee, "{amount}");
        }
        assert_eq!(fee_of(20), 20);
    }
}
