//! Take unsold pieces out. What is held for orders stays.

use events_schema::inventory::Removed;

use super::{Event, Inventory, Rejection, StockLine};
use crate::ids::ListingId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remove {
    pub listing_id: ListingId,
    pub line: StockLine,
}

pub(super) fn decide(
    inventory: &Inventory,
    Remove { listing_id, line }: Remove,
) -> Result<Vec<Event>, Rejection> {
    if inventory.counts(line.option_id).available < line.quantity.get().into() {
        return Err(Rejection::OutOfStock);
    }
    Ok(vec![Removed { listing_id, line }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Command;
    use crate::inventory::testing::{NOTHING, listing_id, of, removed, three_held};
    use crate::testing::given;

    fn remove(line: StockLine) -> Command {
        Command::Remove(Remove { listing_id: listing_id(), line })
    }

    #[test]
    fn takes_out_what_nobody_holds() {
        given::<Inventory>(three_held()).when(remove(of(1, 7))).then([removed(of(1, 7))]);
        let rest = given::<Inventory>([three_held(), vec![removed(of(1, 7))]].concat()).0;
        assert_eq!(rest.counts(of(1, 1).option_id).available, 0);
        assert_eq!(rest.counts(of(1, 1).option_id).reserved, 3);
    }

    #[test]
    fn refuses_to_take_what_is_held_or_not_there() {
        given::<Inventory>(three_held())
            .when(remove(of(1, 8)))
            .then_rejected(Rejection::OutOfStock);
        given::<Inventory>(three_held())
            .when(remove(of(2, 1)))
            .then_rejected(Rejection::OutOfStock);
        given::<Inventory>(NOTHING).when(remove(of(1, 1))).then_rejected(Rejection::OutOfStock);
    }
}
