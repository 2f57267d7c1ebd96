//! Histories for tests: the published examples of every event, put together into whole lives of
//! listings and trades, in an order that a seed decides.

use std::collections::BTreeMap;

use events_schema::envelope::{Actor, Epoch, Meta, Origin, Position, Recorded, Version};
use events_schema::ids::{CheckoutId, CommandId, CorrelationId, EventId};
use events_schema::stream::{PartitionKey, StreamId};
use events_schema::time::Timestamp;
use events_schema::{Event, category, content_hash, policy, seller};
use storage::world::World;
use uuid::Uuid;

pub(crate) const SELLER: &[&str] = &["seller.registered", "seller.suspended", "seller.reinstated"];
pub(crate) const CATEGORY: &[&str] = &["category.created", "category.renamed", "category.retired"];
pub(crate) const POLICY: &[&str] = &["policy.recorded", "policy.recorded"];
pub(crate) const LISTING: &[&str] = &[
    "listing.drafted",
    "listing.submitted",
    "listing.rejected",
    "listing.edited",
    "listing.submitted",
    "listing.approved",
    "inventory.restocked",
    "listing.price_changed",
    "listing.suspended",
    "listing.resumed",
];
pub(crate) const LIKED: &[&str] = &["like.given", "like.taken_back", "like.given"];
pub(crate) const OBSERVED_LISTING: &[&str] =
    &["listing.observed", "inventory.restocked", "inventory.removed", "listing.withdrawn"];
pub(crate) const PLACED: &[&str] = &[
    "checkout.opened",
    "order.placed",
    "escrow.opened",
    "inventory.restock_observed",
    "inventory.reserved",
];
pub(crate) const PAID: &[&str] = &[
    "checkout.authorised",
    "checkout.captured",
    "escrow.funded",
    "order.paid",
    "inventory.committed",
];
pub(crate) const SHIPPED: &[&str] = &[
    "order.preparing",
    "shipment.registered",
    "order.shipped",
    "shipment.picked_up",
    "shipment.in_transit",
];
pub(crate) const CONFIRMED: &[&str] = &[
    "shipment.delivered",
    "order.delivered",
    "order.confirmed",
    "escrow.released",
    "review.written",
    "review.reported",
    "review.anomaly_found",
];
pub(crate) const REFUNDED: &[&str] = &["order.cancelled", "escrow.refunded", "inventory.released"];
pub(crate) const LOST: &[&str] = &["shipment.lost", "shipment.anomaly_found"];
pub(crate) const UNPAID: &[&str] = &[
    "checkout.payment_unknown",
    "checkout.declined",
    "checkout.reduced",
    "checkout.cancelled",
    "order.cancelled",
    "inventory.expired",
    "checkout.anomaly_found",
    "order.anomaly_found",
    "escrow.anomaly_found",
];

/// What happened, in order, as the log would have recorded it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Market {
    pub(crate) events: Vec<Recorded<Event>>,
    versions: BTreeMap<StreamId, Version>,
}

impl Market {
    /// One life after the other, all with the same ids but the given number.
    pub(crate) fn of(lives: &[&[&str]]) -> Self {
        let mut market = Self::default();
        for event_type in lives.concat() {
            market.happens(event_type, 1, 1);
        }
        market
    }

    /// Three sellers, five listings, `trades` trades and as many likes, mixed as the seed says.
    pub(crate) fn busy(seed: u64, trades: u32) -> Self {
        let world = World::simulated(seed, Timestamp::EPOCH);
        let mut market = Self::default();
        let mut lives: Vec<Life> = (1..=3).map(|n| Life::of(&[SELLER], n, n)).collect();
        lives.extend((1..=2).map(|n| Life::of(&[CATEGORY], n, n)));
        lives.push(Life::of(&[POLICY], 1, 1));
        lives.extend((1..=4).map(|n| Life::of(&[LISTING], n, n)));
        market.mix(&world, lives);
        let trade = |n: u32| {
            let rest: &[&[&str]] = match n % 4 {
                0 => &[PLACED, UNPAID],
                1 => &[PLACED, PAID, REFUNDED],
                2 => &[PLACED, PAID, SHIPPED, LOST],
                _ => &[PLACED, PAID, SHIPPED, CONFIRMED],
            };
            Life::of(rest, n, n % 4 + 1)
        };
        let mut lives: Vec<Life> = (1..=trades).map(trade).collect();
        lives.extend((1..=trades).map(|n| Life::of(&[LIKED], n, n % 4 + 1)));
        lives.push(Life::of(&[OBSERVED_LISTING], 1, 5));
        market.mix(&world, lives);
        market
    }

    fn mix(&mut self, world: &World, mut lives: Vec<Life>) {
        while !lives.is_empty() {
            let mut random = [0; 8];
            world.fill(&mut random);
            let lives_now = u64::try_from(lives.len()).unwrap();
            let index = usize::try_from(u64::from_le_bytes(random) % lives_now).unwrap();
            let life = &mut lives[index];
            let event_type = life.rest.remove(0);
            self.happens(event_type, life.trade, life.listing);
            if life.rest.is_empty() {
                lives.swap_remove(index);
            }
        }
    }

    /// Records the published example of this type, as of this trade and this listing.
    pub(crate) fn happens(&mut self, event_type: &str, trade: u32, listing: u32) {
        let event = example(event_type, trade, listing);
        self.record(event, trade);
    }

    pub(crate) fn record(&mut self, event: Event, trade: u32) {
        let stream = stream_of(&event);
        let version = self.versions.entry(stream).or_default();
        *version = version.next();
        let position = Position(u64::try_from(self.events.len()).unwrap() + 1);
        let uuid = Uuid::from_u128(position.0.into());
        let checkout_id: CheckoutId = id("chk", trade).parse().unwrap();
        let meta = Meta {
            stream,
            version: *version,
            partition_key: PartitionKey::of(stream, &event),
            event_id: EventId::new(uuid),
            event_type: event.event_type().into(),
            schema_version: event.schema_version(),
            occurred_at: Timestamp::EPOCH.plus_seconds(i64::try_from(position.0).unwrap()),
            actor: Actor::Process("test".into()),
            on_behalf_of: None,
            origin: Origin::Process,
            command_id: CommandId::new(uuid),
            correlation_id: CorrelationId::new(checkout_id.as_uuid()),
            causation_id: None,
            trace_context: None,
        };
        let payload = event.encode().unwrap();
        self.events.push(Recorded {
            position,
            epoch: Epoch(1),
            recorded_at: meta.occurred_at,
            content_hash: content_hash::of(&meta, &payload),
            meta,
            event,
        });
    }
}

struct Life {
    rest: Vec<&'static str>,
    trade: u32,
    listing: u32,
}

impl Life {
    fn of(parts: &[&[&'static str]], trade: u32, listing: u32) -> Self {
        Self { rest: parts.concat(), trade, listing }
    }
}

/// The id of this kind and number.
pub(crate) fn id(prefix: &str, number: u32) -> String {
    format!("{prefix}_01h455vb4pex0bsknk084{number:05}")
}

/// The published example, with the ids of this trade and this listing.
pub(crate) fn example(event_type: &str, trade: u32, listing: u32) -> Event {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../events-schema/fixtures");
    let path = format!("{folder}/{event_type}.v1.json");
    let mut json = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    // The example takes out pieces of a listing without options; these listings have one.
    let option = r#"{"option_id":"opt_01h455vb4pex0bsknk084sn006","quantity":1}"#;
    json = json.replace(r#"{"quantity":1}"#, option);
    let of_trade = ["chk", "ord", "shp", "rev", "lik", "tnd", "per"].map(|prefix| (prefix, trade));
    let of_listing = ["lst", "sel"].map(|prefix| (prefix, listing));
    let other = if event_type.starts_with("category") { vec![("cat", trade)] } else { vec![] };
    for (prefix, number) in of_trade.into_iter().chain(of_listing).chain(other) {
        let pattern = format!("{prefix}_01h455vb4pex0bsknk084sn0");
        while let Some(at) = json.find(&pattern) {
            json.replace_range(at..at + prefix.len() + 27, &id(prefix, number));
        }
    }
    Event::decode(event_type, 1, json.as_bytes()).unwrap()
}

fn stream_of(event: &Event) -> StreamId {
    match event {
        Event::Seller(
            seller::Event::Registered(seller::Registered { seller_id, .. })
            | seller::Event::Suspended(seller::Suspended { seller_id, .. })
            | seller::Event::Reinstated(seller::Reinstated { seller_id, .. }),
        ) => StreamId::Seller(*seller_id),
        Event::Category(
            category::Event::Created(category::Created { category_id, .. })
            | category::Event::Renamed(category::Renamed { category_id, .. })
            | category::Event::Retired(category::Retired { category_id, .. }),
        ) => StreamId::Category(*category_id),
        Event::Listing(event) => StreamId::Listing(event.listing_id()),
        Event::Inventory(event) => StreamId::Inventory(event.listing_id()),
        Event::Checkout(event) => StreamId::Checkout(event.checkout_id()),
        Event::Order(event) => StreamId::Order(event.trade().order_id),
        Event::Escrow(event) => StreamId::Escrow(event.trade().order_id),
        Event::Shipment(event) => StreamId::Shipment(event.shipment_id()),
        Event::Review(event) => StreamId::Review(event.review_id()),
        Event::Like(event) => StreamId::Like(event.like_id()),
        Event::Policy(policy::Event::Recorded(event)) => StreamId::Policy(event.terms.kind()),
    }
}
