//! The same seed gives the same history and the same documents, to the last byte.

use tests::simulation::{Bus, run};

const COMMANDS: usize = 200;

#[tokio::test(flavor = "current_thread")]
async fn the_same_seed_leaves_the_same_trace() {
    let first = run(7, Bus::Tail, COMMANDS).await;
    assert!(first.events > COMMANDS && first.documents > 100, "{first:?}");
    assert!(first.done > COMMANDS / 2 && first.refused > 20, "{first:?}");
    assert_eq!(run(7, Bus::Tail, COMMANDS).await, first, "seed 7");
}

#[tokio::test(flavor = "current_thread")]
async fn another_seed_leaves_another_trace() {
    assert_ne!(run(7, Bus::Tail, 50).await.hash, run(8, Bus::Tail, 50).await.hash);
}

#[tokio::test(flavor = "current_thread")]
async fn however_the_bus_behaves_the_documents_are_the_same() {
    let calm = run(1_234, Bus::Tail, COMMANDS).await;
    assert_eq!(run(1_234, Bus::Unruly, COMMANDS).await, calm, "seed 1234");
}
