//! What breaks between the decision and the answer.

use storage::event_log::EventLog;

use super::*;
use crate::testing::Fault;

#[tokio::test]
async fn a_conflict_is_retried() {
    let log = TestLog::open(&world()).await;
    log.fail([Fault::Conflict, Fault::Conflict]);
    executor(&log).execute(submission("1", Want::Stock(5))).await.unwrap();
    assert_eq!(log.types().await, ["inventory.restocked"]);
}

#[tokio::test]
async fn the_last_conflict_is_the_callers() {
    let log = TestLog::open(&world()).await;
    log.fail([Fault::Conflict; 4]);
    let lost = executor(&log).execute(submission("1", Want::Stock(5))).await;
    assert!(matches!(lost, Err(CommandError::Conflict)), "{lost:?}");
    assert!(log.types().await.is_empty());
}

#[tokio::test]
async fn an_answer_that_got_lost_is_found_under_the_key() {
    let log = TestLog::open(&world()).await;
    log.fail([Fault::Unheard]);
    let executed = executor(&log).execute(submission("1", Want::Stock(5))).await.unwrap();
    assert!(executed.repeated);
    assert_eq!(log.types().await, ["inventory.restocked"]);
}

#[tokio::test]
async fn a_command_that_never_arrived_is_nothing_and_may_be_sent_again() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    log.fail([Fault::Unsent; 4]);
    let lost = executor.execute(submission("1", Want::Stock(5))).await;
    assert!(matches!(lost, Err(CommandError::Unavailable(_))), "{lost:?}");
    assert!(log.types().await.is_empty());
    let executed = executor.execute(submission("1", Want::Stock(5))).await.unwrap();
    assert!(!executed.repeated);
}

#[tokio::test]
async fn a_unit_whose_answer_got_lost_is_not_written_twice() {
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    executor.execute(submission("stock", Want::Stock(100))).await.unwrap();
    log.fail([Fault::Unheard, Fault::Unheard, Fault::Unsent]);
    let buyers = (0..20_u128)
        .map(|n| executor.execute(submission(&format!("buyer-{n}"), Want::TakeInLane(n))));
    assert!(join_all(buyers).await.iter().all(Result::is_ok));
    assert_eq!(log.types().await.len(), 21);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_half_command() {
    let log = TestLog::open(&world()).await;
    let tracker = TaskTracker::new();
    let executor = Executor::new(log.clone(), world(), tracker.clone());
    executor.execute(submission("stock", Want::Stock(5))).await.unwrap();
    for (key, want) in [("1", Want::Take(1)), ("2", Want::TakeInLane(2))] {
        let call = executor.execute(submission(key, want));
        // Polled once, so that the command is on its way.
        tokio::select! {
            biased;
            _ = call => panic!("no log is that fast"),
            () = std::future::ready(()) => {}
        }
    }
    tracker.close();
    tracker.wait().await;
    assert_eq!(log.types().await.len(), 3);
}

/// What the log holds must be what was answered, whatever broke in between.
async fn survives(seed: u64) {
    let chance = World::simulated(seed, NOON);
    let draw = |most: u8| {
        let mut byte = [0];
        chance.fill(&mut byte);
        byte[0] % most
    };
    let log = TestLog::open(&world()).await;
    let processes = [executor(&log), executor(&log)];
    processes[0].execute(submission("stock", Want::Stock(20))).await.unwrap();
    log.fail((0..40).map(|_| match draw(4) {
        0 => Fault::Conflict,
        1 => Fault::Unheard,
        2 => Fault::Unsent,
        _ => Fault::None,
    }));
    let commands = (0..60_u128).map(|n| {
        let want = if draw(2) == 0 { Want::Take(n) } else { Want::TakeInLane(n) };
        let process = &processes[usize::from(draw(2))];
        process.execute(submission(&format!("buyer-{n}"), want))
    });
    let answers = join_all(commands).await;
    let (mut acknowledged, mut refused) = (0, 0);
    for (n, answer) in answers.iter().enumerate() {
        let known = log.answer(&intent(&format!("buyer-{n}"))).await.unwrap();
        match answer {
            Ok(executed) => {
                assert_eq!(known.unwrap().position, executed.position, "seed {seed}");
                acknowledged += 1;
            }
            Err(_) if is_out_of_stock(answer) => {
                assert_eq!(known, None, "seed {seed}");
                refused += 1;
            }
            // May have happened or not: the key tells.
            Err(CommandError::Unavailable(_)) => acknowledged += usize::from(known.is_some()),
            Err(CommandError::Conflict) => assert_eq!(known, None, "seed {seed}"),
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    let sold = log.types().await.iter().filter(|event| *event == "inventory.reserved").count();
    assert_eq!(sold, acknowledged, "seed {seed}");
    assert!(
        sold <= 20 && (refused == 0 || sold == 20),
        "seed {seed}: {sold} sold, {refused} refused"
    );
}

#[tokio::test]
async fn no_acknowledged_command_is_missing_and_none_is_done_twice() {
    for seed in 1..=5 {
        survives(seed).await;
    }
}
