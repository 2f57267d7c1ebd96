//! Every view from the first event on the real stack, beside reading the log and beside the driver's own
//! bulk upsert of the documents that come out, into the same server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use events_schema::envelope::Position;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use mongodb::bson::{Document, doc};
use mongodb::{Client, Database, IndexModel};
use projector::Ports;
use storage::bus::SharedBus;
use storage::bus::tail::TailBus;
use storage::documents::watched::{Watch, Watched};
use storage::documents::{SharedDocuments, Stored};
use storage::event_log::{self, SharedLog};

use super::Bench;
use super::figure::{Figure, Floor, Goal, number};
use super::held_bus::HeldBus;
use super::rebuild::{make_history, read, rebuilt};
use super::stack::Stack;

/// Of an order.
const EVENTS: u64 = 4;
const BULK: usize = 1_000;
const BULKS_AT_ONCE: usize = 4;
/// Documents of one answer.
const BATCH: u32 = 1_000;

/// Counts the documents that are written.
#[derive(Debug, Default)]
struct Written(AtomicU64);

impl Watch for Written {
    fn after_put(&self, documents: &[Stored]) {
        let count = u64::try_from(documents.len()).unwrap_or(u64::MAX);
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

pub(super) async fn figures(bench: &Bench, stack: &Stack) -> anyhow::Result<Vec<Figure>> {
    let log = event_log::open(stack.log(), bench.world.clone()).await?;
    make_history(&log, &bench.world, usize::try_from(bench.servers.events / EVENTS)?).await?;
    stack.settle().await?;
    let (read, events) = read(&log).await?;
    let (tail, until) = (TailBus::new(log.clone()), Position(events));
    let held = Arc::new(HeldBus::read(tail.clone(), until).await?);
    let (rebuilt, written) = run(bench, stack, &log, Arc::new(tail), until).await?;
    stack.remove_views().await?;
    let (viewed, taken_up) = run(bench, stack, &log, held, until).await?;
    log.close().await;
    let (upserted, documents) = upserted(stack.documents()).await?;

    let each = |count: u64, took: Duration| number(count) / took.as_secs_f64();
    let (reading, upserting) = (each(events, read), each(events, upserted));
    let floor = Floor::slower(
        Floor { name: "reading the log", value: reading },
        Floor { name: "the driver's bulk upsert", value: upserting },
    );
    let driver = Floor { name: "the driver's bulk upsert", value: each(documents, upserted) };
    let of = |what: &str| format!("rebuild on servers, {events} events: {what}");
    let all = of(&format!("{written} documents written for {documents}"));
    let views = format!("views into documents, {events} events from memory: {taken_up} written");
    Ok(vec![
        Figure::new(views, each(taken_up, viewed), "documents/s", Goal::Times(0.7, driver)),
        Figure::new(of("reading the log"), reading, "events/s", Goal::None),
        Figure::new(of("the driver's bulk upsert"), upserting, "events/s", Goal::None),
        Figure::new(of("every view"), each(events, rebuilt), "events/s", Goal::Times(0.4, floor)),
        Figure::new(all, each(written, rebuilt), "documents/s", Goal::None),
    ])
}

/// Every view into empty stores: how long it took, and how many documents were written.
async fn run(
    bench: &Bench,
    stack: &Stack,
    log: &SharedLog,
    bus: SharedBus,
    until: Position,
) -> anyhow::Result<(Duration, u64)> {
    let (documents, search) = stack.kept().await?;
    let watched = Arc::new(Watched::new(documents, Written::default()));
    let kept: (SharedDocuments, _) = (watched.clone(), search);
    let ports = Ports::of_one_process(Arc::clone(log), bus, kept, bench.world.clone());
    let took = rebuilt(&ports, until).await?;
    Ok((took, watched.watch.0.load(Ordering::Relaxed)))
}

/// All documents of a database into another with the same indexes, as fast as the driver does it: how long
/// that took, and how many there were.
async fn upserted(url: &str) -> anyhow::Result<(Duration, u64)> {
    let client = Client::with_uri_str(url).await?;
    let from = client.default_database().context("--documents")?;
    let to = client.database(&format!("{}_again", from.name()));
    let (mut took, mut count) = (Duration::ZERO, 0);
    for name in from.list_collection_names().await? {
        // What begins so is no collection of documents.
        if name.starts_with('_') {
            continue;
        }
        let all: Vec<Document> = from
            .collection::<Document>(&name)
            .find(doc! {})
            .batch_size(BATCH)
            .await?
            .try_collect()
            .await?;
        copy_indexes(&from, &to, &name).await?;
        count += u64::try_from(all.len())?;
        let bulks: Vec<Document> = all.chunks(BULK).map(|bulk| update(&name, bulk)).collect();
        let started = Instant::now();
        let sent = stream::iter(bulks).map(|bulk| to.run_command(bulk));
        let _: Vec<Document> =
            sent.map(IntoFuture::into_future).buffer_unordered(BULKS_AT_ONCE).try_collect().await?;
        took += started.elapsed();
    }
    to.drop().await?;
    Ok((took, count))
}

async fn copy_indexes(from: &Database, to: &Database, name: &str) -> anyhow::Result<()> {
    let indexes: Vec<IndexModel> =
        from.collection::<Document>(name).list_indexes().await?.try_collect().await?;
    let own = indexes.into_iter().filter(|index| index.keys.keys().ne(["_id"]));
    let own: Vec<IndexModel> = own.collect();
    if !own.is_empty() {
        to.collection::<Document>(name).create_indexes(own).await?;
    }
    Ok(())
}

fn update(name: &str, documents: &[Document]) -> Document {
    let updates: Vec<Document> = documents
        .iter()
        .map(|document| doc! { "q": { "_id": document.get("_id") }, "u": document, "upsert": true })
        .collect();
    doc! {
        "update": name,
        "updates": updates,
        "ordered": false,
        "writeConcern": { "w": "majority" },
    }
}
