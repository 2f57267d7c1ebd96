//! Whose a thing is. What is somebody else's does not exist for the caller.

use edge::policy::Policy;
use edge::problem::{Code, Problem};
use edge::token::Caller;
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};

/// Who may ask for things of a trade at all.
pub(crate) const TRADERS: Policy =
    Policy::AnyOf(&[Role::Buyer, Role::Seller, Role::Manager, Role::Auditor, Role::Admin]);

/// From which side the caller looks at a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    Buyer,
    /// The seller, or a manager who acts for it.
    Seller,
    /// Auditors and admins.
    Staff,
}

pub(crate) fn is_staff(caller: &Caller) -> bool {
    caller.has(Role::Auditor) || caller.has(Role::Admin)
}

/// Whether the caller is, or acts for, this seller.
pub(crate) fn sells_as(caller: &Caller, seller_id: SellerId) -> bool {
    let acts = caller.has(Role::Seller) || caller.has(Role::Manager);
    acts && caller.seller_id == Some(seller_id)
}

/// The caller's side of a trade.
///
/// # Errors
/// 404 where the caller has none.
pub(crate) fn seat(
    caller: &Caller,
    buyer_id: PersonId,
    mut sellers: impl Iterator<Item = SellerId>,
) -> Result<Seat, Problem> {
    if is_staff(caller) {
        Ok(Seat::Staff)
    } else if caller.has(Role::Buyer) && caller.person_id == buyer_id {
        Ok(Seat::Buyer)
    } else if sellers.any(|seller_id| sells_as(caller, seller_id)) {
        Ok(Seat::Seller)
    } else {
        Err(absent())
    }
}

/// It is not there, or not yours.
pub(crate) fn absent() -> Problem {
    Problem::new(Code::NotFound, "there is no such thing, or it is not yours")
}
