//! Register a seller.

use events_schema::personal::{Contact, Personal};
use events_schema::seller::Registered;

use super::{Event, Identity, Rejection, Seller};
use crate::ids::{PersonId, SellerId};
use crate::text::{Code, Name};
use crate::trade::SellerKind;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    pub seller_id: SellerId,
    pub owner_id: PersonId,
    pub seller_kind: SellerKind,
    pub name: Name,
    /// Small businesses are exempt from it (전자상거래법 §12), so none must give it.
    pub registration_number: Option<Code>,
    pub contact: Option<Personal<Contact>>,
}

pub(super) fn decide(seller: &Seller, command: Register) -> Result<Vec<Event>, Rejection> {
    let Register { seller_id, owner_id, seller_kind, name, registration_number, contact } = command;
    match seller.identity() {
        // The contact is sealed anew each time, so only who it is can tell a repeat.
        Some(known) if *known == (Identity { seller_id, owner_id, seller_kind }) => Ok(vec![]),
        Some(_) => Err(Rejection::AlreadyRegistered),
        None => Ok(vec![
            Registered {
                seller_id,
                owner_id,
                seller_kind,
                name,
                registration_number,
                contact,
                source: None,
            }
            .into(),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seller::Command;
    use crate::seller::testing::{NOTHING, registered, seller_id, suspended};
    use crate::testing::{given, id};

    fn register(owner: u128, seller_kind: SellerKind) -> Command {
        Command::Register(Register {
            seller_id: seller_id(),
            owner_id: id(owner, PersonId::new),
            seller_kind,
            name: Name::new("마포 중고").unwrap(),
            registration_number: None,
            contact: None,
        })
    }

    #[test]
    fn registers_a_seller() {
        given::<Seller>(NOTHING).when(register(2, SellerKind::Individual)).then([registered()]);
    }

    #[test]
    fn does_nothing_when_already_registered() {
        for history in [vec![registered()], vec![registered(), suspended()]] {
            given::<Seller>(history).when(register(2, SellerKind::Individual)).then_nothing();
        }
    }

    #[test]
    fn refuses_another_owner_or_kind() {
        for command in [register(3, SellerKind::Individual), register(2, SellerKind::Business)] {
            given::<Seller>([registered()])
                .when(command)
                .then_rejected(Rejection::AlreadyRegistered);
        }
    }
}
