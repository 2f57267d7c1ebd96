//! Record the terms that hold from a later date on.

use events_schema::policy::{FeeTerms, Fees, Limits, PolicyKind, Recorded, Terms};

use super::{Event, Policy, Rejection};
use crate::money::AMOUNT_MINOR_MAX;
use crate::quantity::QUANTITY_MAX;
use crate::time::Timestamp;

/// Notice before a policy holds, so that readers may keep the last one for a minute.
pub const NOTICE_S: i64 = 5 * 60;

const BASIS_POINTS: u32 = 10_000;
/// An order may wait at most a week, and at least a minute, to be paid.
const PAY_WITHIN_S: std::ops::RangeInclusive<u32> = 60..=7 * 24 * 60 * 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Of the stream that is written.
    pub policy_kind: PolicyKind,
    pub terms: Terms,
    pub effective_from: Timestamp,
    pub now: Timestamp,
}

pub(super) fn decide(policy: &Policy, command: Record) -> Result<Vec<Event>, Rejection> {
    let Record { policy_kind, terms, effective_from, now } = command;
    let recorded = Recorded { effective_from, terms };
    if policy.history.last() == Some(&recorded) {
        return Ok(vec![]);
    }
    if recorded.terms.kind() != policy_kind {
        return Err(Rejection::KindMismatch);
    }
    if effective_from < now.plus_seconds(NOTICE_S) {
        return Err(Rejection::TooSoon);
    }
    match &recorded.terms {
        Terms::Fees(Fees { individual, business }) => {
            check_fee(individual)?;
            check_fee(business)?;
        }
        Terms::Limits(limits) => check_limits(limits)?,
    }
    Ok(vec![recorded.into()])
}

/// Half of the price at most: then even with rounding no fee is ever more than what it is taken
/// from.
fn check_fee(terms: &FeeTerms) -> Result<(), Rejection> {
    if terms.rate_bp > BASIS_POINTS || terms.vat_rate_bp > BASIS_POINTS {
        return Err(Rejection::RateTooHigh);
    }
    let with_vat = terms.rate_bp.saturating_mul(BASIS_POINTS.saturating_add(terms.vat_rate_bp));
    if with_vat > BASIS_POINTS * BASIS_POINTS / 2 {
        return Err(Rejection::FeeTooHigh);
    }
    Ok(())
}

fn check_limits(limits: &Limits) -> Result<(), Rejection> {
    let sane = (1..=AMOUNT_MINOR_MAX).contains(&limits.price_minor_max)
        && PAY_WITHIN_S.contains(&limits.pay_within_s)
        && (1..=QUANTITY_MAX).contains(&limits.line_quantity_max);
    if sane { Ok(()) } else { Err(Rejection::LimitOutOfBounds) }
}

#[cfg(test)]
mod tests {
    use events_schema::policy::Rounding;

    use super::*;
    use crate::policy::{Command, DEFAULT_FEES, DEFAULT_LIMITS};
    use crate::testing::{NOON, given};

    const NOTHING: [Event; 0] = [];

    fn record(terms: Terms, notice_s: i64) -> Command {
        let policy_kind = terms.kind();
        let effective_from = NOON.plus_seconds(notice_s);
        Command::Record(Record { policy_kind, terms, effective_from, now: NOON })
    }

    fn recorded(terms: Terms, notice_s: i64) -> Event {
        Recorded { effective_from: NOON.plus_seconds(notice_s), terms }.into()
    }

    fn business(rate_bp: u32, vat_rate_bp: u32) -> Terms {
        let business = FeeTerms { rate_bp, vat_rate_bp, rounding: Rounding::HalfUp };
        Terms::Fees(Fees { business, ..DEFAULT_FEES })
    }

    #[test]
    fn records_the_defaults_with_five_minutes_notice() {
        for terms in [Terms::Fees(DEFAULT_FEES), Terms::Limits(DEFAULT_LIMITS)] {
            given::<Policy>(NOTHING)
                .when(record(terms.clone(), NOTICE_S))
                .then([recorded(terms, NOTICE_S)]);
        }
    }

    #[test]
    fn does_nothing_for_what_was_recorded_last() {
        let before = recorded(business(100, 1_000), 900);
        given::<Policy>([before.clone()]).when(record(business(100, 1_000), 900)).then_nothing();
        given::<Policy>([before, recorded(business(200, 1_000), 900)])
            .when(record(business(100, 1_000), 900))
            .then([recorded(business(100, 1_000), 900)]);
    }

    #[test]
    fn refuses_terms_of_another_kind() {
        let command = Record {
            policy_kind: PolicyKind::Limits,
            terms: Terms::Fees(DEFAULT_FEES),
            effective_from: NOON.plus_seconds(NOTICE_S),
            now: NOON,
        };
        given::<Policy>(NOTHING)
            .when(Command::Record(command))
            .then_rejected(Rejection::KindMismatch);
    }

    #[test]
    fn refuses_less_notice() {
        given::<Policy>(NOTHING)
            .when(record(Terms::Fees(DEFAULT_FEES), NOTICE_S - 1))
            .then_rejected(Rejection::TooSoon);
    }

    #[test]
    fn refuses_rates_above_all_and_fees_above_half() {
        for (rate_bp, vat_rate_bp, rejection) in [
            (10_001, 0, Rejection::RateTooHigh),
            (0, 10_001, Rejection::RateTooHigh),
            (u32::MAX, u32::MAX, Rejection::RateTooHigh),
            (5_001, 0, Rejection::FeeTooHigh),
            (2_501, 10_000, Rejection::FeeTooHigh),
        ] {
            given::<Policy>(NOTHING)
                .when(record(business(rate_bp, vat_rate_bp), NOTICE_S))
                .then_rejected(rejection);
        }
        given::<Policy>(NOTHING)
            .when(record(business(2_500, 10_000), NOTICE_S))
            .then([recorded(business(2_500, 10_000), NOTICE_S)]);
    }

    #[test]
    fn refuses_the_individuals_rates_too() {
        let individual = FeeTerms { rate_bp: 5_001, ..DEFAULT_FEES.individual };
        given::<Policy>(NOTHING)
            .when(record(Terms::Fees(Fees { individual, ..DEFAULT_FEES }), NOTICE_S))
            .then_rejected(Rejection::FeeTooHigh);
    }

    #[test]
    fn refuses_limits_out_of_bounds() {
        for limits in [
            Limits { price_minor_max: 0, ..DEFAULT_LIMITS },
            Limits { price_minor_max: AMOUNT_MINOR_MAX + 1, ..DEFAULT_LIMITS },
            Limits { pay_within_s: 59, ..DEFAULT_LIMITS },
            Limits { pay_within_s: 604_801, ..DEFAULT_LIMITS },
            Limits { line_quantity_max: 0, ..DEFAULT_LIMITS },
            Limits { line_quantity_max: QUANTITY_MAX + 1, ..DEFAULT_LIMITS },
        ] {
            given::<Policy>(NOTHING)
                .when(record(Terms::Limits(limits), NOTICE_S))
                .then_rejected(Rejection::LimitOutOfBounds);
        }
    }

    #[test]
    fn refuses_kind_before_notice_before_amounts() {
        let terms = business(10_001, 0);
        let wrong = Record {
            policy_kind: PolicyKind::Limits,
            terms: terms.clone(),
            effective_from: NOON,
            now: NOON,
        };
        given::<Policy>(NOTHING)
            .when(Command::Record(wrong))
            .then_rejected(Rejection::KindMismatch);
        given::<Policy>(NOTHING).when(record(terms, 0)).then_rejected(Rejection::TooSoon);
    }
}
