//! Many callers at once, some of whom go away.

use std::collections::HashSet;
use std::time::Duration;

use events_schema::envelope::{Position, Version};
use futures::future::join_all;
use rand::{Rng, RngExt, SeedableRng};
use storage::bus::tail::TailBus;
use storage::bus::{Bus, Delivery};
use storage::event_log::{Appended, SharedLog};
use tokio_util::task::TaskTracker;

use crate::support::{Store, a_stream, a_unit, all, assert_sound};

const WRITERS: u64 = 24;
const ROUNDS: u64 = 20;
const DEADLINE: Duration = Duration::from_secs(60);

/// Follows the log until it has seen `count` events.
pub(crate) async fn follow(log: SharedLog, count: usize) -> Vec<u64> {
    let bus = TailBus::new(log);
    let mut tail = bus.subscribe(&bus.all_after(Position(0))).await.unwrap();
    let mut seen = Vec::new();
    while seen.len() < count {
        for delivery in tail.next().await.unwrap() {
            if let Delivery::Event { event, .. } = delivery {
                seen.push(event.position.0);
            }
        }
    }
    seen
}

pub(crate) async fn many_writers_and_a_tail_lose_double_and_reorder_nothing(store: &impl Store) {
    let log = store.open().await;
    let tasks = TaskTracker::new();
    let count = usize::try_from(WRITERS * ROUNDS * 2).unwrap();
    let readers: Vec<_> = (0..3).map(|_| tasks.spawn(follow(log.clone(), count))).collect();
    let writers = (0..WRITERS).map(|_| {
        let log = log.clone();
        tasks.spawn(async move {
            let stream = a_stream();
            let mut positions = Vec::new();
            for round in 0..ROUNDS {
                match log.append(a_unit(stream, round * 2, 2)).await.unwrap() {
                    Appended::Done(done) => positions.extend(done),
                    Appended::Conflict | Appended::Repeated => panic!("refused"),
                }
            }
            positions
        })
    });
    let mut acknowledged = HashSet::new();
    for positions in join_all(writers).await {
        let positions = positions.unwrap();
        assert!(positions.is_sorted());
        acknowledged.extend(positions);
    }
    assert_eq!(acknowledged.len(), count / 2);
    let seen = tokio::time::timeout(DEADLINE, join_all(readers)).await.unwrap();
    for seen in seen {
        assert!(seen.unwrap().into_iter().eq(1..=u64::try_from(count).unwrap()));
    }
    assert_sound(&all(&log).await);
}

pub(crate) async fn callers_that_go_away_leave_nothing_half_done(store: &impl Store) {
    let log = store.open().await;
    let mut random = rand::rngs::ChaCha12Rng::seed_from_u64(11);
    let tasks = TaskTracker::new();
    let mut intents = Vec::new();
    for _ in 0..200 {
        let (log, unit) = (log.clone(), a_unit(a_stream(), 0, 3));
        intents.push((unit.commands[0].intent.clone(), unit.conditions[0].0));
        let task = tasks.spawn(async move { log.append(unit).await });
        if random.random_bool(0.5) {
            tokio::time::sleep(Duration::from_micros(u64::from(random.next_u32() % 2_000))).await;
            task.abort();
        }
    }
    tasks.close();
    tasks.wait().await;
    log.close().await;
    let log = store.open().await;
    assert_sound(&all(&log).await);
    for (intent, stream) in intents {
        let events = log.read_stream(stream, Version(0), 10).await.unwrap().events;
        match log.answer(&intent).await.unwrap() {
            Some(answer) => {
                assert_eq!(events.len(), 3);
                assert_eq!(events[2].position, answer.position);
            }
            None => assert_eq!(events, []),
        }
    }
}

pub(crate) async fn one_stream_with_many_writers_has_one_winner_for_each_version(
    store: &impl Store,
) {
    let log = store.open().await;
    let stream = a_stream();
    for version in 0..5 {
        let outcomes = join_all((0..32).map(|_| log.append(a_unit(stream, version, 1)))).await;
        let winners =
            outcomes.iter().filter(|outcome| matches!(outcome, Ok(Appended::Done(_)))).count();
        let losers = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Appended::Conflict)));
        assert_eq!((winners, losers.count()), (1, 31));
    }
    assert_eq!(all(&log).await.len(), 5);
}

pub(crate) async fn one_key_from_many_callers_is_done_once(store: &impl Store) {
    let log = store.open().await;
    let key = a_unit(a_stream(), 0, 0).commands[0].intent.clone();
    let units = (0..32).map(|_| {
        let mut unit = a_unit(a_stream(), 0, 1);
        unit.commands[0].intent = key.clone();
        log.append(unit)
    });
    let outcomes = join_all(units).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Appended::Done(_)))).count();
    let repeated = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Appended::Repeated)));
    assert_eq!((done, repeated.count()), (1, 31));
    assert_eq!(all(&log).await.len(), 1);
}

pub(crate) async fn neighbours_of_refused_units_have_the_positions_that_they_are_told(
    store: &impl Store,
) {
    let log = store.open().await;
    let before: Vec<_> = (0..48).map(|_| a_unit(a_stream(), 0, 1)).collect();
    join_all(before.iter().map(|unit| log.append(unit.clone()))).await;
    let mut units = Vec::new();
    for known in before {
        units.push((a_unit(known.conditions[0].0, 7, 2), Some(Appended::Conflict)));
        let mut repeated = a_unit(a_stream(), 0, 2);
        repeated.commands[0].intent = known.commands[0].intent.clone();
        units.push((repeated, Some(Appended::Repeated)));
        units.extend([0, 1, 3].map(|count| (a_unit(a_stream(), 0, count), None)));
    }
    let outcomes = join_all(units.iter().map(|(unit, _)| log.append(unit.clone()))).await;
    for ((unit, refused), outcome) in units.iter().zip(outcomes) {
        let outcome = outcome.unwrap();
        let Appended::Done(positions) = &outcome else {
            assert_eq!(Some(&outcome), refused.as_ref());
            continue;
        };
        assert_eq!((positions.len(), refused), (1, &None));
        let answer = log.answer(&unit.commands[0].intent).await.unwrap().unwrap();
        assert_eq!(answer.position, positions[0]);
        let events = log.read_stream(unit.conditions[0].0, Version(0), 10).await.unwrap().events;
        assert_eq!(events.len(), unit.commands[0].events.len());
        assert!(events.last().is_none_or(|last| last.position == positions[0]));
    }
    assert_sound(&all(&log).await);
}

pub(crate) async fn units_of_one_stream_are_done_in_the_order_of_arrival(store: &impl Store) {
    let log = store.open().await;
    let stream = a_stream();
    let outcomes = join_all((0..50).map(|version| log.append(a_unit(stream, version, 1)))).await;
    for outcome in outcomes {
        assert!(matches!(outcome, Ok(Appended::Done(_))));
    }
    assert_sound(&all(&log).await);
}
