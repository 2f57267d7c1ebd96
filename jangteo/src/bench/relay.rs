//! How fast the log gets into Kafka, beside reading it and beside the same client that sends the
//! same messages from memory.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use events_schema::envelope::Position;
use storage::event_log::{self, Filter, READ_MAX, SharedLog};

use super::Bench;
use super::bare_producer::{messages, sent};
use super::figure::{Figure, Floor, Goal, number};
use super::postgres::Server;
use super::rebuild::make_history;
use super::topics::Topics;

/// Some 200,000 events.
const ORDERS: usize = 49_024;

pub(super) async fn figures(
    bench: &Bench,
    server: &Server,
    kafka: &str,
) -> anyhow::Result<Vec<Figure>> {
    let database = server.database(&bench.world).await?;
    let log = event_log::open(&database.url, bench.world.clone()).await?;
    make_history(&log, &bench.world, ORDERS).await?;
    database.settle().await?;
    let topics = || Topics::new(kafka, &bench.world);
    let all = [topics()?, topics()?, topics()?];
    let measured = measured(&log, &all).await;
    for topics in &all {
        topics.remove().await?;
    }
    log.close().await;
    measured
}

async fn measured(
    log: &SharedLog,
    [relayed, zstd, lz4]: &[Topics; 3],
) -> anyhow::Result<Vec<Figure>> {
    let events = log.head().await?.position.0;
    let per_second = |took: Duration| number(events) / took.as_secs_f64();
    let read = per_second(read(log).await?);
    let out = per_second(published(log, relayed).await?);
    let messages = messages(relayed, events).await?;
    let zstd = per_second(sent(log, &messages, (relayed, zstd), "zstd").await?);
    let lz4 = per_second(sent(log, &messages, (relayed, lz4), "lz4").await?);
    let reading = Floor { name: "reading the log", value: read };
    let floor = Floor::slower(reading, Floor { name: "the bare producer", value: lz4 });
    let of = |what: &str| format!("relay, PostgreSQL to Kafka, {events} events: {what}");
    let better = if zstd > lz4 { "the better one" } else { "the lesser one" };
    let zstd_name = of(&format!("bare producer, zstd, {better}"));
    Ok(vec![
        Figure::new(of("reading the log"), read, "events/s", Goal::None),
        Figure::new(of("bare producer, lz4"), lz4, "events/s", Goal::None),
        Figure::new(zstd_name, zstd, "events/s", Goal::None),
        Figure::new(of("acknowledged"), out, "events/s", Goal::Times(0.7, floor)),
    ])
}

/// Page by page, as the relay reads it: nothing is decoded.
async fn read(log: &SharedLog) -> anyhow::Result<Duration> {
    let (mut after, head) = (Position(0), log.head().await?.position);
    let started = Instant::now();
    while after < head {
        let page = log.read(after, &Filter::default(), READ_MAX).await?.events;
        after = page.last().context("the log has a hole")?.position;
    }
    Ok(started.elapsed())
}

async fn published(log: &SharedLog, topics: &Topics) -> anyhow::Result<Duration> {
    let head = log.head().await?;
    let mut publication = topics.publication(head.epoch).await?;
    let started = Instant::now();
    while publication.step(log).await? {}
    let reached = publication.flush().await?;
    ensure!(reached == head.position, "acknowledged up to {reached} of {}", head.position);
    Ok(started.elapsed())
}
