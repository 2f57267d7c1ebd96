//! What was written once stays readable for ever, and today's bytes do not drift.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground is missing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use events_schema::{DecodeError, Event, schemas};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn named_files(name: &str) -> BTreeSet<String> {
    fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// `order.placed.v1.json` → (`order.placed`, 1)
fn type_and_version(file: &str) -> (&str, u16) {
    let (event_type, version) = file.trim_end_matches(".json").rsplit_once(".v").unwrap();
    (event_type, version.parse().unwrap())
}

#[test]
fn every_type_has_a_fixture_and_every_fixture_a_type() {
    let fixtures = named_files("fixtures");
    for (event_type, version) in Event::types() {
        for version in 1..=version {
            let file = format!("{event_type}.v{version}.json");
            assert!(fixtures.contains(&file), "fixtures/{file} is missing");
        }
    }
    for file in &fixtures {
        let (event_type, version) = type_and_version(file);
        let known = Event::known(event_type).is_some_and(|(_, current)| version <= current);
        assert!(known, "fixtures/{file} belongs to no event");
    }
}

#[test]
fn reads_every_event_ever_written_and_writes_todays_the_same() {
    for file in named_files("fixtures") {
        let (event_type, version) = type_and_version(&file);
        let text = fs::read_to_string(folder("fixtures").join(&file)).unwrap();
        let bytes = text.trim_end().as_bytes();
        let event = Event::decode(event_type, version, bytes)
            .unwrap_or_else(|error| panic!("fixtures/{file}: {error}"));
        assert_eq!(event.event_type(), event_type);
        if version == event.schema_version() {
            assert_eq!(String::from_utf8(event.encode().unwrap()).unwrap(), text.trim_end());
        }
    }
}

/// The fixture says nothing of it: what was written before there were meeting points.
#[test]
fn a_meeting_point_is_added_and_never_finer_than_its_grid() {
    let old = fs::read_to_string(folder("fixtures").join("listing.drafted.v1.json")).unwrap();
    let drafted = |latitude: &str| {
        let point = format!(
            r#""meeting_point":{{"latitude_microdegrees":{latitude},"longitude_microdegrees":126910000}}"#
        );
        let text = old.trim_end().replacen(r#""tags""#, &format!(r#"{point},"tags""#), 1);
        let event = Event::decode("listing.drafted", 1, text.as_bytes());
        (text, event.map(|event| String::from_utf8(event.encode().unwrap()).unwrap()))
    };
    let (coarse, written) = drafted("37560000");
    assert_eq!(written, Ok(coarse.clone()));
    assert_eq!(drafted("37556123").1, Ok(coarse));
    for bad in ["90000001", "37.55", "null"] {
        assert!(matches!(drafted(bad).1, Err(DecodeError::Malformed { .. })), "{bad}");
    }
}

#[test]
fn what_it_does_not_know_it_does_not_guess() {
    let decode = |event_type, version| Event::decode(event_type, version, b"{}");
    assert_eq!(decode("order.eaten", 1), Err(DecodeError::UnknownType("order.eaten".into())));
    let event_type = "order.placed".to_owned();
    assert_eq!(
        decode("order.placed", 99),
        Err(DecodeError::UnknownVersion { event_type, version: 99 })
    );
    assert!(matches!(decode("order.placed", 1), Err(DecodeError::Malformed { .. })));
}

/// The schemas are the published contract. `UPDATE=1 cargo test -p events-schema` writes them, and
/// refuses where a reader of yesterday's events or a program of yesterday would break.
#[test]
fn schemas_are_checked_in_and_only_grow() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut expected = BTreeSet::new();
    for (event_type, version, schema) in schemas() {
        let file = format!("{event_type}.v{version}.json");
        let path = folder("schemas").join(&file);
        let today = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if let Ok(old) = fs::read_to_string(&path) {
            let (old, new) = (serde_json::from_str(&old).unwrap(), schema.to_value());
            let broken = incompatibilities(&old, &new, "");
            assert!(broken.is_empty(), "{file} changed incompatibly: {broken:?}");
        }
        if update {
            fs::write(&path, &today).unwrap();
        }
        let checked_in = fs::read_to_string(&path).unwrap_or_default();
        assert!(checked_in == today, "schemas/{file} is not today's: run with UPDATE=1");
        expected.insert(file);
    }
    let gone: Vec<_> = named_files("schemas").difference(&expected).cloned().collect();
    assert!(gone.is_empty(), "schemas of no event: {gone:?}");
}

/// What of `old` the `new` schema no longer keeps: a property that is gone, one that is newly
/// required, or any other rule that is not the same.
fn incompatibilities(old: &Value, new: &Value, path: &str) -> Vec<String> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return if old == new { vec![] } else { vec![format!("{path}: {old} became {new}")] };
    };
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut broken = vec![];
    for key in keys {
        let here = format!("{path}/{key}");
        match (key.as_str(), old.get(key), new.get(key)) {
            ("description" | "title" | "$schema", _, _) => {}
            ("properties" | "$defs", Some(Value::Object(before)), Some(Value::Object(after))) => {
                for (name, schema) in before {
                    match after.get(name) {
                        Some(now) => {
                            broken.extend(incompatibilities(
                                schema,
                                now,
                                &format!("{here}/{name}"),
                            ));
                        }
                        None => broken.push(format!("{here}/{name} is gone")),
                    }
                }
            }
            // A value more is read by nobody's old program, but old values stay readable.
            ("enum" | "oneOf", Some(Value::Array(before)), Some(Value::Array(after))) => {
                let same =
                    |value: &Value, now: &Value| incompatibilities(value, now, "").is_empty();
                let gone = before.iter().filter(|value| !after.iter().any(|now| same(value, now)));
                broken.extend(gone.map(|value| format!("{here}: {value} is gone")));
            }
            (_, Some(before), Some(after)) => {
                broken.extend(incompatibilities(before, after, &here));
            }
            (_, Some(_), None) => broken.push(format!("{here} is gone")),
            ("$defs", None, Some(_)) => {}
            (_, None, Some(_)) => broken.push(format!("{here} is new")),
            (_, None, None) => {}
        }
    }
    broken
}

#[test]
fn a_narrower_schema_is_noticed() {
    let old = serde_json::json!({ "type": "object", "properties": { "a": { "type": "string" } },
        "required": ["a"] });
    let edit = |pointer: &str, value: Value| {
        let mut new = old.clone();
        *new.pointer_mut(pointer).unwrap() = value;
        incompatibilities(&old, &new, "")
    };
    assert_eq!(incompatibilities(&old, &old, ""), Vec::<String>::new());
    assert!(!edit("/properties/a/type", "integer".into()).is_empty());
    assert!(!edit("/properties", serde_json::json!({})).is_empty());
    assert!(!edit("/required", serde_json::json!(["a", "b"])).is_empty());
    let more = serde_json::json!({ "a": { "type": "string" }, "b": { "type": "string" } });
    assert_eq!(edit("/properties", more), Vec::<String>::new());
}
