//! How far a view is, beside its documents.

use events_schema::envelope::Position;
use storage::documents::{Checkpoint, Collection, Error, Part, Serving, SharedDocuments};

use super::contract::{ORDERS, a_document, checkpoint, declared, g, get, stored};

pub(crate) async fn a_checkpoint_comes_with_its_documents_or_not_at_all(
    documents: SharedDocuments,
) {
    let documents = declared(documents).await;
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), None);
    let good = a_document("o1", 1, "s1", 1);
    documents.put(&ORDERS, g(1), &[good], Some(&checkpoint(7))).await.unwrap();
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(7)));
    documents.put(&ORDERS, g(1), &[], Some(&checkpoint(8))).await.unwrap();
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(8)));

    let bad = [a_document("o2", 1, "s1", 1), stored("o3", 1, "{")];
    let refused = documents.put(&ORDERS, g(1), &bad, Some(&checkpoint(9))).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(8)));
    assert_eq!(get(&documents, "o2").await, None);
    let other = documents.put(&ORDERS, g(2), &[], Some(&checkpoint(9))).await;
    assert!(matches!(other, Err(Error::Invalid(_))));
}

pub(crate) async fn parts_of_a_checkpoint_are_joined_and_never_fall(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let reach = async |of: u32, parts: &[(u32, u64)]| {
        let part =
            |(number, position): &(u32, u64)| (Part { of, number: *number }, Position(*position));
        let parts = parts.iter().map(part).collect();
        let checkpoint = Checkpoint { generation: g(1), parts, epoch: 1 };
        documents.put(&ORDERS, g(1), &[], Some(&checkpoint)).await.unwrap();
        documents.checkpoint(&ORDERS, g(1)).await.unwrap().unwrap()
    };
    // Two of three parts say nothing of the whole.
    let two = reach(3, &[(0, 5), (2, 9)]).await;
    assert_eq!(two.position(), Position(0));
    assert_eq!(two.reached(Part { of: 3, number: 2 }), Position(9));
    assert_eq!(reach(3, &[(1, 7)]).await.position(), Position(5));
    // Whoever is late changes nothing.
    let late = reach(3, &[(0, 4), (1, 8)]).await;
    assert_eq!(late.reached(Part { of: 3, number: 0 }), Position(5));
    assert_eq!(late.reached(Part { of: 3, number: 1 }), Position(8));
    // Another division begins where the old one was complete.
    let whole = reach(1, &[(0, 3)]).await;
    assert_eq!((whole.position(), whole.reached(Part::WHOLE)), (Position(5), Position(5)));
    assert_eq!(reach(1, &[(0, 6)]).await.reached(Part { of: 3, number: 0 }), Position(6));
}

pub(crate) async fn all_that_serves_is_read_at_once_with_its_progress(documents: SharedDocuments) {
    let others = Collection { name: "others", indexes: &[] };
    assert_eq!(documents.all_serving().await.unwrap(), [].into());
    let documents = declared(documents).await;
    for generation in [g(1), g(2)] {
        documents.declare(&others, generation).await.unwrap();
    }
    documents.put(&ORDERS, g(1), &[], Some(&checkpoint(7))).await.unwrap();
    assert_eq!(documents.all_serving().await.unwrap(), [].into());
    documents.serve(&ORDERS, g(1)).await.unwrap();
    documents.serve(&others, g(2)).await.unwrap();
    let orders = Serving { generation: g(1), checkpoint: Some(checkpoint(7)) };
    let fresh = Serving { generation: g(2), checkpoint: None };
    let both = |other| [("orders".to_owned(), orders.clone()), ("others".to_owned(), other)].into();
    assert_eq!(documents.all_serving().await.unwrap(), both(fresh));
    // Another generation's progress is not that of the one that serves; all parts of it are.
    let of = |generation, numbers: &[u32]| {
        let part = |number: &u32| (Part { of: 3, number: *number }, Position(5));
        Checkpoint { generation, parts: numbers.iter().map(part).collect(), epoch: 1 }
    };
    documents.put(&others, g(1), &[], Some(&of(g(1), &[1]))).await.unwrap();
    for number in [0, 2] {
        documents.put(&others, g(2), &[], Some(&of(g(2), &[number]))).await.unwrap();
    }
    let begun = Serving { generation: g(2), checkpoint: Some(of(g(2), &[0, 2])) };
    assert_eq!(documents.all_serving().await.unwrap(), both(begun));
}
