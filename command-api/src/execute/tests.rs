//! One item, and many who want it.

mod batches;
mod faults;
mod lanes;
mod policies;
mod spans;

use std::sync::Arc;

use async_trait::async_trait;
use domain::inventory::{Command, Inventory, Rejection, Release, Reserve, Restock, StockLine};
use events_schema::envelope::{Actor, Origin};
use events_schema::ids::{CommandId, ListingId, OrderId};
use events_schema::quantity::Quantity;
use futures::future::join_all;
use storage::event_log::Principal;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::*;
use crate::testing::{NOON, TestLog};

const LISTING: ListingId = ListingId::new(Uuid::from_u128(1));

fn pieces(count: u32) -> StockLine {
    StockLine { option_id: None, quantity: Quantity::new(count).unwrap() }
}

/// What the tests want of the stock.
#[derive(Clone, Copy, Debug)]
enum Want {
    Stock(u32),
    Take(u128),
    TakeInLane(u128),
    GiveBack(u128),
}

#[async_trait]
impl Handle for Want {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let inventory = work.read::<Inventory>(LISTING).await?;
        let order = |n| OrderId::new(Uuid::from_u128(n));
        let (listing_id, lines) = (LISTING, vec![pieces(1)]);
        let command = match *self {
            Self::Stock(count) => Command::Restock(Restock { listing_id, line: pieces(count) }),
            Self::Take(n) | Self::TakeInLane(n) => {
                Command::Reserve(Reserve { listing_id, order_id: order(n), lines })
            }
            Self::GiveBack(n) => Command::Release(Release { listing_id, order_id: order(n) }),
        };
        Body::of(&work.decide(&inventory, command)?)
    }

    fn lane(&self) -> Option<StreamId> {
        matches!(self, Self::TakeInLane(_)).then_some(StreamId::Inventory(LISTING))
    }
}

fn intent(key: &str) -> Intent {
    Intent {
        principal: Principal::Process("test".to_owned()),
        key: key.to_owned(),
        fingerprint: [0; 32],
    }
}

fn submission(key: &str, want: Want) -> Submission {
    let command_id = CommandId::new(Uuid::new_v5(&Uuid::nil(), key.as_bytes()));
    let context = Context::new(Actor::Process("test".into()), Origin::Process, command_id, NOON);
    Submission { intent: intent(key), context, command: Box::new(want) }
}

fn world() -> World {
    World::simulated(1, NOON)
}

fn executor(log: &Arc<TestLog>) -> Executor {
    Executor::new(log.clone(), world(), TaskTracker::new())
}

fn is_out_of_stock(result: &Result<Executed, CommandError>) -> bool {
    let Err(CommandError::Refused(refusal)) = result else { return false };
    refusal.to_string() == Rejection::OutOfStock.to_string()
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_also_while_the_first_is_running() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    let twins = (0..8).map(|_| executor.execute(submission("k", Want::Stock(5))));
    let answers = join_all(twins).await;
    let first = answers[0].as_ref().unwrap();
    for answer in &answers {
        let answer = answer.as_ref().unwrap();
        assert_eq!((&answer.body, answer.position), (&first.body, first.position));
    }
    assert_eq!(answers.iter().filter(|answer| !answer.as_ref().unwrap().repeated).count(), 1);
    assert_eq!(log.types().await, ["inventory.restocked"]);
}

#[tokio::test]
async fn a_key_is_not_taken_for_another_wish() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("k", Want::Stock(5))).await.unwrap();
    let mut other = submission("k", Want::Stock(6));
    other.intent.fingerprint = [1; 32];
    let refused = executor.execute(other).await;
    assert!(matches!(refused, Err(CommandError::KeyReused)), "{refused:?}");
    assert_eq!(log.types().await.len(), 1);
}

#[tokio::test]
async fn what_another_process_added_is_never_refused_from_a_stale_cache() {
    let log = TestLog::open(&world()).await;
    let (here, there) = (executor(&log), executor(&log));
    here.execute(submission("1", Want::Stock(1))).await.unwrap();
    here.execute(submission("2", Want::Take(1))).await.unwrap();
    there.execute(submission("3", Want::Stock(1))).await.unwrap();
    // Here one piece was counted, and it is gone.
    here.execute(submission("4", Want::Take(2))).await.unwrap();
    assert!(is_out_of_stock(&here.execute(submission("5", Want::Take(3))).await));
}

#[tokio::test]
async fn what_another_process_took_is_not_sold_again() {
    let log = TestLog::open(&world()).await;
    let (here, there) = (executor(&log), executor(&log));
    here.execute(submission("1", Want::Stock(1))).await.unwrap();
    there.execute(submission("2", Want::Take(1))).await.unwrap();
    assert!(is_out_of_stock(&here.execute(submission("3", Want::Take(2))).await));
}

#[tokio::test]
async fn a_known_stream_is_not_read_again() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("1", Want::Stock(5))).await.unwrap();
    let reads = log.stream_reads();
    executor.execute(submission("2", Want::Take(1))).await.unwrap();
    assert_eq!(log.stream_reads(), reads);
}

#[tokio::test]
async fn a_command_that_changes_nothing_is_remembered_too() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    let stocked = executor.execute(submission("1", Want::Stock(5))).await.unwrap();
    let nothing = executor.execute(submission("2", Want::GiveBack(9))).await.unwrap();
    assert_eq!(nothing.position, stocked.position);
    executor.execute(submission("3", Want::Stock(5))).await.unwrap();
    let again = executor.execute(submission("2", Want::GiveBack(9))).await.unwrap();
    assert_eq!((again.position, again.repeated), (stocked.position, true));
    assert_eq!(log.types().await.len(), 2);
}

#[tokio::test]
async fn a_command_that_is_run_from_its_source_again_gives_the_same_ids() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let log = TestLog::open(&world()).await;
        executor(&log).execute(submission("1", Want::Stock(5))).await.unwrap();
        let events = log.events().await;
        runs.push((events[0].meta.event_id, events[0].content_hash));
    }
    assert_eq!(runs[0], runs[1]);
}
