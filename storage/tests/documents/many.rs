//! More documents than a store writes at once.

use std::collections::BTreeMap;

use storage::documents::{PAGE_MAX, SharedDocuments, Stored};

use super::contract::{ORDERS, a_document, checkpoint, declared, g};

const MANY: u64 = 5_000;

async fn all(documents: &SharedDocuments) -> BTreeMap<String, Stored> {
    let (mut all, mut after) = (BTreeMap::new(), None);
    loop {
        let page = documents.scan(&ORDERS, g(1), after.as_deref(), PAGE_MAX).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.id.clone());
        all.extend(page.into_iter().map(|stored| (stored.id.clone(), stored)));
    }
}

pub(crate) async fn a_put_of_many_writes_each_by_its_own_position(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let at = |position: fn(u64) -> u64, seller: &str| -> Vec<Stored> {
        // No order of ids, and none of positions.
        let numbers = (0..MANY).map(|number| number * 7 % MANY);
        let document = |n| a_document(&format!("o{n:04}"), position(n), seller, n);
        numbers.map(document).collect()
    };
    let first = at(|number| 1_000 + number, "s1");
    documents.put(&ORDERS, g(1), &first, Some(&checkpoint(9_000))).await.unwrap();
    let mut expected: BTreeMap<String, Stored> =
        first.into_iter().map(|stored| (stored.id.clone(), stored)).collect();
    assert_eq!(all(&documents).await, expected);
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(9_000)));

    // Every third is newer than stored, the others are older.
    let second = at(|number| if number % 3 == 0 { 10_000 } else { 999 }, "s2");
    documents.put(&ORDERS, g(1), &second, None).await.unwrap();
    let newer = second.into_iter().filter(|stored| stored.position.0 == 10_000);
    expected.extend(newer.map(|stored| (stored.id.clone(), stored)));
    assert_eq!(all(&documents).await, expected);
}
