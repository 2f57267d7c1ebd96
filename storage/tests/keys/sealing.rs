//! Sealing fields with the keys of a store.

use events_schema::personal::{Comment, Contact, Content, Field, Personal, RetentionClass};
use events_schema::text::Prose;
use events_schema::time::Timestamp;
use storage::keys::seal::{Error, Sealer};
use storage::keys::{Error as KeysError, SharedKeys};
use storage::world::World;

use super::contract::person;

const CLASS: RetentionClass = Comment::CLASS;

fn sealer(keys: &SharedKeys) -> Sealer {
    Sealer::new(keys.clone(), World::simulated(1, Timestamp::EPOCH))
}

fn comment() -> Comment {
    Comment(Prose::new("잘 받았습니다").unwrap())
}

fn bytes(field: &Personal<Comment>) -> (u32, Vec<u8>) {
    match field.content.clone() {
        Content::Sealed { key_version, bytes } => (key_version, bytes),
        Content::Erased => panic!("erased"),
    }
}

async fn is_tampered<T: Field>(sealer: &Sealer, field: &Personal<T>) -> bool {
    matches!(sealer.open(field).await, Err(KeysError::Tampered(_)))
}

pub(crate) async fn a_sealed_field_opens(keys: SharedKeys) {
    let sealed = sealer(&keys).seal(person(1), &comment()).await.unwrap();
    let clear = comment().0.as_str().as_bytes().to_vec();
    assert!(!bytes(&sealed).1.windows(clear.len()).any(|window| window == clear));
    let another = sealer(&keys);
    for _ in 0..2 {
        assert_eq!(another.open(&sealed).await.unwrap(), Some(comment()));
    }
}

pub(crate) async fn a_field_that_was_moved_or_changed_does_not_open(keys: SharedKeys) {
    let sealer = sealer(&keys);
    let sealed = sealer.seal(person(1), &comment()).await.unwrap();
    sealer.seal(person(2), &comment()).await.unwrap();
    let to_another_person = Personal::<Comment>::new(person(2), sealed.content.clone());
    assert!(is_tampered(&sealer, &to_another_person).await);
    assert_eq!(Comment::CLASS, Contact::CLASS);
    let to_another_kind = Personal::<Contact>::new(person(1), sealed.content.clone());
    assert!(is_tampered(&sealer, &to_another_kind).await);
    let (key_version, whole) = bytes(&sealed);
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        let content = Content::Sealed { key_version, bytes };
        assert!(is_tampered(&sealer, &Personal::<Comment>::new(person(1), content)).await);
    }
    for length in [0, 11, 12, whole.len() - 1] {
        let content = Content::Sealed { key_version, bytes: whole[..length].to_vec() };
        assert!(is_tampered(&sealer, &Personal::<Comment>::new(person(1), content)).await);
    }
    keys.rotate(person(1), CLASS).await.unwrap();
    for key_version in [0, 2, 3] {
        let content = Content::Sealed { key_version, bytes: whole.clone() };
        assert!(is_tampered(&sealer, &Personal::<Comment>::new(person(1), content)).await);
    }
}

pub(crate) async fn two_sealings_of_one_text_differ(keys: SharedKeys) {
    let sealer = sealer(&keys);
    let one = sealer.seal(person(1), &comment()).await.unwrap();
    let two = sealer.seal(person(1), &comment()).await.unwrap();
    assert_ne!(bytes(&one).1, bytes(&two).1);
}

pub(crate) async fn an_erased_person_is_refused_by_commands_and_noted_by_observations(
    keys: SharedKeys,
) {
    let sealer = sealer(&keys);
    let before = sealer.seal(person(1), &comment()).await.unwrap();
    sealer.erase(person(1), CLASS).await.unwrap();
    assert_eq!(sealer.open(&before).await.unwrap(), None);
    assert!(matches!(sealer.seal(person(1), &comment()).await, Err(Error::Erased)));
    let observed = sealer.seal_observed(person(1), &comment()).await.unwrap();
    assert_eq!(observed.content, Content::Erased);
    assert_eq!(sealer.open(&observed).await.unwrap(), None);
    let neighbour = sealer.seal_observed(person(2), &comment()).await.unwrap();
    assert_eq!(sealer.open(&neighbour).await.unwrap(), Some(comment()));
}

pub(crate) async fn fields_sealed_before_a_rotation_open(keys: SharedKeys) {
    let before = sealer(&keys).seal(person(1), &comment()).await.unwrap();
    keys.rotate(person(1), CLASS).await.unwrap();
    let sealer = sealer(&keys);
    let after = sealer.seal(person(1), &comment()).await.unwrap();
    assert_eq!((bytes(&before).0, bytes(&after).0), (1, 2));
    for field in [before, after] {
        assert_eq!(sealer.open(&field).await.unwrap(), Some(comment()));
    }
}

pub(crate) async fn an_erasure_elsewhere_is_seen_by_who_has_not_the_key(keys: SharedKeys) {
    let field = sealer(&keys).seal(person(1), &comment()).await.unwrap();
    sealer(&keys).erase(person(1), CLASS).await.unwrap();
    assert_eq!(sealer(&keys).open(&field).await.unwrap(), None);
}
