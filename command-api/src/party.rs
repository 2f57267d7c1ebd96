//! For whom the caller acts. Whose a thing is, the rules ask where they read it.

use edge::policy::Policy;
use edge::token::Caller;
use events_schema::envelope::Role;
use events_schema::ids::SellerId;
use events_schema::trade::Trade;

use domain::order;
use domain::seller::{By, Seller};

use crate::execute::UnitOfWork;
use crate::problem::CommandError;

pub(crate) const BUYERS: Policy = Policy::AnyOf(&[Role::Buyer]);
pub(crate) const SELLERS: Policy = Policy::AnyOf(&[Role::Seller, Role::Manager, Role::Admin]);
pub(crate) const TRADERS: Policy =
    Policy::AnyOf(&[Role::Buyer, Role::Seller, Role::Manager, Role::Admin]);
pub(crate) const ADMINS: Policy = Policy::AnyOf(&[Role::Admin]);

/// Whoever sells: the seller, a manager who acts for it, or an admin.
///
/// # Errors
/// The token names no seller.
pub(crate) async fn seller(caller: &Caller, work: &mut UnitOfWork<'_>) -> Result<By, CommandError> {
    match caller.seller_id {
        Some(seller_id) if caller.has(Role::Seller) => {
            work.act_as(Role::Seller);
            Ok(By::Seller(seller_id))
        }
        Some(seller_id) if caller.has(Role::Manager) => {
            manage(work, seller_id).await?;
            Ok(By::Seller(seller_id))
        }
        Some(_) | None if caller.has(Role::Admin) => {
            work.act_as(Role::Admin);
            Ok(By::Staff)
        }
        Some(_) | None => Err(CommandError::NoSeller),
    }
}

/// The caller's side of a trade. Whoever has none is taken for a buyer of another one, to whom the
/// rules say that it does not exist.
pub(crate) async fn side(
    caller: &Caller,
    trade: Option<&Trade>,
    work: &mut UnitOfWork<'_>,
) -> Result<order::By, CommandError> {
    let person_id = caller.person_id;
    let own_shop = trade.map(|trade| trade.seller_id).filter(|own| caller.seller_id == Some(*own));
    if caller.has(Role::Buyer) && trade.is_some_and(|trade| trade.buyer_id == person_id) {
        work.act_as(Role::Buyer);
        return Ok(order::By::Buyer(person_id));
    }
    match own_shop {
        Some(seller_id) if caller.has(Role::Seller) => {
            work.act_as(Role::Seller);
            Ok(order::By::Seller(seller_id))
        }
        Some(seller_id) if caller.has(Role::Manager) => {
            manage(work, seller_id).await?;
            Ok(order::By::Seller(seller_id))
        }
        Some(_) | None if caller.has(Role::Admin) => {
            work.act_as(Role::Admin);
            Ok(order::By::Staff)
        }
        Some(_) | None => Ok(order::By::Buyer(person_id)),
    }
}

async fn manage(work: &mut UnitOfWork<'_>, seller_id: SellerId) -> Result<(), CommandError> {
    work.act_as(Role::Manager);
    if let Some(identity) = work.read::<Seller>(seller_id).await?.identity() {
        work.act_for(identity.owner_id);
    }
    Ok(())
}
