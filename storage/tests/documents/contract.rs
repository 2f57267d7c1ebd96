//! Writing, reading by id, generations and limits.

use events_schema::envelope::Position;
use storage::documents::{
    Checkpoint, Collection, DOCUMENT_BYTES_MAX, Error, Generation, Index, PAGE_MAX, PUT_MAX,
    SharedDocuments, Stored,
};

/// Runs the whole contract on the store that a constructor gives, with a guard to keep beside it.
macro_rules! run_on {
    ($open:ident) => {
        $crate::contract::run_on! { $open: contract:
            a_put_is_guarded_by_its_position
            the_highest_position_of_one_put_wins
            a_tombstone_is_kept_and_not_revived
            get_answers_in_the_order_asked
            scan_walks_every_id_once_with_tombstones
            generations_are_apart
            serving_switches_and_what_serves_is_not_dropped
            a_declaration_may_be_repeated_and_extended
            limits_are_refused_and_nothing_is_written
            an_undeclared_generation_is_refused
            hostile_ids_and_values_are_only_data
        }
        $crate::contract::run_on! { $open: progress:
            a_checkpoint_comes_with_its_documents_or_not_at_all
            parts_of_a_checkpoint_are_joined_and_never_fall
            all_that_serves_is_read_at_once_with_its_progress
        }
        $crate::contract::run_on! { $open: many: a_put_of_many_writes_each_by_its_own_position }
        $crate::contract::run_on! { $open: model: a_store_holds_what_its_model_holds }
        $crate::contract::run_on! { $open: together:
            concurrent_puts_leave_the_highest_position
            a_checkpoint_is_never_ahead_of_its_documents
        }
        $crate::contract::run_on! { $open: finding:
            a_find_gives_only_what_equals_and_in_order
            pages_over_ties_neither_skip_nor_double
            numbers_and_texts_sort_by_value
            numbers_stand_before_texts_on_every_page
            a_document_that_lacks_a_field_is_not_found
            a_changed_document_moves_in_its_index
            a_find_by_two_fields_needs_both
            a_find_outside_the_contract_is_refused
        }
    };
    ($open:ident with transactions) => {
        $crate::contract::run_on! { $open }
        $crate::contract::run_on! { $open: together:
            a_put_is_seen_whole_or_not_at_all
            a_put_whose_caller_goes_away_is_whole_or_not_there
        }
    };
    ($open:ident: $suite:ident: $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let (_guard, documents) = $open().await;
            $crate::$suite::$name(documents).await;
        })*
    };
}
pub(crate) use run_on;

pub(crate) const ORDERS: Collection = Collection {
    name: "orders",
    indexes: &[
        Index { name: "by_seller", equals: &["seller"], sort: "placed" },
        Index { name: "all", equals: &[], sort: "placed" },
        Index { name: "by_seller_and_state", equals: &["seller", "state"], sort: "number" },
    ],
};

pub(crate) fn g(number: u32) -> Generation {
    Generation(number)
}

pub(crate) fn stored(id: &str, position: u64, body: &str) -> Stored {
    let body = Some(body.as_bytes().to_vec());
    Stored { id: id.to_owned(), position: Position(position), body }
}

pub(crate) fn a_document(id: &str, position: u64, seller: &str, placed: u64) -> Stored {
    stored(id, position, &format!(r#"{{"seller":"{seller}","placed":{placed}}}"#))
}

pub(crate) fn a_tombstone(id: &str, position: u64) -> Stored {
    Stored { id: id.to_owned(), position: Position(position), body: None }
}

pub(crate) fn checkpoint(position: u64) -> Checkpoint {
    Checkpoint::whole(g(1), Position(position), 1)
}

pub(crate) async fn declared(documents: SharedDocuments) -> SharedDocuments {
    documents.declare(&ORDERS, g(1)).await.unwrap();
    documents
}

pub(crate) async fn get(documents: &SharedDocuments, id: &str) -> Option<Stored> {
    documents.get(&ORDERS, g(1), &[id]).await.unwrap().remove(0)
}

async fn put(documents: &SharedDocuments, all: &[Stored]) {
    documents.put(&ORDERS, g(1), all, None).await.unwrap();
}

pub(crate) async fn a_put_is_guarded_by_its_position(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let newer = a_document("o1", 5, "s1", 1);
    put(&documents, std::slice::from_ref(&newer)).await;
    for older in [4, 5] {
        put(&documents, &[a_document("o1", older, "s2", 2), a_document("o2", older, "s2", 2)])
            .await;
        assert_eq!(get(&documents, "o1").await, Some(newer.clone()));
    }
    assert_eq!(get(&documents, "o2").await.unwrap().position, Position(5));
    put(&documents, &[a_document("o1", 6, "s3", 3)]).await;
    assert_eq!(get(&documents, "o1").await, Some(a_document("o1", 6, "s3", 3)));
}

pub(crate) async fn the_highest_position_of_one_put_wins(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let all = [3, 9, 1].map(|position| a_document("o1", position, "s1", position));
    put(&documents, &all).await;
    assert_eq!(get(&documents, "o1").await, Some(all[1].clone()));
}

pub(crate) async fn a_tombstone_is_kept_and_not_revived(documents: SharedDocuments) {
    let documents = declared(documents).await;
    put(&documents, &[a_document("o1", 1, "s1", 1), a_tombstone("o1", 3), a_tombstone("o2", 3)])
        .await;
    put(&documents, &[a_document("o1", 2, "s1", 1), a_document("o2", 2, "s1", 1)]).await;
    assert_eq!(get(&documents, "o1").await, Some(a_tombstone("o1", 3)));
    assert_eq!(get(&documents, "o2").await, Some(a_tombstone("o2", 3)));
    put(&documents, &[a_document("o1", 4, "s1", 1)]).await;
    assert_eq!(get(&documents, "o1").await, Some(a_document("o1", 4, "s1", 1)));
}

pub(crate) async fn get_answers_in_the_order_asked(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let all: Vec<_> = (0..200).map(|n| a_document(&format!("o{n}"), 1, "s", n)).collect();
    put(&documents, &all).await;
    let asked = ["o7", "none", "o3", "o7"];
    let expected = [Some(all[7].clone()), None, Some(all[3].clone()), Some(all[7].clone())];
    assert_eq!(documents.get(&ORDERS, g(1), &asked).await.unwrap(), expected);
    let ids: Vec<&str> = all.iter().rev().map(|document| document.id.as_str()).collect();
    let answer = documents.get(&ORDERS, g(1), &ids).await.unwrap();
    assert!(answer.into_iter().flatten().eq(all.into_iter().rev()));
    assert_eq!(documents.get(&ORDERS, g(1), &[]).await.unwrap(), []);
}

pub(crate) async fn scan_walks_every_id_once_with_tombstones(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let all: Vec<_> = (0..25)
        .map(|n| match n % 3 {
            0 => a_tombstone(&format!("o{n:02}"), 1),
            _ => a_document(&format!("o{n:02}"), 1, "s", n),
        })
        .collect();
    let shuffled: Vec<_> = (0..25).map(|n| all[n * 7 % 25].clone()).collect();
    put(&documents, &shuffled).await;
    let mut seen: Vec<Stored> = Vec::new();
    loop {
        let after = seen.last().map(|document| document.id.clone());
        let page = documents.scan(&ORDERS, g(1), after.as_deref(), 4).await.unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 4);
        seen.extend(page);
    }
    assert_eq!(seen, all);
}

pub(crate) async fn generations_are_apart(documents: SharedDocuments) {
    let documents = declared(documents).await;
    documents.declare(&ORDERS, g(2)).await.unwrap();
    put(&documents, &[a_document("o1", 9, "s1", 1)]).await;
    assert_eq!(documents.get(&ORDERS, g(2), &["o1"]).await.unwrap(), [None]);
    let next = a_document("o1", 1, "s2", 1);
    documents.put(&ORDERS, g(2), std::slice::from_ref(&next), None).await.unwrap();
    assert_eq!(documents.get(&ORDERS, g(2), &["o1"]).await.unwrap(), [Some(next)]);
    assert_eq!(get(&documents, "o1").await.unwrap().position, Position(9));
}

pub(crate) async fn serving_switches_and_what_serves_is_not_dropped(documents: SharedDocuments) {
    let documents = declared(documents).await;
    documents.declare(&ORDERS, g(2)).await.unwrap();
    assert_eq!(documents.serving(&ORDERS).await.unwrap(), None);
    for generation in [g(1), g(2), g(1), g(2)] {
        documents.serve(&ORDERS, generation).await.unwrap();
        assert_eq!(documents.serving(&ORDERS).await.unwrap(), Some(generation));
    }
    assert!(matches!(documents.drop_generation(&ORDERS, g(2)).await, Err(Error::Invalid(_))));
    documents.put(&ORDERS, g(1), &[], Some(&checkpoint(3))).await.unwrap();
    documents.drop_generation(&ORDERS, g(1)).await.unwrap();
    documents.drop_generation(&ORDERS, g(1)).await.unwrap();
    assert_eq!(documents.checkpoint(&ORDERS, g(1)).await.unwrap(), None);
    assert!(matches!(documents.serve(&ORDERS, g(1)).await, Err(Error::Undeclared)));
    assert_eq!(documents.serving(&ORDERS).await.unwrap(), Some(g(2)));
}

pub(crate) async fn a_declaration_may_be_repeated_and_extended(documents: SharedDocuments) {
    let bare = Collection { name: "orders", indexes: &[] };
    documents.declare(&bare, g(1)).await.unwrap();
    put(&documents, &[a_document("o1", 1, "s1", 4)]).await;
    for _ in 0..2 {
        documents.declare(&ORDERS, g(1)).await.unwrap();
    }
    let found = crate::finding::by_seller(&documents, "s1").await;
    assert_eq!(found, ["o1"]);
}

pub(crate) async fn limits_are_refused_and_nothing_is_written(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let good = a_document("good", 1, "s", 1);
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(DOCUMENT_BYTES_MAX));
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    for bad in [
        stored("", 1, "{}"),
        stored(&"x".repeat(10_000), 1, "{}"),
        stored("nul\0", 1, "{}"),
        stored("o", u64::MAX, "{}"),
        stored("o", 1, ""),
        stored("o", 1, "[]"),
        stored("o", 1, "{} {}"),
        stored("o", 1, r#"{"seller":1}"#),
        stored("o", 1, r#"{"seller":"nul\u0000"}"#),
        stored("o", 1, r#"{"placed":-1}"#),
        stored("o", 1, r#"{"placed":1.5}"#),
        stored("o", 1, r#"{"placed":18446744073709551615}"#),
        stored("o", 1, r#"{"placed":true}"#),
        stored("o", 1, &large),
        stored("o", 1, &deep),
        Stored { body: Some(vec![b'"', 0xff, b'"']), ..stored("o", 1, "") },
    ] {
        let refused = documents.put(&ORDERS, g(1), &[good.clone(), bad.clone()], None).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{} {refused:?}", bad.id);
    }
    let many = vec![good; PUT_MAX + 1];
    let refused = documents.put(&ORDERS, g(1), &many, None).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    let refused = documents.get(&ORDERS, g(1), &["x"; PAGE_MAX + 1]).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    for limit in [0, PAGE_MAX + 1] {
        let refused = documents.scan(&ORDERS, g(1), None, limit).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
    assert_eq!(documents.scan(&ORDERS, g(1), None, 1).await.unwrap(), []);
}

pub(crate) async fn an_undeclared_generation_is_refused(documents: SharedDocuments) {
    let document = [a_document("o", 1, "s", 1)];
    let put = documents.put(&ORDERS, g(1), &document, None).await;
    assert!(matches!(put, Err(Error::Undeclared)), "{put:?}");
    let get = documents.get(&ORDERS, g(1), &["o"]).await;
    assert!(matches!(get, Err(Error::Undeclared)), "{get:?}");
    for name in ["Orders", "orders; DROP TABLE x", "", "sqlite_master", "1a", "a\"b", "주문"] {
        let collection = Collection { name, indexes: &[] };
        let refused = documents.declare(&collection, g(1)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{name}");
    }
}

pub(crate) async fn hostile_ids_and_values_are_only_data(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let texts = [
        "'; DROP TABLE orders_g1; --",
        "\" OR 1=1",
        "%",
        "_",
        "$.seller",
        "{\"$gt\":\"\"}",
        "장터 🛒",
    ];
    for text in texts {
        let body = serde_json::json!({ "seller": text, "placed": text, text: "x" }).to_string();
        put(&documents, &[stored(text, 1, &body)]).await;
        assert_eq!(get(&documents, text).await, Some(stored(text, 1, &body)));
        assert_eq!(crate::finding::by_seller(&documents, text).await, [text]);
    }
    let all = documents.scan(&ORDERS, g(1), None, PAGE_MAX).await.unwrap();
    assert_eq!(all.len(), texts.len());
}
