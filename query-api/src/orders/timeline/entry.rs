//! One step of a trade as it is shown, and to whom.

use std::collections::BTreeMap;

use edge::documented;
use edge::problem::Problem;
use events_schema::envelope::{Recorded, Version};
use events_schema::ids::{CommandId, EventId, OrderId, PersonId};
use events_schema::time::Timestamp;
use events_schema::{Event, checkout, listing, order, review};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::summary;
use crate::access::Seat;
use crate::failure;
use crate::personal::Shown;
use crate::state::Queries;

/// Every step once, in the order of positions. Who moderated what, and why, is for the staff alone.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Timeline {
    order_id: OrderId,
    entries: Vec<Entry>,
}

/// What happened, when, by whom and why.
#[derive(Debug, JsonSchema, Serialize)]
struct Entry {
    position: u64,
    stream: String,
    version: Version,
    event_id: EventId,
    #[serde(rename = "type")]
    kind: String,
    /// When it happened.
    occurred_at: Timestamp,
    /// When we learned it.
    recorded_at: Timestamp,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<PersonId>,
    origin: &'static str,
    command_id: CommandId,
    /// The event or command that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
    content_hash: String,
    /// In Korean, without personal data.
    summary: String,
    /// The event's data. Personal data is opened for the trade's sides; what concerns other orders
    /// of the checkout is left out for sellers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    data: Option<Value>,
}

documented!(Timeline);

pub(super) async fn timeline(
    queries: &Queries,
    order_id: OrderId,
    events: Vec<Recorded<Event>>,
    seat: Seat,
) -> Result<Timeline, Problem> {
    let alone = !events.iter().any(|recorded| is_shared(&recorded.event));
    let mut entries = Vec::with_capacity(events.len());
    for recorded in &events {
        if seat != Seat::Staff && is_moderation(&recorded.event) {
            continue;
        }
        let shown = seat != Seat::Seller || alone || !matches!(recorded.event, Event::Checkout(_));
        let data = if shown { Some(data(queries, &recorded.event).await?) } else { None };
        entries.push(entry(recorded, data));
    }
    Ok(Timeline { order_id, entries })
}

/// What the marketplace's people did about a listing or a review, and at whose word.
const fn is_moderation(event: &Event) -> bool {
    matches!(
        event,
        Event::Review(review::Event::Reported(_))
            | Event::Listing(
                listing::Event::Rejected(_)
                    | listing::Event::Suspended(_)
                    | listing::Event::Resumed(_)
            )
    )
}

/// Whether several sellers share the checkout.
fn is_shared(event: &Event) -> bool {
    matches!(event, Event::Checkout(checkout::Event::Opened(opened)) if opened.shares.len() > 1)
}

fn entry(recorded: &Recorded<Event>, data: Option<Value>) -> Entry {
    let meta = &recorded.meta;
    Entry {
        position: recorded.position.0,
        stream: meta.stream.to_string(),
        version: meta.version,
        event_id: meta.event_id,
        kind: meta.event_type.to_string(),
        occurred_at: meta.occurred_at,
        recorded_at: recorded.recorded_at,
        actor: meta.actor.to_string(),
        on_behalf_of: meta.on_behalf_of,
        origin: meta.origin.as_str(),
        command_id: meta.command_id,
        causation_id: meta.causation_id.map(|cause| cause.to_string()),
        content_hash: recorded.content_hash.to_string(),
        summary: if data.is_some() {
            summary::of(&recorded.event)
        } else {
            summary::CHECKOUT_OF_SEVERAL.to_owned()
        },
        data,
    }
}

/// Whoever has a seat in the trade may read its address and its reviews.
async fn data(queries: &Queries, event: &Event) -> Result<Value, Problem> {
    let bytes = event.encode().map_err(|error| failure::bug(&error))?;
    let mut data: Value = serde_json::from_slice(&bytes).map_err(|error| failure::bug(&error))?;
    if let Event::Order(order::Event::Placed(placed)) = event
        && let Some(address) = Shown::open(queries.sealer(), placed.address.as_ref()).await?
    {
        data["address"] = address.into_value();
    }
    if let Event::Review(review::Event::Written(written)) = event
        && let Some(comment) = Shown::open(queries.sealer(), written.comment.as_ref()).await?
    {
        data["comment"] = comment.into_value();
    }
    Ok(data)
}
