//! A review that was written in another system, and what our rules see in it.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::review::{AnomalyFound, Written};

use super::{Event, Review};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    Written(Observed),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub written: Written,
    pub delivery: Delivery,
    /// The same side has written of the same trade before.
    pub again: bool,
    /// It speaks of a checkout with several sellers.
    pub several_sellers: bool,
}

/// When what it speaks of was delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Before it was written, as far as anybody knows.
    Before,
    /// Only after it was written.
    Later,
    Never,
}

pub(super) fn written(review: &Review, observed: Observed) -> Vec<Event> {
    let Observed { written, delivery, again, several_sellers } = observed;
    match review {
        Review::Written { .. } => return vec![],
        Review::Absent => (),
    }
    let (review_id, subject) = (written.review_id, written.subject);
    let found = |kind| {
        let anomaly = Anomaly { kind, expected: None, observed: None };
        AnomalyFound { review_id, subject, anomaly }.into()
    };
    let anomalies = [
        (delivery == Delivery::Never, AnomalyKind::ReviewedUndelivered),
        (delivery == Delivery::Later, AnomalyKind::ReviewedBeforeDelivery),
        (again, AnomalyKind::ReviewedAgain),
        (several_sellers, AnomalyKind::ReviewOfSeveralSellers),
    ];
    let seen = anomalies.into_iter().filter(|(applies, _)| *applies).map(|(_, kind)| found(kind));
    std::iter::once(written.into()).chain(seen).collect()
}

#[cfg(test)]
mod tests {
    use events_schema::review::Side;

    use super::*;
    use crate::review::testing;
    use crate::review::testing::{NOTHING, subject};
    use crate::testing::given;

    fn written() -> Written {
        testing::written(Side::Buyer, 3)
    }

    fn seen(delivery: Delivery, again: bool, several_sellers: bool) -> Observation {
        let written = written();
        Observation::Written(Observed { written, delivery, again, several_sellers })
    }

    fn found(kind: AnomalyKind) -> Event {
        let anomaly = Anomaly { kind, expected: None, observed: None };
        AnomalyFound { review_id: written().review_id, subject: subject(), anomaly }.into()
    }

    #[test]
    fn an_ordinary_review_is_recorded_alone() {
        given::<Review>(NOTHING)
            .when_observed(seen(Delivery::Before, false, false))
            .then([written()]);
    }

    #[test]
    fn each_contradiction_is_recorded_beside_it() {
        for (observation, kind) in [
            (seen(Delivery::Never, false, false), AnomalyKind::ReviewedUndelivered),
            (seen(Delivery::Later, false, false), AnomalyKind::ReviewedBeforeDelivery),
            (seen(Delivery::Before, true, false), AnomalyKind::ReviewedAgain),
            (seen(Delivery::Before, false, true), AnomalyKind::ReviewOfSeveralSellers),
        ] {
            given::<Review>(NOTHING)
                .when_observed(observation)
                .then([written().into(), found(kind)]);
        }
        given::<Review>(NOTHING).when_observed(seen(Delivery::Never, true, true)).then([
            written().into(),
            found(AnomalyKind::ReviewedUndelivered),
            found(AnomalyKind::ReviewedAgain),
            found(AnomalyKind::ReviewOfSeveralSellers),
        ]);
    }

    #[test]
    fn the_same_again_is_nothing() {
        given::<Review>([written().into(), found(AnomalyKind::ReviewedAgain)])
            .when_observed(seen(Delivery::Never, true, true))
            .then_nothing();
    }
}
