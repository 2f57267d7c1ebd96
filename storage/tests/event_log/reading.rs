//! Reading.

use events_schema::envelope::{Position, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use storage::event_log::{Error, Filter, PAGE_BYTES, SharedLog, Unit};

use crate::concurrency::follow;
use crate::support::{Store, a_stream, a_unit, all};

pub(crate) async fn each_filter_finds_what_it_names(store: &impl Store) {
    let log = store.open().await;
    let streams = [a_stream(), a_stream(), a_stream()];
    for stream in streams {
        let mut unit = a_unit(stream, 0, 3);
        unit.commands[0].events[2].meta.event_type = "order.paid".into();
        log.append(unit).await.unwrap();
    }
    let events = all(&log).await;
    let found = async |filter: Filter, after, limit| {
        let page = log.read(Position(after), &filter, limit).await.unwrap();
        page.events.iter().map(|event| event.position.0).collect::<Vec<_>>()
    };
    let by_type = |types: &[&str]| Filter {
        event_types: types.iter().map(|name| (*name).to_owned()).collect(),
        ..Filter::default()
    };
    assert_eq!(found(by_type(&["order.paid"]), 0, 10).await, [3, 6, 9]);
    assert_eq!(found(by_type(&["order.paid"]), 3, 1).await, [6]);
    assert_eq!(found(by_type(&["order.paid", "order.placed"]), 4, 3).await, [5, 6, 7]);
    assert_eq!(found(by_type(&["order.lost"]), 0, 10).await, [0_u64; 0]);

    let by_prefix = |prefix: String| Filter { stream_prefix: Some(prefix), ..Filter::default() };
    assert_eq!(found(by_prefix(streams[1].to_string()), 0, 10).await, [4, 5, 6]);
    assert_eq!(found(by_prefix("order/".to_owned()), 7, 10).await, [8, 9]);
    assert_eq!(found(by_prefix("listing/".to_owned()), 0, 10).await, [0_u64; 0]);

    let correlation_id = Some(events[4].meta.correlation_id);
    assert_eq!(found(Filter { correlation_id, ..Filter::default() }, 0, 10).await, [5]);

    let (from, until) = (events[3].recorded_at, events[6].recorded_at);
    let expected: Vec<u64> = events
        .iter()
        .filter(|event| event.recorded_at >= from && event.recorded_at < until)
        .map(|event| event.position.0)
        .collect();
    let between =
        Filter { recorded_from: Some(from), recorded_until: Some(until), ..Filter::default() };
    assert_eq!(found(between, 0, 10).await, expected);
    assert_eq!(found(Filter::default(), 8, 10).await, [9]);
}

/// What passes the filter, page by page.
async fn pages(log: &SharedLog, filter: &Filter, limit: usize) -> Vec<Vec<u64>> {
    let (mut pages, mut next) = (vec![], Some(Position(0)));
    while let Some(after) = next {
        let page = log.read(after, filter, limit).await.unwrap();
        next = page.next;
        assert!(next.is_none_or(|next| next > after), "a page leads on");
        pages.push(page.events.iter().map(|event| event.position.0).collect());
    }
    pages
}

pub(crate) async fn a_rare_event_is_looked_for_piece_by_piece(store: &impl Store) {
    let log = store.open().await;
    let rare = "order.lost";
    for is_rare in [true].into_iter().chain([false; 32]).chain([true]) {
        let mut unit = a_unit(a_stream(), 0, 512);
        if is_rare {
            unit.commands[0].events[0].meta.event_type = rare.into();
        }
        log.append(unit).await.unwrap();
    }
    let of_type = Filter { event_types: vec![rare.to_owned()], ..Filter::default() };
    let found = pages(&log, &of_type, 10).await;
    assert!(found.len() > 1, "one read looks at a part of the log");
    assert_eq!(found.concat(), [1, 33 * 512 + 1]);
    let of_none = Filter { stream_prefix: Some("listing/".to_owned()), ..Filter::default() };
    assert_eq!(pages(&log, &of_none, 10).await.concat(), [0_u64; 0]);
}

/// A unit of one event that is nearly as large as may be.
fn a_large_unit(stream: StreamId, expected: u64) -> Unit {
    let mut unit = a_unit(stream, expected, 1);
    unit.commands[0].events[0].payload = format!("{:?}", "x".repeat(900_000)).into_bytes();
    unit
}

pub(crate) async fn pages_of_large_events_are_short_and_miss_none(store: &impl Store) {
    let log = store.open().await;
    let (stream, count) = (a_stream(), 12);
    for version in 0..count {
        log.append(a_large_unit(stream, version)).await.unwrap();
    }
    let all: Vec<u64> = (1..=count).collect();
    let is_short = |page: &Vec<u64>| page.len() * 900_000 < PAGE_BYTES + 1_000_000;
    let whole_stream = Filter { stream_prefix: Some(stream.to_string()), ..Filter::default() };
    for filter in [Filter::default(), whole_stream] {
        let pages = pages(&log, &filter, 100).await;
        assert!(pages.iter().all(is_short), "{pages:?}");
        assert_eq!(pages.concat(), all);
    }

    let (mut found, mut next) = (vec![], Some(Version(0)));
    while let Some(after) = next {
        let page = log.read_stream(stream, after, 100).await.unwrap();
        next = page.next;
        let page = page.events.iter().map(|event| event.meta.version.0).collect();
        assert!(is_short(&page), "{page:?}");
        found.extend(page);
    }
    assert_eq!(found, all);

    let (wanted, mut found) = ((1..=count).map(Position).collect::<Vec<_>>(), vec![]);
    while let Some(rest) = wanted.get(found.len()..).filter(|rest| !rest.is_empty()) {
        let events = log.read_at(rest).await.unwrap();
        let page = events.iter().map(|event| event.position.0).collect();
        assert!(is_short(&page) && !page.is_empty(), "{page:?}");
        found.extend(page);
    }
    assert_eq!(found, all);
    let beyond = log.read_at(&[Position(count), Position(count + 1)]).await;
    assert!(matches!(beyond, Err(Error::Corrupt { position: Position(13), .. })));
    assert_eq!(follow(log, all.len()).await, all);
}

pub(crate) async fn positions_are_read_as_asked_or_not_at_all(store: &impl Store) {
    let log = store.open().await;
    log.append(a_unit(a_stream(), 0, 5)).await.unwrap();
    let events = log.read_at(&[Position(2), Position(5)]).await.unwrap();
    assert_eq!(events.iter().map(|event| event.position.0).collect::<Vec<_>>(), [2, 5]);
    assert!(matches!(
        log.read_at(&[Position(2), Position(6)]).await,
        Err(Error::Corrupt { position: Position(6), .. })
    ));
    assert!(matches!(log.read_at(&[Position(2), Position(1)]).await, Err(Error::Invalid(_))));
}

pub(crate) async fn recorded_at_never_falls_and_a_settled_instant_is_a_prefix(store: &impl Store) {
    let log = store.open().await;
    for round in 1..=20 {
        log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
        let at = log.head().await.unwrap().recorded_at;
        assert_eq!(log.position_at(at).await.unwrap(), Position(round));
        log.append(a_unit(a_stream(), 0, 0)).await.unwrap();
        assert!(log.head().await.unwrap().recorded_at > at);
    }
    let events = all(&log).await;
    assert!(events.is_sorted_by(|one, next| one.recorded_at < next.recorded_at));
    for event in &events {
        assert_eq!(log.position_at(event.recorded_at).await.unwrap(), event.position);
    }
    assert_eq!(log.position_at(Timestamp::EPOCH).await.unwrap(), Position(0));
    assert!(matches!(log.position_at(Timestamp::MAX).await, Err(Error::Invalid(_))));
}
