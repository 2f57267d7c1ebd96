//! Callers who append straight to the log, each to a stream of its own: a condition on the stream it
//! writes and one on a stream it only read, an idempotency row, one event.

use domain::inventory::{Event as InventoryEvent, StockLine};
use events_schema::Event;
use events_schema::envelope::{Actor, Meta, Origin, Position, Role, Version};
use events_schema::ids::{CommandId, CorrelationId, EventId, ListingId, OrderId, PersonId};
use events_schema::inventory::Reserved;
use events_schema::quantity::Quantity;
use events_schema::stream::{PartitionKey, StreamId};
use storage::event_log::{Appended, Command, Intent, NewEvent, Principal, SharedLog, Unit};
use storage::world::World;

use super::callers::Caller;

#[derive(Debug)]
pub(super) struct Writer {
    log: SharedLog,
    world: World,
    buyer_id: PersonId,
    listing_id: ListingId,
    written: Version,
    read: Version,
}

/// So many writers, each with streams that hold an event already.
pub(super) async fn writers(
    log: &SharedLog,
    world: &World,
    count: u32,
) -> anyhow::Result<Vec<Writer>> {
    let mut writers = vec![];
    for _ in 0..count {
        let mut writer = Writer {
            log: log.clone(),
            world: world.clone(),
            buyer_id: PersonId::new(world.uuid()),
            listing_id: ListingId::new(world.uuid()),
            written: Version(0),
            read: Version(0),
        };
        let streams = [writer.stream(), writer.only_read()];
        let events = streams.map(|stream| writer.event(stream, Version(1))).into_iter();
        let unit = writer.unit(events.collect::<Result<_, _>>()?);
        writer.append(unit).await?;
        (writer.written, writer.read) = (Version(1), Version(1));
        writers.push(writer);
    }
    Ok(writers)
}

impl Caller for Writer {
    async fn call(&mut self) -> anyhow::Result<()> {
        let version = self.written.next();
        let event = self.event(self.stream(), version)?;
        self.append(self.unit(vec![event])).await?;
        self.written = version;
        Ok(())
    }
}

impl Writer {
    const fn stream(&self) -> StreamId {
        StreamId::Inventory(self.listing_id)
    }

    const fn only_read(&self) -> StreamId {
        StreamId::Listing(self.listing_id)
    }

    fn event(&self, stream: StreamId, version: Version) -> serde_json::Result<NewEvent> {
        let world = &self.world;
        let event: Event = InventoryEvent::Reserved(Reserved {
            listing_id: self.listing_id,
            order_id: OrderId::new(world.uuid()),
            lines: vec![StockLine { option_id: None, quantity: Quantity::ONE }],
        })
        .into();
        let meta = Meta {
            stream,
            version,
            partition_key: PartitionKey::of(stream, &event),
            event_id: EventId::new(world.uuid()),
            event_type: event.event_type().into(),
            schema_version: event.schema_version(),
            occurred_at: world.now(),
            actor: Actor::Person { person_id: self.buyer_id, role: Role::Buyer },
            on_behalf_of: None,
            origin: Origin::Http,
            command_id: CommandId::new(world.uuid()),
            correlation_id: CorrelationId::new(world.uuid()),
            causation_id: None,
            trace_context: None,
        };
        Ok(NewEvent { meta, payload: event.encode()? })
    }

    fn unit(&self, events: Vec<NewEvent>) -> Unit {
        let principal = Principal::Person(self.buyer_id);
        let key = self.world.uuid().to_string();
        let intent = Intent { principal, key, fingerprint: [7; 32] };
        let answer = format!(r#"{{"id":"{}","version":1}}"#, self.listing_id).into_bytes();
        let conditions = vec![(self.stream(), self.written), (self.only_read(), self.read)];
        Unit { conditions, commands: vec![Command { intent, answer, events }] }
    }

    async fn append(&self, unit: Unit) -> anyhow::Result<Position> {
        match self.log.append(unit).await? {
            Appended::Done(positions) => Ok(positions.last().copied().unwrap_or_default()),
            other @ (Appended::Conflict | Appended::Repeated) => {
                anyhow::bail!("nobody else writes this stream, and yet: {other:?}")
            }
        }
    }
}
