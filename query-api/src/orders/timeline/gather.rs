//! Finds the events of one order's trade in the log.

use std::collections::BTreeMap;

use edge::problem::Problem;
use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::ids::{CorrelationId, ListingId, OrderId};
use events_schema::stream::StreamId;
use events_schema::trade::Trade;
use events_schema::{Event, inventory, order};
use storage::event_log::{Filter, SharedLog};

use crate::failure;

const PAGE: usize = 512;
/// A trade has some dozens of events, its listings some hundreds.
const EVENTS_MAX: usize = 20_000;

/// Of which trade the order is; `None` where there is no such order.
pub(super) async fn trade(log: &SharedLog, order_id: OrderId) -> Result<Option<Trade>, Problem> {
    let first = log.read_stream(StreamId::Order(order_id), Version(0), 1).await;
    let Some(first) = first.map_err(failure::log)?.events.pop() else { return Ok(None) };
    match decode(first)?.event {
        Event::Order(event) => Ok(Some(*event.trade())),
        Event::Seller(_)
        | Event::Category(_)
        | Event::Listing(_)
        | Event::Inventory(_)
        | Event::Checkout(_)
        | Event::Escrow(_)
        | Event::Shipment(_)
        | Event::Review(_)
        | Event::Policy(_) => Ok(None),
    }
}

/// The trade's events that concern this order, and those of each listing up to the version that the
/// buyer saw, in the order of positions.
pub(super) async fn events(
    log: &SharedLog,
    trade: &Trade,
) -> Result<Vec<Recorded<Event>>, Problem> {
    let mut found = BTreeMap::new();
    let correlation_id = Some(CorrelationId::new(trade.checkout_id.as_uuid()));
    let filter = Filter { correlation_id, ..Filter::default() };
    let mut next = Some(Position(0));
    while let Some(after) = next {
        let page = log.read(after, &filter, PAGE).await.map_err(failure::log)?;
        next = page.next;
        keep(&mut found, page.events, |event| concerns(event, trade))?;
    }
    for (listing_id, version) in seen(found.values()) {
        listing(log, listing_id, version, &mut found).await?;
    }
    Ok(found.into_values().collect())
}

type Found = BTreeMap<Position, Recorded<Event>>;

fn keep(
    found: &mut Found,
    page: Vec<Recorded<Payload>>,
    wanted: impl Fn(&Event) -> bool,
) -> Result<(), Problem> {
    for recorded in page {
        let recorded = decode(recorded)?;
        if wanted(&recorded.event) {
            found.insert(recorded.position, recorded);
        }
    }
    if found.len() > EVENTS_MAX {
        tracing::error!(events = found.len(), "trade has more events than a timeline shows");
        return Err(Problem::internal());
    }
    Ok(())
}

fn decode(recorded: Recorded<Payload>) -> Result<Recorded<Event>, Problem> {
    recorded.decode().map_err(|error| failure::bug(&error))
}

/// Whether it is of this order, or of the checkout as a whole.
fn concerns(event: &Event, trade: &Trade) -> bool {
    match event {
        Event::Checkout(event) => event.checkout_id() == trade.checkout_id,
        Event::Order(event) => event.trade().order_id == trade.order_id,
        Event::Escrow(event) => event.trade().order_id == trade.order_id,
        Event::Shipment(event) => event.trade().order_id == trade.order_id,
        Event::Review(event) => {
            let subject = event.subject();
            subject.checkout_id == trade.checkout_id
                && subject.order_id.is_none_or(|order_id| order_id == trade.order_id)
        }
        Event::Inventory(event) => order_of(event) == Some(trade.order_id),
        Event::Seller(_) | Event::Category(_) | Event::Listing(_) | Event::Policy(_) => false,
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

/// Each listing of the order, and the latest version that a line recorded.
fn seen<'a>(events: impl Iterator<Item = &'a Recorded<Event>>) -> BTreeMap<ListingId, Version> {
    let mut seen = BTreeMap::new();
    for recorded in events {
        if let Event::Order(order::Event::Placed(placed)) = &recorded.event {
            for line in &placed.lines {
                let version = seen.entry(line.listing_id).or_insert(line.listing_version);
                *version = line.listing_version.max(*version);
            }
        }
    }
    seen
}

async fn listing(
    log: &SharedLog,
    listing_id: ListingId,
    last: Version,
    found: &mut Found,
) -> Result<(), Problem> {
    let mut after = Version(0);
    while after < last {
        let stream = StreamId::Listing(listing_id);
        let mut page = log.read_stream(stream, after, PAGE).await.map_err(failure::log)?.events;
        let Some(end) = page.last().map(|event| event.meta.version) else { break };
        page.retain(|event| event.meta.version <= last);
        keep(found, page, |_| true)?;
        after = end;
    }
    Ok(())
}
