//! Like a listing of somebody else that everybody may see.

use events_schema::like::Given;

use super::{Event, Like, Rejection, Subject, like_id};
use crate::ids::PersonId;
use crate::listing;

/// To be decided on the stream [`like_id`]`(subject.listing_id, subject.person_id)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Give {
    pub subject: Subject,
    /// Whose shop the listing is in.
    pub owner_id: Option<PersonId>,
    /// Whether the listing is offered, as it was read.
    pub offered: Result<(), listing::Rejection>,
}

pub(super) fn decide(
    like: &Like,
    Give { subject, owner_id, offered }: Give,
) -> Result<Vec<Event>, Rejection> {
    match like {
        Like::Given(_) => return Ok(vec![]),
        Like::Absent if owner_id == Some(subject.person_id) => return Err(Rejection::OwnListing),
        Like::Absent => offered?,
    }
    let like_id = like_id(subject.listing_id, subject.person_id);
    Ok(vec![Given { like_id, subject }.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::like::Command;
    use crate::like::testing::{NOTHING, given_like, owner, subject, taken_back};
    use crate::testing::given;

    fn give(owner_id: PersonId, offered: Result<(), listing::Rejection>) -> Command {
        Command::Give(Give { subject: subject(), owner_id: Some(owner_id), offered })
    }

    #[test]
    fn a_person_likes_a_listing_once_and_again_after_taking_it_back() {
        let again = || give(owner(), Ok(()));
        given::<Like>(NOTHING).when(again()).then([given_like()]);
        given::<Like>([given_like()]).when(again()).then_nothing();
        given::<Like>([given_like(), taken_back()]).when(again()).then([given_like()]);
    }

    #[test]
    fn refuses_what_not_everybody_may_see() {
        use listing::Rejection::{NotFound, NotOnSale, Withdrawn};
        for hidden in [NotFound, NotOnSale, Withdrawn] {
            given::<Like>(NOTHING)
                .when(give(owner(), Err(hidden)))
                .then_rejected(Rejection::Listing(hidden));
        }
    }

    #[test]
    fn refuses_a_listing_of_ones_own() {
        given::<Like>(NOTHING)
            .when(give(subject().person_id, Ok(())))
            .then_rejected(Rejection::OwnListing);
    }

    #[test]
    fn answers_a_repeat_before_permission_before_state() {
        let hidden = Err(listing::Rejection::NotOnSale);
        given::<Like>([given_like()]).when(give(subject().person_id, hidden)).then_nothing();
        given::<Like>(NOTHING)
            .when(give(subject().person_id, hidden))
            .then_rejected(Rejection::OwnListing);
    }
}
