//! Every view from the first event: how fast, beside reading the log and beside writing the same
//! documents in bulk.

use std::time::{Duration, Instant};

use anyhow::Context;
use events_schema::envelope::Position;
use projector::registry::VIEWS;
use projector::{Ports, Projector};
use storage::bus::tail::TailBus;
use storage::documents::{self, Collection, Generation, SharedDocuments, Stored};
use storage::event_log::{self, Filter, READ_MAX, SharedLog};
use storage::search;
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Bench;
use super::figure::{Figure, Floor, Goal, number};
use super::fresh::caught_up;
use super::market::Market;
use super::orders::PIECES;
use crate::stores::{StoreOptions, Urls};

const LISTINGS: usize = 1_000;
const ORDERS: usize = 24_000;
const UNIT: usize = 64;

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let data = bench.history.as_deref().unwrap_or(folder.path());
    let url = StoreOptions::in_folder(data, Urls::default()).log_url();
    if bench.history.is_none() {
        event_log::migrate(&url).await?;
        let log = event_log::open(&url, bench.world.clone()).await?;
        make_history(&log, &bench.world, ORDERS).await?;
        log.close().await;
    }
    let log = event_log::open_read_only(&url, bench.world.clone()).await?;
    let (read, events) = read(&log).await?;
    let place = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let bus = std::sync::Arc::new(TailBus::new(log.clone()));
    let index = format!("tantivy:{}", folder.path().join("rebuilt").display());
    let kept = (documents::open(&place("rebuilt.db")).await?, search::open(&index).await?);
    let ports = Ports::of_one_process(log.clone(), bus, kept, bench.world.clone());
    let rebuilt = rebuilt(&ports, Position(events)).await?;
    let (written, count) = written(&ports.documents, &place("written.db")).await?;
    let per_second = |took: Duration| number(events) / took.as_secs_f64();
    let reading = Floor { name: "reading the log", value: per_second(read) };
    let writing = Floor { name: "writing the documents", value: per_second(written) };
    let floor = Floor::slower(reading, writing);
    let of = |what: &str| format!("rebuild, {events} events, {count} documents: {what}");
    Ok(vec![
        Figure::new(of("reading the log"), per_second(read), "events/s", Goal::None),
        Figure::new(of("writing the documents"), per_second(written), "events/s", Goal::None),
        Figure::new(of("every view"), per_second(rebuilt), "events/s", Goal::Times(0.4, floor)),
    ])
}

/// A shop, its listings, and orders for them, of four events each.
pub(super) async fn make_history(
    log: &SharedLog,
    world: &World,
    orders_wanted: usize,
) -> anyhow::Result<()> {
    let market = Market::open(log, world, LISTINGS, PIECES).await?;
    let orders = |unit: usize| {
        let listings = market.listings.iter().cycle().skip(unit * UNIT).take(UNIT);
        listings.map(|listing_id| market.order(*listing_id)).collect::<anyhow::Result<Vec<_>>>()
    };
    for unit in 0..orders_wanted / UNIT {
        for placed in market.executor.execute_batch(orders(unit)?).await {
            placed?;
        }
    }
    Ok(())
}

/// Every event, read and decoded, in pages.
pub(super) async fn read(log: &SharedLog) -> anyhow::Result<(Duration, u64)> {
    let started = Instant::now();
    let (mut after, head) = (Position(0), log.head().await?.position);
    while after < head {
        for event in log.read(after, &Filter::default(), READ_MAX).await?.events {
            after = event.position;
            std::hint::black_box(event.decode()?);
        }
    }
    Ok((started.elapsed(), head.0))
}

/// Up to this position by the code that runs live, into empty stores.
pub(super) async fn rebuilt(ports: &Ports, until: Position) -> anyhow::Result<Duration> {
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let started = Instant::now();
    let projector = Projector::start(ports.clone(), tracker.clone(), shutdown.clone());
    caught_up(projector.views(), until).await?;
    let elapsed = started.elapsed();
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    Ok(elapsed)
}

/// The documents that were rebuilt, into another store with the same indexes, in the largest bulks
/// that it takes.
async fn written(rebuilt: &SharedDocuments, url: &str) -> anyhow::Result<(Duration, usize)> {
    let fresh = documents::open(url).await?;
    let (mut elapsed, mut count) = (Duration::ZERO, 0);
    for spec in VIEWS {
        let collection = (spec.collection)();
        let generation = rebuilt.serving(collection).await?.context("a view serves nothing")?;
        fresh.declare(collection, generation).await?;
        let all = scan(rebuilt, collection, generation).await?;
        let started = Instant::now();
        for bulk in all.chunks(documents::PUT_MAX) {
            fresh.put(collection, generation, bulk, None).await?;
        }
        elapsed += started.elapsed();
        count += all.len();
    }
    Ok((elapsed, count))
}

async fn scan(
    store: &SharedDocuments,
    collection: &Collection,
    generation: Generation,
) -> anyhow::Result<Vec<Stored>> {
    let mut all: Vec<Stored> = vec![];
    loop {
        let after = all.last().map(|stored| stored.id.clone());
        let page =
            store.scan(collection, generation, after.as_deref(), documents::PAGE_MAX).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}
