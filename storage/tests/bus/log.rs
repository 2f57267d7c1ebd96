//! A log that holds what a test gives it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_schema::content_hash;
use events_schema::envelope::{
    Actor, CausationId, Epoch, Meta, Origin, Payload, Position, Recorded, Version,
};
use events_schema::ids::{CommandId, CorrelationId, EventId, ListingId, PersonId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use storage::event_log::{Answer, Appended, Error, EventLog, Filter, Head, Intent, Page, Unit};
use tokio::sync::Notify;
use uuid::Uuid;

#[derive(Debug)]
pub(crate) struct GivenLog {
    events: Mutex<Vec<Recorded<Payload>>>,
    grown: Notify,
    epoch: AtomicU32,
}

/// Of eight streams, so that some of 12 partitions stay empty. Every other one tells all that an event may.
pub(crate) fn event(position: u64) -> Recorded<Payload> {
    let uuid = Uuid::from_u128(position.into());
    let listing_id = ListingId::new(Uuid::from_u128(u128::from(position * 5 % 8)));
    let is_odd = position % 2 == 1;
    let meta = Meta {
        stream: StreamId::Listing(listing_id),
        version: Version(position),
        partition_key: PartitionKey::from_stored(listing_id.to_string()),
        event_id: EventId::new(uuid),
        event_type: "listing.priced".into(),
        schema_version: 1,
        occurred_at: Timestamp::EPOCH,
        actor: Actor::Process("test".into()),
        on_behalf_of: is_odd.then(|| PersonId::new(uuid)),
        origin: Origin::Process,
        command_id: CommandId::new(uuid),
        correlation_id: CorrelationId::new(uuid),
        causation_id: is_odd.then(|| CausationId::Event(EventId::new(uuid))),
        trace_context: is_odd.then(|| format!("00-{position:032x}-{position:016x}-01")),
    };
    let event = position.to_string().into_bytes();
    Recorded {
        position: Position(position),
        epoch: Epoch(1),
        recorded_at: Timestamp::EPOCH
            .plus_seconds(1_700_000_000 + i64::try_from(position).unwrap()),
        content_hash: content_hash::of(&meta, &event),
        meta,
        event,
    }
}

impl GivenLog {
    pub(crate) fn of(events: u64) -> Arc<Self> {
        let (events_so_far, grown) = (Mutex::default(), Notify::new());
        let log = Arc::new(Self { events: events_so_far, grown, epoch: AtomicU32::new(1) });
        log.grow(1..=events);
        log
    }

    #[cfg(all(feature = "kafka", feature = "real"))]
    pub(crate) fn raise_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn grow(&self, positions: impl IntoIterator<Item = u64>) {
        self.events.lock().unwrap().extend(positions.into_iter().map(event));
        self.grown.notify_waiters();
    }
}

#[async_trait]
impl EventLog for GivenLog {
    async fn read(
        &self,
        after: Position,
        _: &Filter,
        limit: usize,
    ) -> Result<Page<Position>, Error> {
        let events = self.events.lock().unwrap();
        let events = events.iter().filter(|event| event.position > after).take(limit);
        let events: Vec<_> = events.cloned().collect();
        let next = events.last().map(|event| event.position);
        Ok(Page { events, next })
    }

    async fn wait_beyond(&self, _: Position) {
        let most = std::time::Duration::from_millis(50);
        drop(tokio::time::timeout(most, self.grown.notified()).await);
    }

    async fn append(&self, _: Unit) -> Result<Appended, Error> {
        Err(Error::Invalid("given"))
    }

    async fn answer(&self, _: &Intent) -> Result<Option<Answer>, Error> {
        Err(Error::Invalid("given"))
    }

    async fn forget_keys(&self) -> Result<u64, Error> {
        Err(Error::Invalid("given"))
    }

    async fn read_stream(&self, _: StreamId, _: Version, _: usize) -> Result<Page<Version>, Error> {
        Err(Error::Invalid("given"))
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<Recorded<Payload>>, Error> {
        let events = self.events.lock().unwrap();
        let events = events.iter().filter(|event| positions.contains(&event.position));
        Ok(events.cloned().collect())
    }

    async fn head(&self) -> Result<Head, Error> {
        let last = self.events.lock().unwrap().last().cloned();
        let position = last.as_ref().map_or(Position(0), |event| event.position);
        let recorded_at = last.map_or(Timestamp::EPOCH, |event| event.recorded_at);
        let epoch = Epoch(self.epoch.load(Ordering::SeqCst));
        Ok(Head { epoch, position, recorded_at })
    }

    async fn position_at(&self, _: Timestamp) -> Result<Position, Error> {
        Err(Error::Invalid("given"))
    }
}
