//! `jangteo timeline`: everything that happened in one trade, straight from the log.

use std::str::FromStr;

use clap::Args;
use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::ids::{CheckoutId, CorrelationId, ListingId, OrderId};
use events_schema::stream::StreamId;
use events_schema::{Event, order};
use query_api::events::line::Line;
use serde::Serialize;
use storage::event_log::{EventLog, Filter, READ_MAX};

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, StoreOptions};

/// Show everything that happened in one trade, the listings as they were seen included
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo timeline ord_01h455vb4pex5vsknk084sn02q
  jangteo timeline chk_01h455vb4pex5vsknk084sn02q --json")]
pub struct Options {
    /// An order (`ord_…`) or a checkout (`chk_…`)
    #[arg(env = "JANGTEO_TRADE")]
    trade: Trade,

    #[command(flatten)]
    stores: StoreOptions,
}

#[derive(Clone, Copy, Debug)]
enum Trade {
    Order(OrderId),
    Checkout(CheckoutId),
}

impl FromStr for Trade {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let order = text.parse().map(Self::Order);
        order
            .or_else(|_| text.parse().map(Self::Checkout))
            .map_err(|_| "a trade is named by its order (ord_…) or its checkout (chk_…)".to_owned())
    }
}

#[derive(Serialize)]
struct Timeline<'a> {
    events: Vec<Line<'a>>,
}

/// # Errors
/// When the trade is not known or the log cannot be read.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let log = stores::log(&options.stores).await?;
    let checkout_id = match options.trade {
        Trade::Checkout(checkout_id) => checkout_id,
        Trade::Order(order_id) => checkout_of(&*log, order_id).await?,
    };
    let events = events_of(&*log, checkout_id).await?;
    if events.is_empty() {
        return Err(Failure::configuration(format!("there is no {checkout_id}")));
    }
    let lines = events.iter().map(Line::of).collect::<Result<_, _>>()?;
    output.answer(&Timeline { events: lines }, |_| text(&events))?;
    Ok(Outcome::Well)
}

async fn checkout_of(log: &dyn EventLog, order_id: OrderId) -> Result<CheckoutId, Failure> {
    let first = log.read_stream(StreamId::Order(order_id), Version(0), 1).await?.events.pop();
    let event = first.map(Recorded::decode).transpose()?;
    let checkout_id = event.and_then(|recorded| recorded.event.checkout_id());
    checkout_id.ok_or_else(|| Failure::configuration(format!("there is no {order_id}")))
}

/// The trade's events, and those of its listings up to the versions that the buyer saw.
async fn events_of(
    log: &dyn EventLog,
    checkout_id: CheckoutId,
) -> Result<Vec<Recorded<Payload>>, Failure> {
    let correlation_id = Some(CorrelationId::new(checkout_id.as_uuid()));
    let filter = Filter { correlation_id, ..Filter::default() };
    let mut events = vec![];
    let mut next = Some(Position(0));
    while let Some(after) = next {
        let page = log.read(after, &filter, READ_MAX).await?;
        next = page.next;
        events.extend(page.events);
    }
    for (listing_id, version) in listings_seen(&events)? {
        let mut after = Version(0);
        while after < version {
            let stream = StreamId::Listing(listing_id);
            let page = log.read_stream(stream, after, READ_MAX).await?.events;
            let Some(last) = page.last() else { break };
            after = last.meta.version;
            events.extend(page.into_iter().filter(|event| event.meta.version <= version));
        }
    }
    events.sort_by_key(|event| event.position);
    events.dedup_by_key(|event| event.position);
    Ok(events)
}

fn listings_seen(events: &[Recorded<Payload>]) -> Result<Vec<(ListingId, Version)>, Failure> {
    let mut seen = vec![];
    for event in events.iter().filter(|event| event.meta.event_type == "order.placed") {
        if let Event::Order(order::Event::Placed(placed)) = event.clone().decode()?.event {
            seen.extend(placed.lines.iter().map(|line| (line.listing_id, line.listing_version)));
        }
    }
    Ok(seen)
}

fn text(events: &[Recorded<Payload>]) -> String {
    let line = |event: &Recorded<Payload>| {
        let meta = &event.meta;
        format!(
            "{:>10}  {}  {:<26} {:<38} {}\n",
            event.position, meta.occurred_at, meta.event_type, meta.stream, meta.actor
        )
    };
    events.iter().map(line).collect()
}
