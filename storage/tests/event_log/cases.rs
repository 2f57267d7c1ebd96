//! Appending.

use events_schema::envelope::{Actor, CausationId, Epoch, Position, Role, Version};
use events_schema::ids::{CommandId, EventId, PersonId};
use storage::event_log::{self, Answer, Appended, Command, Error, Principal, Unit};

use crate::support::{
    Store, a_command, a_stream, a_unit, all, an_event, an_intent, assert_sound, done, fresh,
};

pub(crate) async fn what_is_appended_reads_back_with_dense_positions(store: &impl Store) {
    let log = store.open().await;
    let (one, other) = (a_stream(), a_stream());
    let mut events = vec![an_event(one, 1), an_event(other, 1), an_event(one, 2)];
    let person_id = PersonId::new(fresh());
    events[1].meta.actor = Actor::Person { person_id, role: Role::Manager };
    events[1].meta.on_behalf_of = Some(PersonId::new(fresh()));
    events[1].meta.causation_id = Some(CausationId::Event(EventId::new(fresh())));
    events[2].meta.causation_id = Some(CausationId::Command(CommandId::new(fresh())));
    events[2].meta.trace_context = Some("00-aa-bb-01".to_owned());
    let unit = Unit {
        conditions: vec![(one, Version(0)), (other, Version(0))],
        commands: vec![a_command(events.clone())],
    };
    assert_eq!(log.append(unit).await.unwrap(), done([3]));
    assert_eq!(log.append(a_unit(one, 2, 1)).await.unwrap(), done([4]));

    let stored = all(&log).await;
    assert_sound(&stored);
    assert_eq!(stored.len(), 4);
    for (recorded, new) in stored.iter().zip(&events) {
        assert_eq!((&recorded.meta, &recorded.event), (&new.meta, &new.payload));
        assert_eq!(recorded.epoch, Epoch(1));
    }
    let stream = log.read_stream(one, Version(1), 10).await.unwrap().events;
    assert_eq!(stream.iter().map(|event| event.position.0).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(log.head().await.unwrap().position, Position(4));
}

pub(crate) async fn a_stream_that_moved_on_is_a_conflict_and_nothing_is_written(
    store: &impl Store,
) {
    let log = store.open().await;
    let (old, new) = (a_stream(), a_stream());
    log.append(a_unit(old, 0, 2)).await.unwrap();
    for stale in [0, 1, 3] {
        let mut unit = a_unit(old, stale, 1);
        unit.conditions.push((new, Version(0)));
        unit.commands[0].events.push(an_event(new, 1));
        let intent = unit.commands[0].intent.clone();
        assert_eq!(log.append(unit).await.unwrap(), Appended::Conflict);
        assert_eq!(log.answer(&intent).await.unwrap(), None);
    }
    assert_eq!(log.append(a_unit(new, 0, 1)).await.unwrap(), done([3]));
    assert_sound(&all(&log).await);
}

pub(crate) async fn a_stream_that_was_only_read_is_a_condition_too(store: &impl Store) {
    let log = store.open().await;
    let (listing, order) = (a_stream(), a_stream());
    log.append(a_unit(listing, 0, 1)).await.unwrap();
    let reading = |version| {
        let mut unit = a_unit(order, 0, 1);
        unit.conditions.push((listing, Version(version)));
        unit
    };
    assert_eq!(log.append(reading(0)).await.unwrap(), Appended::Conflict);
    assert_eq!(log.append(reading(2)).await.unwrap(), Appended::Conflict);
    assert_eq!(log.append(reading(1)).await.unwrap(), done([2]));
    assert_eq!(log.append(a_unit(listing, 1, 1)).await.unwrap(), done([3]));
}

pub(crate) async fn a_stream_read_as_empty_must_still_be_empty(store: &impl Store) {
    let log = store.open().await;
    let (empty, order) = (a_stream(), a_stream());
    let mut unit = a_unit(order, 0, 1);
    unit.conditions.push((empty, Version(0)));
    assert_eq!(log.append(unit).await.unwrap(), done([1]));
    assert_eq!(log.append(a_unit(empty, 0, 1)).await.unwrap(), done([2]));
    let mut late = a_unit(order, 1, 1);
    late.conditions.push((empty, Version(0)));
    assert_eq!(log.append(late).await.unwrap(), Appended::Conflict);
}

pub(crate) async fn a_repeated_key_is_told_and_its_answer_stands(store: &impl Store) {
    let log = store.open().await;
    let unit = a_unit(a_stream(), 0, 2);
    let intent = unit.commands[0].intent.clone();
    assert_eq!(log.answer(&intent).await.unwrap(), None);
    log.append(unit.clone()).await.unwrap();
    let answer = Answer { body: unit.commands[0].answer.clone(), position: Position(2) };
    assert_eq!(log.append(unit.clone()).await.unwrap(), Appended::Repeated);
    let stream = a_stream();
    let mut other = a_unit(stream, 0, 1);
    other.commands.push(unit.commands[0].clone());
    other.commands[1].events.clear();
    assert_eq!(log.append(other).await.unwrap(), Appended::Repeated);
    assert_eq!(log.append(a_unit(stream, 0, 1)).await.unwrap(), done([3]));
    assert_eq!(log.answer(&intent).await.unwrap(), Some(answer));
}

pub(crate) async fn a_key_with_another_fingerprint_is_reused(store: &impl Store) {
    let log = store.open().await;
    let unit = a_unit(a_stream(), 0, 1);
    let mut intent = unit.commands[0].intent.clone();
    log.append(unit).await.unwrap();
    intent.fingerprint = [8; 32];
    assert!(matches!(log.answer(&intent).await, Err(Error::KeyReused)));
}

pub(crate) async fn a_persons_key_is_forgotten_after_30_days_and_a_processs_key_never(
    store: &impl Store,
) {
    let log = store.open().await;
    let a_person = || Principal::Person(PersonId::new(fresh()));
    let a_process = Principal::Process("per_iodic".to_owned());
    let mut intents = vec![];
    for (principal, days) in [(a_person(), 31), (a_person(), 29), (a_process, 31)] {
        let mut unit = a_unit(a_stream(), 0, 1);
        let intent = &mut unit.commands[0].intent;
        intent.principal = principal;
        intents.push(intent.clone());
        log.append(unit).await.unwrap();
        store.age_key(&intents.last().unwrap().key, days).await;
    }
    assert_eq!(log.forget_keys().await.unwrap(), 1);
    assert_eq!(log.forget_keys().await.unwrap(), 0);
    let mut known = vec![];
    for intent in &intents {
        known.push(log.answer(intent).await.unwrap().is_some());
    }
    assert_eq!(known, [false, true, true]);

    let mut again = a_unit(a_stream(), 0, 1);
    again.commands[0].intent = intents.swap_remove(0);
    again.commands[0].intent.fingerprint = [8; 32];
    assert_eq!(log.append(again.clone()).await.unwrap(), done([4]));
    assert_eq!(log.append(again).await.unwrap(), Appended::Repeated);
    assert_sound(&all(&log).await);
}

pub(crate) async fn a_command_without_events_has_the_heads_position(store: &impl Store) {
    let log = store.open().await;
    let nothing = || Unit { conditions: vec![], commands: vec![a_command(vec![])] };
    assert_eq!(log.append(nothing()).await.unwrap(), done([0]));
    log.append(a_unit(a_stream(), 0, 3)).await.unwrap();
    let unit = nothing();
    let intent = unit.commands[0].intent.clone();
    assert_eq!(log.append(unit).await.unwrap(), done([3]));
    assert_eq!(log.answer(&intent).await.unwrap().unwrap().position, Position(3));
    assert_eq!(log.head().await.unwrap().position, Position(3));
}

pub(crate) async fn a_unit_of_many_commands_is_done_as_a_whole(store: &impl Store) {
    let log = store.open().await;
    let stream = a_stream();
    let commands: Vec<Command> = (1..=64)
        .map(|version| {
            a_command(if version == 64 { vec![] } else { vec![an_event(stream, version)] })
        })
        .collect();
    let intents: Vec<_> = commands.iter().map(|command| command.intent.clone()).collect();
    let unit = Unit { conditions: vec![(stream, Version(0))], commands };
    assert_eq!(log.append(unit).await.unwrap(), done((1..=63).chain([63])));
    let answer = log.answer(&intents[9]).await.unwrap().unwrap();
    assert_eq!(answer.position, Position(10));
    assert_sound(&all(&log).await);
}

pub(crate) async fn what_breaks_the_contract_is_invalid(store: &impl Store) {
    let log = store.open().await;
    let stream = a_stream();
    let with = |change: &dyn Fn(&mut Unit)| {
        let mut unit = a_unit(stream, 0, 1);
        change(&mut unit);
        unit
    };
    let broken = [
        with(&|unit| unit.commands.clear()),
        with(&|unit| unit.commands.extend((0..64).map(|_| a_command(vec![])))),
        with(&|unit| unit.conditions.clear()),
        with(&|unit| unit.conditions.push((stream, Version(0)))),
        with(&|unit| unit.commands[0].events[0].meta.version = Version(2)),
        with(&|unit| unit.commands[0].events.push(an_event(stream, 3))),
        with(&|unit| unit.commands.push(unit.commands[0].clone())),
        with(&|unit| unit.commands[0].intent = an_intent("")),
        with(&|unit| unit.commands[0].intent = an_intent(&"k".repeat(256))),
        with(&|unit| unit.commands[0].intent = an_intent("k\0")),
        with(&|unit| unit.commands[0].events[0].meta.trace_context = Some("\0".to_owned())),
        with(&|unit| unit.commands[0].events[0].payload = b"{".to_vec()),
        with(&|unit| unit.commands[0].events[0].payload = vec![b' '; (1 << 20) + 1]),
        a_unit(stream, 0, 513),
    ];
    for unit in broken {
        assert!(matches!(log.append(unit).await, Err(Error::Invalid(_))));
    }
    assert_eq!(log.head().await.unwrap().position, Position(0));
    assert_eq!(log.append(a_unit(stream, 0, 512)).await.unwrap(), done([512]));
    let many = log.read(Position(0), &event_log::Filter::default(), 4_097).await;
    assert!(matches!(many, Err(Error::Invalid(_))));
}

pub(crate) async fn a_raised_epoch_marks_what_comes_after(store: &impl Store) {
    let log = store.open().await;
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    log.close().await;
    drop(log);
    assert_eq!(event_log::raise_epoch(&store.url()).await.unwrap(), Epoch(2));
    let log = store.open().await;
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    let epochs: Vec<_> = all(&log).await.iter().map(|event| event.epoch).collect();
    assert_eq!(epochs, [Epoch(1), Epoch(2)]);
    assert_eq!(log.head().await.unwrap().epoch, Epoch(2));
}

pub(crate) async fn a_closed_log_takes_no_more(store: &impl Store) {
    let log = store.open().await;
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    log.close().await;
    let late = log.append(a_unit(a_stream(), 0, 1)).await;
    assert!(matches!(late, Err(Error::Unavailable(_))));
    drop(log);
    assert_eq!(store.open().await.head().await.unwrap().position, Position(1));
}
