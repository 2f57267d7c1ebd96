//! Commands in their order, in few appends.

use super::*;

fn history() -> Vec<Submission> {
    let take = |n: u128| submission(&format!("take-{n}"), Want::Take(n));
    let mut history = vec![submission("stock", Want::Stock(100))];
    history.extend((0..99).map(take));
    history
}

#[tokio::test]
async fn a_history_is_written_in_order_and_in_few_units() {
    let log = TestLog::open(&world()).await;
    let results = executor(&log).execute_batch(history()).await;
    let positions: Vec<_> = results.into_iter().map(|result| result.unwrap().position.0).collect();
    assert_eq!(positions, (1..=100).collect::<Vec<_>>());
    assert_eq!(log.units(), [64, 36]);
}

#[tokio::test]
async fn a_history_that_comes_again_appends_nothing() {
    let log = TestLog::open(&world()).await;
    executor(&log).execute_batch(history()).await;
    let again = executor(&log).execute_batch(history()).await;
    assert!(again.iter().all(|result| result.as_ref().unwrap().repeated));
    assert_eq!(log.types().await.len(), 100);
}

#[tokio::test]
async fn a_history_that_was_cut_off_ends_the_same() {
    let log = TestLog::open(&world()).await;
    executor(&log).execute_batch(history().into_iter().take(30).collect()).await;
    let results = executor(&log).execute_batch(history()).await;
    let positions: Vec<_> = results.into_iter().map(|result| result.unwrap().position.0).collect();
    assert_eq!(positions, (1..=100).collect::<Vec<_>>());
    // Part of a unit is known: its first key is not, as in a file that has grown at the front.
    let mut grown = vec![submission("new", Want::Stock(1))];
    grown.extend(history());
    let results = executor(&log).execute_batch(grown).await;
    assert_eq!(results.iter().filter(|result| !result.as_ref().unwrap().repeated).count(), 1);
    assert_eq!(log.types().await.len(), 101);
}

#[tokio::test]
async fn one_refusal_does_not_touch_its_neighbours() {
    let log = TestLog::open(&world()).await;
    let batch = vec![
        submission("1", Want::Stock(1)),
        submission("2", Want::Take(1)),
        submission("3", Want::Take(2)),
        submission("4", Want::GiveBack(1)),
        submission("5", Want::Take(3)),
        submission("1", Want::Stock(1)),
    ];
    let results = executor(&log).execute_batch(batch).await;
    assert!(is_out_of_stock(&results[2]));
    assert!([0, 1, 3, 4].into_iter().all(|index| results[index].is_ok()));
    let twin = results[5].as_ref().unwrap();
    assert_eq!((twin.position, twin.repeated), (Position(1), true));
    assert_eq!(log.units(), [4]);
}
