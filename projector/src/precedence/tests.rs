//! A backlog in a view of each rank, and who is done with it first.

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../../tests/support/market.rs"]
mod market;

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::Event;
use events_schema::envelope::{Epoch, Meta, Payload, Position, Recorded};
use events_schema::time::Timestamp;
use storage::bus::{self, Bus, Delivery, SharedBus, Starts, Subscription};
use storage::documents::Generation;
use storage::event_log::{self, SharedLog};
use storage::world::World;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::market::Market;
use super::*;
use crate::Ports;
use crate::group::{self, Ground, Running, Work};
use crate::progress::Views;
use crate::registry::{Spec, view};

/// What is delivered at once.
const DELIVERIES: usize = 20;

/// A bus whose one partition holds these, and nothing more.
#[derive(Clone, Debug)]
struct Backlog(Vec<Delivery>);

#[async_trait]
impl Bus for Backlog {
    fn partitions(&self) -> u32 {
        1
    }

    fn partition_of(&self, _: &Meta) -> u32 {
        0
    }

    async fn subscribe(&self, _: &Starts) -> Result<Box<dyn Subscription>, bus::Error> {
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl Subscription for Backlog {
    async fn next(&mut self) -> Result<Vec<Delivery>, bus::Error> {
        if self.0.is_empty() {
            std::future::pending::<()>().await;
        }
        Ok(self.0.drain(..self.0.len().min(DELIVERIES)).collect())
    }
}

fn delivery(recorded: &Recorded<Event>) -> [Delivery; 2] {
    let position = recorded.position;
    let event = Arc::new(Recorded::<Payload> {
        event: recorded.event.encode().unwrap(),
        meta: recorded.meta.clone(),
        position,
        epoch: recorded.epoch,
        recorded_at: recorded.recorded_at,
        content_hash: recorded.content_hash,
    });
    [Delivery::Event { partition: 0, event }, Delivery::Watermark { partition: 0, position }]
}

/// Stores in a folder, fed by this bus.
async fn ports(folder: &TempDir, bus: SharedBus) -> Ports {
    let url = |scheme: &str| format!("{scheme}:{}", folder.path().join(scheme).display());
    let world = World::simulated(1, Timestamp::EPOCH);
    let log: SharedLog = Arc::new(
        event_log::sqlite::SqliteLog::open(folder.path().join("log"), world.clone()).await.unwrap(),
    );
    let documents = storage::documents::open(&url("sqlite")).await.unwrap();
    let search = storage::search::open(&url("tantivy")).await.unwrap();
    Ports::of_one_process(log, bus, (documents, search), world)
}

/// One view, as if it had this rank.
async fn started(ground: &Ground, name: &str, rank: Rank, head: Position) -> Running {
    let spec: &'static Spec = Box::leak(Box::new(Spec { rank, ..*view(name).unwrap() }));
    let work = Work { views: Some(Views::default()), ..Work::whole(&ground.ports, spec) };
    let begin = group::begin(&ground.ports, (spec, Generation(1)), (Epoch(1), head), work).await;
    group::start(ground, vec![begin.unwrap()]).remove(0)
}

#[tokio::test]
async fn of_three_backlogs_risk_is_done_first_then_trades_then_batch_work() {
    let history = Market::busy(1, 200).events;
    let head = history.last().unwrap().position;
    let mut ranks = [("order", Rank::Batch), ("stock", Rank::Trade), ("trail", Rank::Risk)];
    // Whoever has the least to do, or starts first, is not first for that.
    for _ in 0..2 {
        let bus = Arc::new(Backlog(history.iter().flat_map(delivery).collect()));
        let folder = TempDir::new().unwrap();
        let (ends, _ended) = mpsc::channel(8);
        let (ports, precedence) = (ports(&folder, bus).await, Precedence::default());
        let (tracker, cancel) = (TaskTracker::new(), CancellationToken::new());
        let ground = Ground { ports, tracker, cancel, ends, precedence };
        let mut running = vec![];
        for (name, rank) in ranks {
            running.push(started(&ground, name, rank, head).await);
        }
        running.sort_by_key(|running| running.spec.rank);
        while !running.is_empty() {
            running.remove(0).reach(head).await.unwrap();
            for later in &running {
                let position = later.state.borrow().position;
                assert!(position < head, "{:?} is done too, of {ranks:?}", later.spec);
            }
        }
        ranks.reverse();
    }
}

#[tokio::test]
async fn nobody_is_held_up_for_ever() {
    let precedence = Precedence::default();
    let (mut risk, batch) = (precedence.claim(Rank::Risk), precedence.claim(Rank::Batch));
    risk.set_behind(true);
    let began = Instant::now();
    batch.give_way().await;
    assert!(began.elapsed() >= PATIENCE);
}

#[tokio::test]
async fn only_a_higher_rank_that_is_behind_is_waited_for() {
    let precedence = Precedence::default();
    let claims = || [Rank::Risk, Rank::Trade, Rank::Batch].map(|rank| precedence.claim(rank));
    let ([_, _, mut batch], [risk, mut trade, other]) = (claims(), claims());
    batch.set_behind(true);
    trade.set_behind(true);
    for (claim, goes) in [(&risk, true), (&trade, true), (&other, false)] {
        assert_eq!(goes_now(claim).await, goes, "{claim:?}");
    }
    drop(trade);
    assert!(goes_now(&other).await);
    // A rebuild that takes over is no batch work any more.
    batch.set_rank(Rank::Trade);
    assert!(!goes_now(&other).await);
    batch.set_behind(false);
    assert!(goes_now(&other).await);
}

async fn goes_now(claim: &Claim) -> bool {
    tokio::select! {
        biased;
        () = claim.give_way() => true,
        () = std::future::ready(()) => false,
    }
}
