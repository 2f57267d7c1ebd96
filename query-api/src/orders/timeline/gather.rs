//! Finds the events of one trade in the log.

use std::collections::BTreeMap;

use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::ids::{CheckoutId, CorrelationId, ListingId, OrderId};
use events_schema::stream::StreamId;
use events_schema::trade::Trade;
use events_schema::{Event, inventory, order};
use storage::event_log::{Error, Filter, SharedLog};

const PAGE: usize = 512;
/// A trade has some dozens of events, its listings some hundreds.
const EVENTS_MAX: usize = 20_000;

/// Of which trade the order is; `None` where there is no such order.
///
/// # Errors
/// As the log's.
pub async fn trade(log: &SharedLog, order_id: OrderId) -> Result<Option<Trade>, Error> {
    let first = log.read_stream(StreamId::Order(order_id), Version(0), 1).await?.events.pop();
    let Some(first) = first else { return Ok(None) };
    match decoded(&first)? {
        Event::Order(event) => Ok(Some(*event.trade())),
        Event::Seller(_)
        | Event::Category(_)
        | Event::Listing(_)
        | Event::Inventory(_)
        | Event::Checkout(_)
        | Event::Escrow(_)
        | Event::Shipment(_)
        | Event::Review(_)
        | Event::Like(_)
        | Event::Policy(_) => Ok(None),
    }
}

/// The events of a checkout, or those of them that concern one order, and those of each listing up to
/// the version that the buyer saw, in the order of positions.
///
/// # Errors
/// As the log's; [`Error::Invalid`] where there are more than any trade has.
pub async fn events(
    log: &SharedLog,
    checkout_id: CheckoutId,
    order_id: Option<OrderId>,
) -> Result<Vec<Recorded<Payload>>, Error> {
    let (mut found, mut seen) = (BTreeMap::new(), BTreeMap::new());
    let correlation_id = Some(CorrelationId::new(checkout_id.as_uuid()));
    let filter = Filter { correlation_id, ..Filter::default() };
    let mut next = Some(Position(0));
    while let Some(after) = next {
        let page = log.read(after, &filter, PAGE).await?;
        next = page.next;
        for recorded in page.events {
            let event = decoded(&recorded)?;
            if concerns(&event, order_id) {
                look(&event, &mut seen);
                keep(&mut found, recorded)?;
            }
        }
    }
    for (listing_id, version) in seen {
        listing(log, listing_id, version, &mut found).await?;
    }
    Ok(found.into_values().collect())
}

type Found = BTreeMap<Position, Recorded<Payload>>;

fn keep(found: &mut Found, recorded: Recorded<Payload>) -> Result<(), Error> {
    found.insert(recorded.position, recorded);
    let fits = found.len() <= EVENTS_MAX;
    if fits { Ok(()) } else { Err(Error::Invalid("the trade has more events than are gathered")) }
}

fn decoded(recorded: &Recorded<Payload>) -> Result<Event, Error> {
    let Recorded { position, meta, event, .. } = recorded;
    Event::decode(&meta.event_type, meta.schema_version, event)
        .map_err(|error| Error::Corrupt { position: *position, what: error.to_string() })
}

/// Whether it is of the checkout as a whole, or of an order that is asked for. An import may have met
/// the seller and the listing with their first order: that is no step of the trade.
fn concerns(event: &Event, asked: Option<OrderId>) -> bool {
    let is_asked = |order_id: OrderId| asked.is_none_or(|asked| asked == order_id);
    match event {
        Event::Checkout(_) => true,
        Event::Order(event) => is_asked(event.trade().order_id),
        Event::Escrow(event) => is_asked(event.trade().order_id),
        Event::Shipment(event) => is_asked(event.trade().order_id),
        Event::Review(event) => event.subject().order_id.is_none_or(is_asked),
        Event::Inventory(event) => order_of(event).is_some_and(is_asked),
        Event::Seller(_)
        | Event::Category(_)
        | Event::Listing(_)
        | Event::Like(_)
        | Event::Policy(_) => false,
    }
}

const fn order_of(event: &inventory::Event) -> Option<OrderId> {
    match event {
        inventory::Event::Restocked(_) | inventory::Event::Removed(_) => None,
        inventory::Event::Reserved(event) => Some(event.order_id),
        inventory::Event::Committed(event) => Some(event.order_id),
        inventory::Event::Released(event) => Some(event.order_id),
        inventory::Event::Expired(event) => Some(event.order_id),
        inventory::Event::RestockObserved(event) => Some(event.order_id),
    }
}

/// Notes each listing of a placed order, and the latest version that a line recorded.
fn look(event: &Event, seen: &mut BTreeMap<ListingId, Version>) {
    if let Event::Order(order::Event::Placed(placed)) = event {
        for line in &placed.lines {
            let version = seen.entry(line.listing_id).or_insert(line.listing_version);
            *version = line.listing_version.max(*version);
        }
    }
}

async fn listing(
    log: &SharedLog,
    listing_id: ListingId,
    last: Version,
    found: &mut Found,
) -> Result<(), Error> {
    let mut next = Some(Version(0));
    while let Some(after) = next.filter(|after| *after < last) {
        let page = log.read_stream(StreamId::Listing(listing_id), after, PAGE).await?;
        next = page.next;
        for recorded in page.events {
            if recorded.meta.version <= last {
                keep(found, recorded)?;
            }
        }
    }
    Ok(())
}
