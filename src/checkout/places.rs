//! Proofs of the place where a buyer is, and the place they prove; pure. The tax of what is supplied
//! online is owed there, and the European Union wants two proofs that agree.

use crate::platform::stripe::CheckoutSession;

/// Proofs of the place where a buyer is, as far as there are any (ISO 3166).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Of the address they gave.
    pub billing: Option<String>,
    /// Where the card or bank account is at home.
    pub card: Option<String>,
    /// Where the network address is registered from which they went to pay.
    pub network: Option<String>,
}

impl Places {
    /// These, with what the payment shows.
    pub(super) fn and_of(&self, session: &CheckoutSession) -> Self {
        let charge = session.charge.as_ref();
        Self {
            billing: session.billing_country.clone(),
            card: charge.and_then(|charge| charge.card_country.clone()),
            network: self.network.clone(),
        }
    }

    /// The country a sale is counted to: the one that two proofs agree on, or else that of the
    /// billing address.
    pub(super) fn country(&self) -> Option<String> {
        let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        let place = self.agreed().or(self.billing.as_deref());
        place.filter(is_code).map(str::to_owned)
    }

    /// The country that at least two proofs agree on.
    pub fn agreed(&self) -> Option<&str> {
        let proofs = [&self.billing, &self.card, &self.network];
        let proofs: Vec<&str> = proofs.into_iter().flatten().map(String::as_str).collect();
        let agree = |place: &&str| proofs.iter().filter(|other| *other == place).count() > 1;
        proofs.iter().copied().find(agree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_proofs_that_agree_are_a_place() {
        for (billing, card, network, place) in [
            ("DE", "DE", "DE", Some("DE")),
            ("DE", "DE", "FR", Some("DE")),
            ("FR", "DE", "DE", Some("DE")),
            ("DE", "FR", "DE", Some("DE")),
            ("DE", "DE", "", Some("DE")),
            ("DE", "", "DE", Some("DE")),
            ("", "DE", "DE", Some("DE")),
            ("DE", "FR", "IT", None),
            ("DE", "FR", "", None),
            ("DE", "", "", None),
            ("", "", "DE", None),
            ("", "", "", None),
        ] {
            let proof = |code: &str| (!code.is_empty()).then(|| code.to_owned());
            let places = Places {
                billing: proof(billing),
                card: proof(card),
                network: proof(network),
            };
            assert_eq!(places.agreed(), place, "{billing} {card} {network}");
        }
    }

    #[test]
    fn a_sale_is_counted_where_proofs_agree_or_else_where_the_bill_goes() {
        for (billing, card, network, country) in [
            ("FR", "DE", "DE", Some("DE")),
            ("FR", "DE", "IT", Some("FR")),
            ("FR", "", "", Some("FR")),
            ("", "DE", "", None),
            ("nonsense", "", "", None),
            ("=1", "", "", None),
        ] {
            let proof = |code: &str| (!code.is_empty()).then(|| code.to_owned());
            let places = Places {
                billing: proof(billing),
                card: proof(card),
                network: proof(network),
            };
            assert_eq!(
                places.country().as_deref(),
                country,
                "{billing} {card} {network}"
            );
        }
    }
}
