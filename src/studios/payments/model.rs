//! A studio's own account at Stripe, and whether it may sell by it; pure.

use crate::kernel::Currency;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::platform::stripe::Account;
use crate::platform::stripe::ConnectedAccount;

/// An account of a studio, as Stripe last told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentAccount {
    /// `acct_…`
    pub id: ConnectedAccount,
    /// Whose it is.
    pub studio: StudioId,
    /// Which of the studio's accounts, from 1; it sells by the last.
    pub number: i64,
    /// Whether it may take money.
    pub charges_enabled: bool,
    /// Whether its owner answered all that Stripe asks at first.
    pub details_submitted: bool,
    /// What it settles in.
    pub currency: Option<Currency>,
    /// Where its owner is at home (ISO 3166).
    pub country: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When Stripe was asked how it stands.
    pub asked_at: Time,
    /// When it stopped letting us act for it.
    pub cut_off_at: Option<Time>,
}

impl PaymentAccount {
    /// An account that was made this moment.
    pub(super) fn new(account: Account, studio: StudioId, number: i64, now: Time) -> Self {
        Self {
            id: account.id,
            studio,
            number,
            charges_enabled: account.charges_enabled,
            details_submitted: account.details_submitted,
            currency: account.default_currency,
            country: account.country,
            created_at: now,
            asked_at: now,
            cut_off_at: None,
        }
    }

    /// How it stands by what Stripe answered to a question of that moment; `None` is that it does
    /// not let us act for it any more.
    pub(super) fn told(&self, answer: Option<Account>, asked_at: Time) -> Self {
        match answer {
            Some(account) => Self {
                asked_at,
                created_at: self.created_at,
                ..Self::new(account, self.studio, self.number, asked_at)
            },
            None => Self {
                charges_enabled: false,
                asked_at,
                cut_off_at: Some(self.cut_off_at.unwrap_or(asked_at)),
                ..self.clone()
            },
        }
    }
}

/// How far a studio is on its way to be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has no account.
    NotConnected,
    /// It has one, and its owner has not answered Stripe's questions.
    Begun,
    /// They are answered, and Stripe does not let it take money: it still looks at the answers, or
    /// it needs more.
    Restricted,
    /// It sells.
    Ready,
    /// Its owner, or Stripe, ended the connection.
    CutOff,
}

impl Standing {
    /// The standing of a studio by its last account.
    pub fn of(account: Option<&PaymentAccount>) -> Self {
        match account {
            None => Self::NotConnected,
            Some(account) if account.cut_off_at.is_some() => Self::CutOff,
            Some(account) if account.charges_enabled => Self::Ready,
            Some(account) if account.details_submitted => Self::Restricted,
            Some(_) => Self::Begun,
        }
    }

    /// Whether it takes money.
    pub const fn sells(self) -> bool {
        matches!(self, Self::Ready)
    }

    /// Whether the studio has an account that only needs its owner's attention.
    pub const fn has_account(self) -> bool {
        matches!(self, Self::Begun | Self::Restricted | Self::Ready)
    }
}

/// By which account a studio sells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seller {
    /// The operator's own: the shop does not use Connect.
    Operator,
    /// Its own.
    Studio(ConnectedAccount),
    /// None, for now.
    Nobody(Standing),
}

impl Seller {
    /// The seller of a studio in a shop that uses Connect.
    pub(super) fn of(account: Option<&PaymentAccount>) -> Self {
        match (Standing::of(account), account) {
            (Standing::Ready, Some(account)) => Self::Studio(account.id.clone()),
            (standing, _) => Self::Nobody(standing),
        }
    }

    /// Whether anything can be sold.
    pub const fn can_sell(&self) -> bool {
        !matches!(self, Self::Nobody(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn account(charges_enabled: bool, details_submitted: bool) -> Account {
        Account {
            id: ConnectedAccount::parse("acct_1").unwrap(),
            charges_enabled,
            details_submitted,
            default_currency: Currency::parse("EUR").ok(),
            country: Some("DE".to_owned()),
        }
    }

    fn kept(charges_enabled: bool, details_submitted: bool) -> PaymentAccount {
        let studio = StudioId::from_uuid(uuid::Uuid::nil());
        PaymentAccount::new(account(charges_enabled, details_submitted), studio, 1, NOW)
    }

    #[test]
    fn only_an_account_that_may_take_money_sells() {
        assert_eq!(Standing::of(None), Standing::NotConnected);
        let cases = [
            (false, false, Standing::Begun),
            (false, true, Standing::Restricted),
            (true, true, Standing::Ready),
            (true, false, Standing::Ready), // Stripe's word counts, whatever it still asks for
        ];
        for (charges, details, standing) in cases {
            let kept = kept(charges, details);
            assert_eq!(Standing::of(Some(&kept)), standing);
            assert_eq!(Seller::of(Some(&kept)).can_sell(), charges);
            let cut = kept.told(None, NOW);
            assert_eq!(Standing::of(Some(&cut)), Standing::CutOff);
            assert!(!Seller::of(Some(&cut)).can_sell() && !cut.charges_enabled);
        }
    }

    #[test]
    fn what_stripe_tells_replaces_what_it_told() {
        let later = NOW.after(std::time::Duration::from_secs(60));
        let cut = kept(true, true).told(None, later);
        assert_eq!((cut.cut_off_at, cut.created_at), (Some(later), NOW));
        let again = cut.told(Some(account(true, true)), later);
        assert_eq!((again.cut_off_at, again.charges_enabled), (None, true));
        assert_eq!(
            (again.created_at, again.asked_at, again.number),
            (NOW, later, 1)
        );
    }
}
