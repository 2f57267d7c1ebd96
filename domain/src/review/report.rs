//! Ask for a review to be looked at.

use events_schema::review::Reported;

use super::{Event, Rejection, Review};
use crate::ids::PersonId;
use crate::text::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub reporter_id: PersonId,
    pub reason: Reason,
}

pub(super) fn decide(
    review: &Review,
    Report { reporter_id, reason }: Report,
) -> Result<Vec<Event>, Rejection> {
    match review {
        Review::Absent => Err(Rejection::NotFound),
        Review::Written { reporters, .. } if reporters.contains(&reporter_id) => Ok(vec![]),
        Review::Written { review_id, subject, .. } => Ok(vec![
            Reported { review_id: *review_id, subject: *subject, reporter_id, reason }.into(),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use events_schema::review::Side;

    use super::*;
    use crate::review::Command;
    use crate::review::testing::{NOTHING, reason, reported, written};
    use crate::testing::{given, id};

    fn report(by: u128) -> Command {
        Command::Report(Report { reporter_id: id(by, PersonId::new), reason: reason() })
    }

    #[test]
    fn each_person_reports_once() {
        let review: Event = written(Side::Buyer, 1).into();
        given::<Review>([review.clone()]).when(report(7)).then([reported(7)]);
        given::<Review>([review.clone(), reported(7)]).when(report(8)).then([reported(8)]);
        given::<Review>([review, reported(7)]).when(report(7)).then_nothing();
    }

    #[test]
    fn refuses_a_review_that_does_not_exist() {
        given::<Review>(NOTHING).when(report(7)).then_rejected(Rejection::NotFound);
    }
}
