//! How far a view is, beside its documents.

use events_schema::envelope::Position;
use storage::documents::{Checkpoint, Error, Part, SharedDocuments};

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
