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
    waits.figures("SQLite", full, Goal::AtMost(50.0))
}

/// How long each order took.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Until its document was stored.
    visible: Vec<Duration>,
    /// Until its view was as far as its last event, which whoever names its position waits for.
    reached: Vec<Duration>,
}

impl Waits {
    pub(super) fn figures(self, on: &str, full: f64, goal: Goal) -> anyhow::Result<Vec<Figure>> {
        let (visible, reached) = (percentile(self.visible, 99)?, percentile(self.reached, 99)?);
        let of = |what: &str| format!("commit to {what}, {on}: p99 at half load");
        Ok(vec![
            Figure::new(
                format!("commit to visible, {on}: full load"),
                full,
                "orders/s",
                Goal::None,
            ),
            Figure::new(of("visible"), visible, "ms", goal),
            Figure::new(of("readable by its position"), reached, "ms", Goal::None),
        ])
    }
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
) -> anyhow::Result<Waits> {
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
                let (order_id, position) = placed(connection.send(&request).await?.body)?;
                let (committed, views) = (Instant::now(), views.clone());
                waits.push(of_waits.spawn(async move {
                    // Whoever waits in vain is counted with the whole of it.
                    let _ = views.wait_until(VIEW, position, WAIT_MAX).await;
                    (order_id, committed, committed.elapsed())
                }));
            }
            anyhow::Ok(waits)
        }));
    }
    let mut all = Waits::default();
    for buyer in buyers {
        for wait in buyer.await?? {
            let (order_id, committed, reached) = wait.await?;
            let seen = site.seen.at(&order_id).context("an order has no document")?;
            all.visible.push(seen.saturating_duration_since(committed));
            all.reached.push(reached);
        }
    }
    Ok(all)
}

/// The order's id, and the position of its last event.
fn placed(body: &[u8]) -> anyhow::Result<(String, Position)> {
    let body: serde_json::Value = serde_json::from_slice(body)?;
    let order_id = body["orders"][0]["id"].as_str().context("the answer has no order")?;
    let position = body["position"].as_u64().context("the answer has no position")?;
    Ok((order_id.to_owned(), Position(position)))
}

/// Returns once every view has got there.
pub(super) async fn caught_up(views: &Views, position: Position) -> anyhow::Result<()> {
    for view in projector::registry::VIEWS {
        let waited = views.wait_until(view.name, position, Duration::from_secs(600)).await;
        waited.with_context(|| format!("view {}", view.name))?;
    }
    Ok(())
}
