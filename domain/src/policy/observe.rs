//! A policy that held in another system, or before this one began: no notice can be asked of it.

use events_schema::policy::Recorded;

use super::{Event, Policy};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observation {
    Seen(Recorded),
}

pub(super) fn seen(policy: &Policy, seen: Recorded) -> Vec<Event> {
    if policy.history.contains(&seen) { vec![] } else { vec![seen.into()] }
}

#[cfg(test)]
mod tests {
    use events_schema::envelope::Version;
    use events_schema::policy::Terms;

    use super::*;
    use crate::policy::{DEFAULT_FEES, DEFAULT_LIMITS, Fees, Limits};
    use crate::testing::{NOON, given};

    const NOTHING: [Event; 0] = [];

    fn limits(line_quantity_max: u32) -> Limits {
        Limits { line_quantity_max, ..DEFAULT_LIMITS }
    }

    fn recorded(line_quantity_max: u32, from_s: i64) -> Recorded {
        Recorded {
            effective_from: NOON.plus_seconds(from_s),
            terms: Terms::Limits(limits(line_quantity_max)),
        }
    }

    #[test]
    fn records_what_held_in_the_past_once() {
        let past = recorded(1, -900);
        given::<Policy>(NOTHING)
            .when_observed(Observation::Seen(past.clone()))
            .then([past.clone()]);
        given::<Policy>([past.clone(), recorded(2, 0)])
            .when_observed(Observation::Seen(past))
            .then_nothing();
    }

    #[test]
    fn the_latest_beginning_is_in_force_and_of_equals_the_later_record() {
        let history = [recorded(1, 0), recorded(2, 20), recorded(3, 10), recorded(4, 10)];
        let policy = given::<Policy>(history).0;
        let at = |from_s| policy.limits_at(NOON.plus_seconds(from_s));
        assert_eq!(at(-1), None);
        assert_eq!(at(0), Some((Version(1), limits(1))));
        assert_eq!(at(10), Some((Version(4), limits(4))));
        assert_eq!(at(19), Some((Version(4), limits(4))));
        assert_eq!(at(20), Some((Version(2), limits(2))));
    }

    #[test]
    fn fees_and_limits_are_not_taken_for_each_other() {
        let limits = given::<Policy>([recorded(1, 0)]).0;
        assert_eq!(limits.fees_at(NOON), None::<(Version, Fees)>);
        let terms = Terms::Fees(DEFAULT_FEES);
        let fees = given::<Policy>([Recorded { effective_from: NOON, terms: terms.clone() }]).0;
        assert_eq!(fees.limits_at(NOON), None);
        assert_eq!(fees.fees_at(NOON), Some((Version(1), DEFAULT_FEES)));
        assert_eq!(fees.in_force_at(NOON), Some((Version(1), &terms)));
    }
}
