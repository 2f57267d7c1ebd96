//! Many callers at once.

use std::time::Duration;

use futures::future::join_all;
use storage::documents::{SharedDocuments, Stored};

use super::contract::{ORDERS, a_document, checkpoint, declared, g};

fn all_at(position: u64) -> Vec<Stored> {
    (0..200).map(|n| a_document(&format!("o{n:03}"), position, "s", position)).collect()
}

async fn put_all(documents: &SharedDocuments, position: u64) {
    let checkpoint = checkpoint(position);
    documents.put(&ORDERS, g(1), &all_at(position), Some(&checkpoint)).await.unwrap();
}

/// The positions of what one scan sees.
async fn positions(documents: &SharedDocuments) -> Vec<u64> {
    let seen = documents.scan(&ORDERS, g(1), None, 1_000).await.unwrap();
    seen.into_iter().map(|document| document.position.0).collect()
}

pub(crate) async fn one_reads_what_the_other_writes(one: SharedDocuments, other: SharedDocuments) {
    one.declare(&ORDERS, g(1)).await.unwrap();
    for position in 1..=50 {
        let document = a_document("o1", position, "s1", position);
        one.put(&ORDERS, g(1), std::slice::from_ref(&document), None).await.unwrap();
        assert_eq!(other.get(&ORDERS, g(1), &["o1"]).await.unwrap(), [Some(document)]);
    }
}

pub(crate) async fn concurrent_puts_leave_the_highest_position(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let puts = (1..=40_u64).map(|n| {
        let (documents, position) = (documents.clone(), n * 17 % 41);
        async move {
            let document = [a_document("o", position, "s", position)];
            documents.put(&ORDERS, g(1), &document, None).await.unwrap();
        }
    });
    join_all(puts).await;
    let stored = documents.get(&ORDERS, g(1), &["o"]).await.unwrap();
    assert_eq!(stored, [Some(a_document("o", 40, "s", 40))]);
}

pub(crate) async fn a_checkpoint_is_never_ahead_of_its_documents(documents: SharedDocuments) {
    let documents = declared(documents).await;
    for position in 1..40 {
        let patience = Duration::from_millis(position % 10 * 5);
        drop(tokio::time::timeout(patience, put_all(&documents, position)).await);
        let checkpoint = documents.checkpoint(&ORDERS, g(1)).await.unwrap();
        let covered = checkpoint.map_or(0, |checkpoint| checkpoint.position().0);
        let seen = positions(&documents).await;
        assert!(covered == 0 || seen.len() == 200);
        assert!(seen.iter().all(|position| *position >= covered));
    }
    put_all(&documents, 40).await;
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(40)));
    assert_eq!(positions(&documents).await, [40; 200]);
}

pub(crate) async fn a_put_is_seen_whole_or_not_at_all(documents: SharedDocuments) {
    let documents = declared(documents).await;
    put_all(&documents, 1).await;
    let writing = async {
        for position in 2..30 {
            put_all(&documents, position).await;
        }
    };
    let reading = async {
        let mut last = 0;
        while last < 29 {
            let seen = positions(&documents).await;
            assert!(seen.len() == 200 && seen.iter().all(|position| *position == seen[0]));
            assert!(seen[0] >= last, "a later read sees less");
            let ids: Vec<String> = (0..200).map(|n| format!("o{n:03}")).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let got = documents.get(&ORDERS, g(1), &ids).await.unwrap();
            let got: Vec<u64> = got.into_iter().flatten().map(|found| found.position.0).collect();
            assert!(got.len() == 200 && got.iter().all(|position| *position == got[0]));
            last = got[0];
        }
    };
    tokio::join!(writing, reading);
}

pub(crate) async fn a_put_whose_caller_goes_away_is_whole_or_not_there(documents: SharedDocuments) {
    let documents = declared(documents).await;
    for position in 1..40 {
        let patience = Duration::from_micros(position % 8 * 200);
        drop(tokio::time::timeout(patience, put_all(&documents, position)).await);
    }
    // Waits for whatever still writes.
    put_all(&documents, 40).await;
    assert!(positions(&documents).await.iter().all(|position| *position == 40));
    for position in 41..80 {
        drop(tokio::time::timeout(Duration::from_micros(300), put_all(&documents, position)).await);
        let checkpoint = documents.checkpoint(&ORDERS, g(1)).await.unwrap().unwrap();
        let seen = positions(&documents).await;
        assert!(seen.iter().all(|position| *position == seen[0]));
        assert!(seen[0] >= checkpoint.position().0);
    }
}
