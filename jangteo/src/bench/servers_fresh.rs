//! How long after its commit an order can be read and a listing be found, on the real stack at half
//! of its load.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::Bench;
use super::figure::{Figure, Goal};
use super::fresh::{LISTINGS, full_load, half_load, percentile};
use super::http::{Connection, get};
use super::market::Market;
use super::orders::PIECES;
use super::site::Site;
use super::stack::Stack;

/// Their numbers are words of titles that no listing of the market has.
const FIRST_NUMBER: usize = 7_100_000;
/// Each is a search beside the orders: more often they would be the load.
const POLL: Duration = Duration::from_millis(50);
const WAIT_MAX: Duration = Duration::from_secs(30);

pub(super) async fn figures(bench: &Bench, stack: &Stack) -> anyhow::Result<Vec<Figure>> {
    let site = stack.site(&bench.world).await?;
    let measured = measured(bench, &site).await;
    site.stop().await?;
    measured
}

async fn measured(bench: &Bench, site: &Site) -> anyhow::Result<Vec<Figure>> {
    let market = Market::open(&site.stores.log, &bench.world, LISTINGS, PIECES).await?;
    let full = full_load(bench, site, &market).await?;
    let half = half_load(bench, site, &market, full / 2.0);
    let (waits, found) = tokio::try_join!(half, searchable(bench, site, &market))?;
    let mut figures = waits.figures("on servers", full, Goal::AtMost(150.0))?;
    figures.push(Figure::new(
        format!("commit to searchable, on servers: p99 of {} at half load", found.len()),
        percentile(found, 99)?,
        "ms",
        Goal::AtMost(1_200.0),
    ));
    Ok(figures)
}

/// Puts one listing on sale after the other; how long each took to be found over HTTP by a word.
async fn searchable(bench: &Bench, site: &Site, market: &Market) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(site.address).await?;
    let (started, mut waits) = (Instant::now(), vec![]);
    while started.elapsed() < bench.time {
        let number = FIRST_NUMBER + waits.len();
        let listing_id = market.offer(number, 1).await?.to_string();
        let request = get(&format!("/products?q={number}"));
        let (committed, mut ticks) = (Instant::now(), tokio::time::interval(POLL));
        loop {
            ticks.tick().await;
            let answer = connection.send(&request).await?;
            if String::from_utf8_lossy(answer.body).contains(&listing_id) {
                break waits.push(committed.elapsed());
            }
            ensure!(committed.elapsed() < WAIT_MAX, "listing {listing_id} is never found");
        }
    }
    Ok(waits)
}
