//! Like a listing no longer, whatever has become of it.

use events_schema::like::TakenBack;

use super::{Event, Like, like_id};

pub(super) fn decide(like: &Like) -> Vec<Event> {
    match like {
        Like::Absent => vec![],
        Like::Given(subject) => {
            let like_id = like_id(subject.listing_id, subject.person_id);
            vec![TakenBack { like_id, subject: *subject }.into()]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::like::Command;
    use crate::like::testing::{NOTHING, given_like, taken_back};
    use crate::testing::given;

    #[test]
    fn what_is_given_is_taken_back_once() {
        let like = || [given_like()];
        given::<Like>(like()).when(Command::TakeBack).then([taken_back()]);
        given::<Like>(like().into_iter().chain([taken_back()]))
            .when(Command::TakeBack)
            .then_nothing();
    }

    #[test]
    fn what_was_never_given_is_nothing_to_take_back() {
        given::<Like>(NOTHING).when(Command::TakeBack).then_nothing();
    }
}
