//! Policies are read once a minute and are no condition.

use domain::policy::{self, DEFAULT_FEES, Policy, PolicyKind, Record, Terms};

use super::*;

/// Answers how many policies of this kind it has seen.
#[derive(Debug)]
struct CountPolicies;

#[async_trait]
impl Handle for CountPolicies {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let policy = work.policy::<Policy>(PolicyKind::Fees).await?;
        Body::of(&policy.version())
    }
}

#[derive(Debug)]
struct RecordFees;

#[async_trait]
impl Handle for RecordFees {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let policy = work.read::<Policy>(PolicyKind::Fees).await?;
        let (effective_from, now) = (NOON.plus_seconds(600), NOON);
        let terms = Terms::Fees(DEFAULT_FEES);
        let record = Record { policy_kind: PolicyKind::Fees, terms, effective_from, now };
        Body::of(&work.decide(&policy, policy::Command::Record(record))?)
    }
}

fn of(command: impl Handle, key: &str) -> Submission {
    Submission { command: Box::new(command), ..submission(key, Want::Stock(1)) }
}

#[tokio::test]
async fn a_policy_of_another_process_is_seen_within_a_minute() {
    let log = TestLog::open(&world()).await;
    let here_and_now = world();
    let here = Executor::new(log.clone(), here_and_now.clone(), TaskTracker::new());
    let seen = async |key| here.execute(of(CountPolicies, key)).await.unwrap().body;
    assert_eq!(seen("1").await, b"0");
    executor(&log).execute(of(RecordFees, "record")).await.unwrap();
    here_and_now.advance_to(NOON.plus_seconds(59));
    assert_eq!(seen("2").await, b"0");
    here_and_now.advance_to(NOON.plus_seconds(60));
    assert_eq!(seen("3").await, b"1");
}

#[tokio::test]
async fn a_policy_of_this_process_is_seen_at_once() {
    let log = TestLog::open(&world()).await;
    let here = executor(&log);
    let seen = async |key| here.execute(of(CountPolicies, key)).await.unwrap().body;
    assert_eq!(seen("1").await, b"0");
    here.execute(of(RecordFees, "record")).await.unwrap();
    assert_eq!(seen("2").await, b"1");
}
