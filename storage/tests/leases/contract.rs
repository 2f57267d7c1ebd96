//! Holding, passing on, and what a late holder can still do: nothing.

use std::time::Duration;

use events_schema::envelope::Position;
use futures::future::join_all;
use storage::leases::{Lease, SharedLeases};

/// Runs the whole contract on the leases that a constructor gives.
macro_rules! run_on {
    ($open:ident) => {
        $crate::contract::run_on! { $open:
            one_holder_at_a_time
            a_lease_that_is_not_held_again_passes_on
            what_is_given_back_is_free_at_once
            a_late_holder_notes_nothing
            progress_outlives_its_holder
            only_live_leases_have_holders
        }
    };
    ($open:ident: $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let leases = $open().await;
            $crate::contract::$name(leases).await;
        })*
    };
}
pub(crate) use run_on;

pub(crate) const LIFE: Duration = Duration::from_millis(1_500);

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

async fn held(leases: &SharedLeases, holder: &str, wanted: &[&str]) -> Vec<String> {
    let held = leases.hold(holder, &names(wanted)).await.unwrap();
    held.into_iter().map(|lease| lease.name).collect()
}

async fn one(leases: &SharedLeases, holder: &str, name: &str) -> Option<Lease> {
    leases.hold(holder, &names(&[name])).await.unwrap().pop()
}

/// Until somebody else's lease is over.
async fn comes_to(leases: &SharedLeases, holder: &str, name: &str) -> Lease {
    let deadline = tokio::time::Instant::now() + LIFE * 10;
    loop {
        if let Some(lease) = one(leases, holder, name).await {
            return lease;
        }
        assert!(tokio::time::Instant::now() < deadline, "{name} never comes to {holder}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) async fn one_holder_at_a_time(leases: SharedLeases) {
    let holders = (0..8).map(|number| {
        let leases = &leases;
        async move { held(leases, &format!("h{number}"), &["b", "a", "c"]).await.len() }
    });
    assert_eq!(join_all(holders).await.into_iter().sum::<usize>(), 3);
    assert_eq!(held(&leases, "new", &["a", "d", "c"]).await, ["d"]);
}

pub(crate) async fn a_lease_that_is_not_held_again_passes_on(leases: SharedLeases) {
    let first = one(&leases, "one", "a").await.unwrap();
    let again = one(&leases, "one", "a").await.unwrap();
    assert_eq!(first, again);
    assert_eq!(one(&leases, "two", "a").await, None);
    let passed = comes_to(&leases, "two", "a").await;
    assert!(passed.token > first.token);
    assert_eq!(one(&leases, "one", "a").await, None);
}

pub(crate) async fn what_is_given_back_is_free_at_once(leases: SharedLeases) {
    assert_eq!(held(&leases, "one", &["a", "b"]).await, ["a", "b"]);
    leases.release("two", &names(&["a"])).await.unwrap();
    assert_eq!(one(&leases, "two", "a").await, None);
    leases.release("one", &names(&["a", "z"])).await.unwrap();
    assert_eq!(held(&leases, "two", &["a", "b"]).await, ["a"]);
}

pub(crate) async fn a_late_holder_notes_nothing(leases: SharedLeases) {
    let late = one(&leases, "one", "a").await.unwrap();
    assert!(leases.note(&late, Position(7)).await.unwrap());
    leases.release("one", &names(&["a"])).await.unwrap();
    let present = one(&leases, "two", "a").await.unwrap();
    assert!(!leases.note(&late, Position(5)).await.unwrap());
    assert!(leases.note(&present, Position(9)).await.unwrap());
    assert_eq!(one(&leases, "two", "a").await.unwrap().position, Position(9));
}

pub(crate) async fn progress_outlives_its_holder(leases: SharedLeases) {
    let lease = one(&leases, "one", "a").await.unwrap();
    assert_eq!(lease.position, Position(0));
    assert!(leases.note(&lease, Position(42)).await.unwrap());
    leases.release("one", &names(&["a"])).await.unwrap();
    assert_eq!(one(&leases, "two", "a").await.unwrap().position, Position(42));
}

pub(crate) async fn only_live_leases_have_holders(leases: SharedLeases) {
    held(&leases, "one", &["work/b", "work/a", "other"]).await;
    held(&leases, "two", &["work/c"]).await;
    leases.release("one", &names(&["work/a"])).await.unwrap();
    let holders = leases.holders("work/").await.unwrap();
    let pair = |name: &str, holder: &str| (name.to_owned(), holder.to_owned());
    assert_eq!(holders, [pair("work/b", "one"), pair("work/c", "two")]);
}
