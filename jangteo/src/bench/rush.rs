//! 1,000 buyers at once, each on a connection of its own, want one item of which 10 are left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use events_schema::envelope::Version;
use events_schema::stream::StreamId;
use storage::event_log::READ_MAX;
use tokio::sync::Barrier;
use tokio_util::task::TaskTracker;

use super::Bench;
use super::figure::{Figure, Goal};
use super::http::{Connection, post};
use super::market::{Market, order_body};
use super::postgres::Server;
use super::site::Site;
use crate::service::Roles;

const BUYERS: usize = 1_000;
const PIECES: u32 = 10;

pub(super) async fn figures(bench: &Bench, server: Option<&Server>) -> anyhow::Result<Vec<Figure>> {
    let mut figures = rush(bench, None, "SQLite").await?;
    match server {
        None => figures
            .push(Figure::not_measured("1,000 buyers, stock 10, PostgreSQL", "give --postgres")),
        Some(server) => {
            let database = server.database(&bench.world).await?;
            figures.extend(rush(bench, Some(database.url.clone()), "PostgreSQL").await?);
        }
    }
    Ok(figures)
}

async fn rush(bench: &Bench, log: Option<String>, on: &str) -> anyhow::Result<Vec<Figure>> {
    let site = Site::start(Roles::EMBEDDED, log, &bench.world).await?;
    let market = Market::open(&site.stores.log, &bench.world, 1, PIECES).await?;
    let Some(listing_id) = market.listings.first().copied() else { bail!("nothing is on sale") };
    let answers = answers(bench, &site, &order_body(listing_id)).await?;
    let stream = StreamId::Inventory(listing_id);
    let history = site.stores.log.read_stream(stream, Version(0), READ_MAX).await?.events;
    site.stop().await?;
    let held = history.iter().filter(|event| event.meta.event_type == "inventory.reserved").count();
    let won = answers.iter().filter(|(status, _)| *status == 201).count();
    if held != won {
        bail!("{won} buyers were told that they have it, the log holds it for {held}");
    }
    let lost = answers.iter().filter(|(status, _)| *status != 201);
    let worst = lost.map(|(_, took)| *took).max().unwrap_or_default();
    let (sold, worst) = (f64::from(u32::try_from(won)?), worst.as_secs_f64() * 1_000.0);
    let name = |what: &str| format!("1,000 buyers, stock 10, {on}: {what}");
    Ok(vec![
        Figure::new(name("sold"), sold, "pieces", Goal::Exactly(PIECES.into())),
        Figure::new(name("worst answer to a loser"), worst, "ms", Goal::AtMost(2_000.0)),
    ])
}

/// What each buyer was answered, and after how long.
async fn answers(bench: &Bench, site: &Site, body: &str) -> anyhow::Result<Vec<(u16, Duration)>> {
    // A connection that sends nothing is soon cut: all is made ready before the first is opened.
    let mut requests = vec![];
    for _ in 0..BUYERS {
        requests.push(post("/orders", &site.buyer()?, &bench.world.uuid().to_string(), body));
    }
    let start = Arc::new(Barrier::new(BUYERS));
    let tracker = TaskTracker::new();
    let mut buyers = vec![];
    for request in requests {
        let mut connection = Connection::open(site.address).await?;
        let start = Arc::clone(&start);
        buyers.push(tracker.spawn(async move {
            start.wait().await;
            let asked = Instant::now();
            let answer = connection.send(&request).await?;
            match answer.status {
                // Sold out is a conflict; anything else is no answer to this question.
                201 | 409 => Ok((answer.status, asked.elapsed())),
                _other => answer.expect(201).map(|()| (201, asked.elapsed())),
            }
        }));
    }
    let mut answers = vec![];
    for buyer in buyers {
        answers.push(buyer.await??);
    }
    Ok(answers)
}
