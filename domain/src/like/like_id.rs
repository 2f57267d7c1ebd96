//! One name for one person's liking of one listing.

use uuid::Uuid;

use crate::ids::{LikeId, ListingId, PersonId};

/// `UUIDv5` of the person's bits, with the listing's as the namespace. So the stream itself can hold
/// only one like per listing and person.
#[must_use]
pub fn like_id(listing_id: ListingId, person_id: PersonId) -> LikeId {
    LikeId::new(Uuid::new_v5(&listing_id.as_uuid(), person_id.as_uuid().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::id;

    #[test]
    fn is_one_per_listing_and_person_and_never_changes() {
        let of = |listing, person| like_id(id(listing, ListingId::new), id(person, PersonId::new));
        assert_eq!(of(1, 2).as_uuid().to_string(), "cfc0356d-8612-54eb-a4d2-4ba6b70a12f0");
        assert_ne!(of(1, 2), of(1, 3));
        assert_ne!(of(1, 2), of(2, 2));
        assert_ne!(of(1, 2), of(2, 1));
    }
}
