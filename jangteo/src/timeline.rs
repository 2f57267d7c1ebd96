//! `jangteo timeline`: everything that happened in one trade, straight from the log.

use std::str::FromStr;

use clap::Args;
use events_schema::envelope::{Payload, Recorded};
use events_schema::ids::{CheckoutId, OrderId};
use query_api::events::line::Line;
use query_api::orders::timeline::gather;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, LogOptions};

/// Show everything that happened in one trade, the listings as they were seen included
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo timeline ord_01h455vb4pex5vsknk084sn02q
  jangteo timeline chk_01h455vb4pex5vsknk084sn02q --json")]
pub struct Options {
    /// An order (`ord_…`), or a checkout (`chk_…`) with all of its orders
    #[arg(env = "JANGTEO_TRADE")]
    trade: Trade,

    #[command(flatten)]
    stores: LogOptions,
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
    let (checkout_id, order_id) = match options.trade {
        Trade::Checkout(checkout_id) => (Some(checkout_id), None),
        Trade::Order(order_id) => {
            let trade = gather::trade(&log, order_id).await?;
            (trade.map(|trade| trade.checkout_id), Some(order_id))
        }
    };
    let events = match checkout_id {
        Some(checkout_id) => gather::events(&log, checkout_id, order_id).await?,
        None => vec![],
    };
    if events.is_empty() {
        return Err(Failure::configuration("there is no such trade in the log"));
    }
    let lines = events.iter().map(Line::of).collect::<Result<_, _>>()?;
    output.answer(&Timeline { events: lines }, |_| text(&events))?;
    Ok(Outcome::Well)
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
