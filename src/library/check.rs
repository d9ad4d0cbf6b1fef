//! Check: the one way to a proof that somebody may watch a film.

use crate::accounts::SignedIn;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;

use super::model::Entitlement;
use super::model::Refusal;
use super::model::Standing;
use super::store;

/// Proof that a viewer may watch a film, as of the moment of the check. Only [`check`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Entitled {
    entitlement: Entitlement,
    checked_at: Time,
}

impl Entitled {
    /// Who may watch.
    pub const fn viewer(&self) -> AccountId {
        self.entitlement.viewer
    }

    /// What.
    pub const fn title(&self) -> TitleId {
        self.entitlement.title
    }

    /// The order the right follows from.
    pub const fn order(&self) -> OrderId {
        self.entitlement.order
    }

    /// When it was looked up.
    pub const fn checked_at(&self) -> Time {
        self.checked_at
    }
}

/// Asks the database whether a viewer may watch a film now.
pub async fn check(
    conn: &mut Conn,
    viewer: &SignedIn,
    title: TitleId,
    now: Time,
) -> Result<Result<Entitled, Refusal>, sqlx::Error> {
    let found = store::entitlement(conn, viewer.account_id(), title).await?;
    Ok(match found {
        None => Err(Refusal::NotBought),
        Some(entitlement) => match entitlement.standing {
            Standing::Owned => Ok(Entitled {
                entitlement,
                checked_at: now,
            }),
            Standing::Suspended => Err(Refusal::Suspended),
            Standing::Ended => Err(Refusal::Refunded),
        },
    })
}

/// Whether a viewer holds a film, for pages that only want to say so.
pub async fn owns(conn: &mut Conn, viewer: AccountId, title: TitleId) -> Result<bool, sqlx::Error> {
    let found = store::entitlement(conn, viewer, title).await?;
    Ok(found.is_some_and(|right| right.standing == Standing::Owned))
}
