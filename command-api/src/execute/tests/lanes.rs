//! Many buyers of one thing.

use super::*;

#[tokio::test]
async fn of_a_thousand_buyers_exactly_as_many_win_as_there_are_pieces() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("stock", Want::Stock(10))).await.unwrap();
    let buyers = (0..1_000_u128)
        .map(|n| executor.execute(submission(&format!("buyer-{n}"), Want::TakeInLane(n))));
    let answers = join_all(buyers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 10);
    assert_eq!(answers.iter().filter(|answer| is_out_of_stock(answer)).count(), 990);
    let taken = log.types().await;
    assert_eq!(taken.iter().filter(|event| *event == "inventory.reserved").count(), 10);
    // Who owned the lane learns that it is empty after the last answer.
    executor.0.tracker.close();
    executor.0.tracker.wait().await;
    assert!(executor.0.lanes.is_empty());
}

#[tokio::test]
async fn a_queue_is_written_in_few_units() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("stock", Want::Stock(1_000))).await.unwrap();
    let buyers = (0..256_u128)
        .map(|n| executor.execute(submission(&format!("buyer-{n}"), Want::TakeInLane(n))));
    for (n, answer) in join_all(buyers).await.into_iter().enumerate() {
        answer.unwrap_or_else(|error| panic!("buyer {n}: {error}"));
    }
    let units = log.units();
    assert!(units.len() < 32, "{units:?}");
    assert_eq!(units.iter().sum::<usize>(), 257);
}

#[tokio::test]
async fn those_who_meet_at_a_stream_without_a_lane_queue_up_there() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("stock", Want::Stock(100))).await.unwrap();
    let buyers =
        (0..100_u128).map(|n| executor.execute(submission(&format!("buyer-{n}"), Want::Take(n))));
    for (n, answer) in join_all(buyers).await.into_iter().enumerate() {
        answer.unwrap_or_else(|error| panic!("buyer {n}: {error}"));
    }
    assert_eq!(log.units().iter().sum::<usize>(), 101);
}

#[tokio::test]
async fn a_refused_unit_is_decided_again_one_by_one() {
    let log = TestLog::open(&world()).await;
    let (here, there) = (executor(&log), executor(&log));
    here.execute(submission("stock", Want::Stock(40))).await.unwrap();
    // The cached state here goes stale, so the first unit conflicts.
    there.execute(submission("theirs", Want::Take(1_000))).await.unwrap();
    let buyers =
        (0..64_u128).map(|n| here.execute(submission(&format!("buyer-{n}"), Want::TakeInLane(n))));
    let answers = join_all(buyers).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 39);
    assert_eq!(answers.iter().filter(|answer| is_out_of_stock(answer)).count(), 25);
}

#[tokio::test]
async fn twins_in_one_lane_get_one_answer() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("stock", Want::Stock(10))).await.unwrap();
    let twins = (0..32).map(|_| executor.execute(submission("twin", Want::TakeInLane(7))));
    let answers = join_all(twins).await;
    let first = answers[0].as_ref().unwrap();
    assert!(answers.iter().all(|a| a.as_ref().unwrap().position == first.position));
    assert_eq!(log.types().await.len(), 2);
}

#[tokio::test]
async fn twins_of_a_wish_that_is_refused_are_all_told_the_refusal() {
    for want in [Want::Take, Want::TakeInLane] {
        let log = TestLog::open(&world()).await;
        let (here, there) = (executor(&log), executor(&log));
        here.execute(submission("stock", Want::Stock(1))).await.unwrap();
        // Decided on the cached state, the first of the twins would have got it.
        there.execute(submission("theirs", Want::Take(1_000))).await.unwrap();
        let twins = (0..8).map(|_| here.execute(submission("twin", want(7))));
        for answer in join_all(twins).await {
            assert!(is_out_of_stock(&answer), "{answer:?}");
        }
        assert_eq!(log.types().await.len(), 2);
    }
}

/// Fails as no command should.
#[derive(Debug)]
struct Panics;

#[async_trait]
impl Handle for Panics {
    async fn handle(&self, _: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        panic!("on purpose")
    }

    fn lane(&self) -> Option<StreamId> {
        Some(StreamId::Inventory(LISTING))
    }
}

#[tokio::test]
async fn a_lane_outlives_a_command_that_panics() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    let panics = Submission { command: Box::new(Panics), ..submission("p", Want::Stock(1)) };
    let failed = executor.execute(panics).await;
    assert!(matches!(failed, Err(CommandError::TaskFailed)), "{failed:?}");
    executor.execute(submission("stock", Want::Stock(1))).await.unwrap();
    executor.execute(submission("take", Want::TakeInLane(1))).await.unwrap();
}
