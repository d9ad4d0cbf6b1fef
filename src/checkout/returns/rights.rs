//! Whether a viewer may give a film back; pure.

use std::time::Duration;

use crate::checkout::model::Order;
use crate::kernel::BasisPoints;
use crate::kernel::Time;

/// How long a film may be given back.
pub const WINDOW: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Up to which share of a film it may be given back where its studio says nothing else.
const WATCHED_SHARE: u16 = 1_000;

/// On what a viewer gives a film back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The right of withdrawal, which they did not give up or which has not ended yet.
    Withdrawal,
    /// The studio's own terms: not watched too far.
    Terms,
}

/// Why a film cannot be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReturn {
    /// There was no payment.
    NotPaid,
    /// All of it went back, or is on its way.
    NothingLeft,
    /// The buyer's bank contests the payment, and decides.
    Contested,
    /// The days are over.
    TooLate,
    /// More was watched than the studio allows.
    WatchedTooFar,
}

impl NoReturn {
    /// The key of the sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotPaid => "return-not-paid",
            Self::NothingLeft => "return-nothing-left",
            Self::Contested => "return-contested",
            Self::TooLate => "return-too-late",
            Self::WatchedTooFar => "return-watched-too-far",
        }
    }
}

/// What the decision follows from, besides the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// What is left of the payment, without what is asked for already, in minor units.
    pub(super) left: i64,
    /// How much of the film ran.
    pub(super) watched_seconds: i64,
    /// How long it is.
    pub(super) runtime_seconds: i64,
}

/// The share where the studio has set none.
pub(super) fn usual_share() -> BasisPoints {
    BasisPoints::new(WATCHED_SHARE).expect("a tenth is a share")
}

/// Whether the viewer may give the film back now, and on what ground.
pub(super) fn may_return(
    order: &Order,
    situation: Situation,
    now: Time,
) -> Result<Ground, NoReturn> {
    let paid_at = order.paid_at.ok_or(NoReturn::NotPaid)?;
    if order.is_contested() {
        return Err(NoReturn::Contested);
    }
    if situation.left <= 0 {
        return Err(NoReturn::NothingLeft);
    }
    if now.since(paid_at) > WINDOW {
        return Err(NoReturn::TooLate);
    }
    if order.consent.is_none() || situation.watched_seconds == 0 {
        return Ok(Ground::Withdrawal);
    }
    let watched = i128::from(situation.watched_seconds) * 10_000;
    let allowed = i128::from(situation.runtime_seconds) * i128::from(order.return_share.points());
    if watched > allowed {
        return Err(NoReturn::WatchedTooFar);
    }
    Ok(Ground::Terms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::consent::Consent;
    use crate::checkout::model::tests::order;

    const PAID: Time = Time::from_seconds(1_800_000_000);

    fn ask(consented: bool, watched_seconds: i64, days: u64) -> Result<Ground, NoReturn> {
        let consent = Consent {
            version: "1".to_owned(),
            given_at: PAID,
            from: "127.0.0.1".to_owned(),
        };
        let order = Order {
            paid_at: Some(PAID),
            consent: consented.then_some(consent),
            ..order()
        };
        let situation = Situation {
            left: 999,
            watched_seconds,
            runtime_seconds: 6_000,
        };
        let now = PAID.after(Duration::from_secs(days * 24 * 60 * 60));
        may_return(&order, situation, now)
    }

    #[test]
    fn consent_and_how_much_was_watched_decide() {
        for (consented, watched, days, answer) in [
            (false, 0, 0, Ok(Ground::Withdrawal)),
            (false, 6_000, 14, Ok(Ground::Withdrawal)),
            (false, 0, 15, Err(NoReturn::TooLate)),
            (true, 0, 14, Ok(Ground::Withdrawal)),
            (true, 1, 14, Ok(Ground::Terms)),
            (true, 600, 14, Ok(Ground::Terms)),
            (true, 601, 0, Err(NoReturn::WatchedTooFar)),
            (true, 1, 15, Err(NoReturn::TooLate)),
        ] {
            assert_eq!(
                ask(consented, watched, days),
                answer,
                "{consented} {watched} {days}"
            );
        }
    }

    #[test]
    fn what_was_not_paid_is_gone_or_contested_does_not_go_back() {
        let situation = Situation {
            left: 0,
            watched_seconds: 0,
            runtime_seconds: 60,
        };
        let paid = Order {
            paid_at: Some(PAID),
            ..order()
        };
        let contested = Order {
            withheld: 999,
            ..paid.clone()
        };
        assert_eq!(
            may_return(&order(), situation, PAID),
            Err(NoReturn::NotPaid)
        );
        assert_eq!(
            may_return(&paid, situation, PAID),
            Err(NoReturn::NothingLeft)
        );
        assert_eq!(
            may_return(&contested, situation, PAID),
            Err(NoReturn::Contested)
        );
    }
}
