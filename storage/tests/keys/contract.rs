//! Making, rotating and destroying keys.

use std::collections::HashSet;

use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;
use futures::future::join_all;
use storage::keys::{Current, DataKey, SharedKeys};
use uuid::Uuid;

/// Runs the whole contract on the store that a constructor gives, with a guard to keep beside it.
macro_rules! run_on {
    ($open:ident) => {
        $crate::contract::run_on! { $open: contract:
            a_key_is_made_once
            every_person_and_class_has_a_key_of_its_own
            concurrent_first_calls_agree
            a_rotated_key_seals_and_older_ones_still_open
            a_destroyed_key_never_comes_back
            destroying_one_class_leaves_the_others
            destroying_what_never_was_forbids_it_for_ever
        }
        $crate::contract::run_on! { $open: sealing:
            a_sealed_field_opens
            a_field_that_was_moved_or_changed_does_not_open
            two_sealings_of_one_text_differ
            an_erased_person_is_refused_by_commands_and_noted_by_observations
            fields_sealed_before_a_rotation_open
            an_erasure_elsewhere_is_seen_by_who_has_not_the_key
        }
    };
    ($open:ident: $suite:ident: $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let (_guard, keys) = $open().await;
            $crate::$suite::$name(keys).await;
        })*
    };
}
pub(crate) use run_on;

const CLASS: RetentionClass = RetentionClass::Account;

pub(crate) fn person(number: u128) -> PersonId {
    PersonId::new(Uuid::from_u128(number))
}

pub(crate) fn key_of(current: Current) -> (u32, DataKey) {
    match current {
        Current::Key { version, key } => (version, key),
        Current::Erased => panic!("erased"),
    }
}

pub(crate) async fn a_key_is_made_once(keys: SharedKeys) {
    let first = keys.current(person(1), CLASS).await.unwrap();
    assert_eq!(keys.current(person(1), CLASS).await.unwrap(), first);
    let (version, key) = key_of(first);
    assert_eq!(version, 1);
    assert_eq!(keys.get(person(1), CLASS, version).await.unwrap(), Some(key));
    assert!(keys.get(person(1), CLASS, 2).await.is_err());
}

pub(crate) async fn every_person_and_class_has_a_key_of_its_own(keys: SharedKeys) {
    let mut seen = HashSet::new();
    for number in 0..10 {
        for class in RetentionClass::ALL {
            let (_, key) = key_of(keys.current(person(number), class).await.unwrap());
            assert!(seen.insert(key.0));
        }
    }
}

pub(crate) async fn concurrent_first_calls_agree(keys: SharedKeys) {
    let calls = (0..400).map(|number| keys.current(person(number % 20), CLASS));
    let answers = join_all(calls).await;
    let unique: HashSet<[u8; 32]> =
        answers.into_iter().map(|answer| key_of(answer.unwrap()).1.0).collect();
    assert_eq!(unique.len(), 20);
}

pub(crate) async fn a_rotated_key_seals_and_older_ones_still_open(keys: SharedKeys) {
    let (_, first) = key_of(keys.current(person(1), CLASS).await.unwrap());
    let (version, second) = key_of(keys.rotate(person(1), CLASS).await.unwrap());
    assert_eq!(version, 2);
    assert_ne!(first, second);
    assert_eq!(key_of(keys.current(person(1), CLASS).await.unwrap()), (2, second));
    assert_eq!(keys.get(person(1), CLASS, 1).await.unwrap(), Some(first));
    assert_eq!(key_of(keys.rotate(person(2), CLASS).await.unwrap()).0, 1);
}

pub(crate) async fn a_destroyed_key_never_comes_back(keys: SharedKeys) {
    keys.current(person(1), CLASS).await.unwrap();
    keys.rotate(person(1), CLASS).await.unwrap();
    for _ in 0..2 {
        keys.destroy(person(1), CLASS).await.unwrap();
        assert_eq!(keys.current(person(1), CLASS).await.unwrap(), Current::Erased);
        assert_eq!(keys.rotate(person(1), CLASS).await.unwrap(), Current::Erased);
        for version in 1..=2 {
            assert_eq!(keys.get(person(1), CLASS, version).await.unwrap(), None);
        }
    }
}

pub(crate) async fn destroying_one_class_leaves_the_others(keys: SharedKeys) {
    let kept = keys.current(person(1), RetentionClass::Trade5y).await.unwrap();
    let neighbour = keys.current(person(2), CLASS).await.unwrap();
    keys.current(person(1), CLASS).await.unwrap();
    keys.destroy(person(1), CLASS).await.unwrap();
    assert_eq!(keys.current(person(1), RetentionClass::Trade5y).await.unwrap(), kept);
    assert_eq!(keys.current(person(2), CLASS).await.unwrap(), neighbour);
}

pub(crate) async fn destroying_what_never_was_forbids_it_for_ever(keys: SharedKeys) {
    keys.destroy(person(1), CLASS).await.unwrap();
    assert_eq!(keys.current(person(1), CLASS).await.unwrap(), Current::Erased);
}
