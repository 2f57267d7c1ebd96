//! Upcasting: the one place where an old form of an event becomes today's.

use serde_json::Value;

/// Lifts a payload by one schema version.
pub(crate) type Lift = fn(Value) -> Result<Value, &'static str>;

/// Type, the version that is lifted, and how. A type whose form has never changed is not here.
const LIFTS: &[(&str, u16, Lift)] = &[];

/// Lifts `payload` from version `from` to `to`, one step after another; `None` where a step is
/// missing.
pub(crate) fn upcast(event_type: &str, from: u16, to: u16, payload: Value) -> Option<Value> {
    climb(LIFTS, event_type, from..to, payload)
}

fn climb(
    lifts: &[(&str, u16, Lift)],
    event_type: &str,
    mut versions: std::ops::Range<u16>,
    payload: Value,
) -> Option<Value> {
    versions.try_fold(payload, |payload, version| {
        let (_, _, lift) =
            lifts.iter().find(|(name, from, _)| *name == event_type && *from == version)?;
        lift(payload).ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const STEPS: &[(&str, u16, Lift)] = &[
        ("a.b", 1, |old| Ok(json!({ "name": old["title"] }))),
        ("a.b", 2, |old| Ok(json!({ "names": [old["name"]] }))),
    ];

    #[test]
    fn climbs_step_by_step() {
        let old = json!({ "title": "x" });
        assert_eq!(climb(STEPS, "a.b", 1..3, old.clone()), Some(json!({ "names": ["x"] })));
        assert_eq!(climb(STEPS, "a.b", 3..3, old.clone()), Some(old));
    }

    #[test]
    fn a_missing_step_is_no_guess() {
        assert_eq!(climb(STEPS, "a.b", 1..4, json!({ "title": "x" })), None);
        assert_eq!(climb(STEPS, "a.c", 1..2, json!({})), None);
    }
}
