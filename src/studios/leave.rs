//! Leave: somebody who erases their account works for no studio any more.

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Conn;
use crate::studios::model::Role;
use crate::studios::store;

/// A studio would have nobody left who may decide for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a studio needs an owner")]
pub struct OnlyOwner;

/// Whether a person is the only owner of a studio.
pub async fn is_only_owner(conn: &mut Conn, person: AccountId) -> Result<bool, sqlx::Error> {
    let Some(membership) = store::membership_of(conn, person).await? else {
        return Ok(false);
    };
    let members = store::members(conn, membership.studio.id).await?;
    let mut others = members.iter().filter(|member| member.account != person);
    let has_other = others.any(|member| member.role == Role::Owner);
    Ok(membership.role == Role::Owner && !has_other)
}

/// Takes somebody out of their studio, with the tokens they made and the invitations to their
/// address. Refused to the only owner. The caller commits.
pub async fn leave(
    tx: &mut Conn,
    person: AccountId,
    email: &EmailAddress,
    now: Time,
) -> Result<Result<(), OnlyOwner>, sqlx::Error> {
    store::delete_invitations_to(tx, email).await?;
    let Some(membership) = store::membership_of(tx, person).await? else {
        return Ok(Ok(()));
    };
    // Two owners who leave at the same moment wait for each other here.
    store::take_members(tx, membership.studio.id).await?;
    if is_only_owner(tx, person).await? {
        return Ok(Err(OnlyOwner));
    }
    store::delete_member(tx, person).await?;
    store::revoke_all_of(tx, membership.studio.id, person, now).await?;
    Ok(Ok(()))
}
