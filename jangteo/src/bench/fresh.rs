//! How long after its commit an order can be read, at half of the load that the machine takes.

use std::time::{Duration, Instant};

use anyhow::Context;
use events_schema::envelope::Position;
use projector::progress::Views;
use tokio_util::task::TaskTracker;

use super::Bench;
use super::callers::Tally;
use super::figure::{Figure, Goal, number};
use super::http::{Connection, post};
use super::market::{Market, order_body};
use super::orders::{self, PIECES};
use super::site::Site;
use crate::service::Roles;

const CALLERS: usize = 32;
pub(super) const LISTINGS: usize = 512;

const VIEW: &str = "order";
const WAIT_MAX: Duration = Duration::from_secs(10);

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let site = Site::start(Roles::EMBEDDED, None, &bench.world).await?;
    let market = Market::open(&site.stores.log, &bench.world, LISTINGS, PIECES).await?;
    let full = full_load(bench, &site, &market).await?;
    let waits = half_load(bench, &site, &market, full / 2.0).await?;
    site.stop().await?;
    let milliseconds = percentile(waits, 99)?;
    Ok(vec![
        Figure::new("commit to visible, SQLite: full load", full, "orders/s", Goal::None),
        Figure::new("commit to visible, p99 at half load", milliseconds, "ms", Goal::AtMost(50.0)),
    ])
}

/// Orders a second that [`CALLERS`] place and every view takes up: what is placed faster than it is
/// taken up is no load that the machine carries.
pub(super) async fn full_load(bench: &Bench, site: &Site, market: &Market) -> anyhow::Result<f64> {
    let started = Instant::now();
    let placed = orders::placed(site, market, CALLERS, &bench.world, bench.time).await?;
    caught_up(&site.views, site.stores.log.head().await?.position).await?;
    Ok(Tally { elapsed: started.elapsed(), ..placed }.per_second())
}

/// In milliseconds.
pub(super) fn percentile(mut waits: Vec<Duration>, percent: usize) -> anyhow::Result<f64> {
    waits.sort();
    let place = waits.len().saturating_mul(percent) / 100;
    let wait = waits.get(place).or(waits.last()).context("nothing was measured")?;
    Ok(wait.as_secs_f64() * 1_000.0)
}

/// In milliseconds.
pub(super) fn mean(times: &[Duration]) -> f64 {
    let count = number(u64::try_from(times.len()).unwrap_or(u64::MAX));
    times.iter().sum::<Duration>().as_secs_f64() * 1_000.0 / count
}

/// Orders at a steady rate, shared out over the callers; how long each took from its answer to its
/// document.
pub(super) async fn half_load(
    bench: &Bench,
    site: &Site,
    market: &Market,
    rate: f64,
) -> anyhow::Result<Vec<Duration>> {
    let callers = f64::from(u32::try_from(CALLERS)?);
    let interval = Duration::from_secs_f64(callers / rate);
    let tracker = TaskTracker::new();
    let started = Instant::now();
    let mut buyers = vec![];
    for number in 0..CALLERS {
        let mut connection = Connection::open(site.address).await?;
        let (token, views, world) = (site.buyer()?, site.views.clone(), bench.world.clone());
        let (listings, time, of_waits) = (market.listings.clone(), bench.time, tracker.clone());
        let offset = interval.mul_f64(f64::from(u32::try_from(number)?) / callers);
        buyers.push(tracker.spawn(async move {
            let mut ticks = tokio::time::interval_at((started + offset).into(), interval);
            let (mut waits, mut next) = (vec![], number * listings.len() / CALLERS);
            while started.elapsed() < time {
                ticks.tick().await;
                let body = order_body(listings[next % listings.len()]);
                next += 1;
                let request = post("/orders", &token, &world.uuid().to_string(), &body);
                let position = position(connection.send(&request).await?.body)?;
                let (committed, views) = (Instant::now(), views.clone());
                waits.push(of_waits.spawn(async move {
                    // Whoever waits in vain is counted with the whole of it.
                    let _ = views.wait_until(VIEW, position, WAIT_MAX).await;
                    committed.elapsed()
                }));
            }
            anyhow::Ok(waits)
        }));
    }
    let mut delays = vec![];
    for buyer in buyers {
        for wait in buyer.await?? {
            delays.push(wait.await?);
        }
    }
    Ok(delays)
}

fn position(body: &[u8]) -> anyhow::Result<Position> {
    let body: serde_json::Value = serde_json::from_slice(body)?;
    body["position"].as_u64().map(Position).context("the answer has no position")
}

/// Returns once every view has got there.
pub(super) async fn caught_up(views: &Views, position: Position) -> anyhow::Result<()> {
    for view in projector::registry::VIEWS {
        let waited = views.wait_until(view.name, position, Duration::from_secs(600)).await;
        waited.with_context(|| format!("view {}", view.name))?;
    }
    Ok(())
}
