//! One name for one side's review of one order.

use events_schema::review::Side;
use uuid::Uuid;

use crate::ids::{OrderId, ReviewId};

/// `UUIDv5` of the side's name, with the order's bits as the namespace. So the stream itself can hold
/// only one review per side and order.
#[must_use]
pub fn review_id(order_id: OrderId, side: Side) -> ReviewId {
    let name: &[u8] = match side {
        Side::Buyer => b"review:buyer",
        Side::Seller => b"review:seller",
    };
    ReviewId::new(Uuid::new_v5(&order_id.as_uuid(), name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    #[test]
    fn is_one_per_order_and_side_and_never_changes() {
        let of = |n, side| review_id(id(n, OrderId::new), side);
        assert_eq!(
            of(2, Side::Buyer).as_uuid().to_string(),
            "326488a0-135b-513a-8dd6-0835369f0804"
        );
        assert_eq!(
            of(2, Side::Seller).as_uuid().to_string(),
            "aa08d9e1-7652-5896-8fde-08689a59f226"
        );
        assert_ne!(of(2, Side::Buyer), of(3, Side::Buyer));
    }
}
