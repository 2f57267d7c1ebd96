//! Add pieces to an option.

use events_schema::inventory::Restocked;

use super::{Event, Inventory, Rejection, StockLine};
use crate::ids::ListingId;

/// The most pieces of one option on the shelf, held ones included.
pub const STOCK_MAX: u64 = 1_000_000_000;

/// Whether somebody may restock, and which options there are, says
/// [`Listing::stocks`](crate::listing::Listing::stocks).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restock {
    pub listing_id: ListingId,
    pub line: StockLine,
}

pub(super) fn decide(
    inventory: &Inventory,
    Restock { listing_id, line }: Restock,
) -> Result<Vec<Event>, Rejection> {
    let counts = inventory.counts(line.option_id);
    let shelved = counts.available.saturating_add(counts.reserved);
    if shelved.saturating_add(line.quantity.get().into()) > STOCK_MAX {
        return Err(Rejection::TooMuchStock);
    }
    Ok(vec![Restocked { listing_id, line }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::{NOTHING, listing_id, of, removed, reserved, restocked};
    use crate::inventory::{Command, Counts};
    use crate::quantity::QUANTITY_MAX;
    use crate::testing::given;

    fn restock(line: StockLine) -> Command {
        Command::Restock(Restock { listing_id: listing_id(), line })
    }

    #[test]
    fn adds_pieces_each_time() {
        given::<Inventory>(NOTHING).when(restock(of(1, 5))).then([restocked(of(1, 5))]);
        given::<Inventory>([restocked(of(1, 5))])
            .when(restock(of(1, 5)))
            .then([restocked(of(1, 5))]);
        let twice = given::<Inventory>([restocked(of(1, 5)), restocked(of(1, 5))]).0;
        assert_eq!(twice.counts(of(1, 1).option_id).available, 10);
        assert_eq!(twice.counts(None), Counts::default());
        let counted: Vec<_> = twice.stock().map(|(option_id, _)| option_id).collect();
        assert_eq!(counted, [of(1, 1).option_id]);
    }

    #[test]
    fn refuses_more_than_a_shelf_holds_counting_what_is_held() {
        let full = || vec![restocked(of(1, QUANTITY_MAX)); 1_000];
        given::<Inventory>(full()).when(restock(of(1, 1))).then_rejected(Rejection::TooMuchStock);
        given::<Inventory>([full(), vec![reserved(1, &[of(1, 7)])]].concat())
            .when(restock(of(1, 1)))
            .then_rejected(Rejection::TooMuchStock);
        given::<Inventory>([full(), vec![removed(of(1, 1))]].concat())
            .when(restock(of(1, 1)))
            .then([restocked(of(1, 1))]);
    }
}
