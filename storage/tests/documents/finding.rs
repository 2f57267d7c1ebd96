//! Finding by a declared index.

use storage::documents::{
    Direction, Error, Find, Found, Key, PAGE_MAX, SharedDocuments, SortValue, Stored,
};

use super::contract::{ORDERS, a_document, a_tombstone, declared, g, stored};

async fn put(documents: &SharedDocuments, all: &[Stored]) {
    documents.put(&ORDERS, g(1), all, None).await.unwrap();
}

async fn find(documents: &SharedDocuments, find: Find<'_>) -> Vec<Found> {
    documents.find(&ORDERS, g(1), &find).await.unwrap()
}

fn of_seller<'a>(seller: &'a [&'a str]) -> Find<'a> {
    let direction = Direction::Ascending;
    Find { index: "by_seller", equals: seller, direction, after: None, limit: 100 }
}

fn ids(found: &[Found]) -> Vec<&str> {
    found.iter().map(|found| found.document.id.as_str()).collect()
}

pub(crate) async fn by_seller(documents: &SharedDocuments, seller: &str) -> Vec<String> {
    let found = find(documents, of_seller(&[seller])).await;
    ids(&found).into_iter().map(str::to_owned).collect()
}

pub(crate) async fn a_find_gives_only_what_equals_and_in_order(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let all = [("b", "s1", 3), ("a", "s1", 7), ("c", "s2", 1), ("d", "s1", 1)]
        .map(|(id, seller, placed)| a_document(id, 1, seller, placed));
    put(&documents, &all).await;
    put(&documents, &[a_tombstone("e", 1)]).await;
    let ascending = find(&documents, of_seller(&["s1"])).await;
    assert_eq!(ids(&ascending), ["d", "b", "a"]);
    assert_eq!(ascending[0].document, all[3]);
    assert_eq!(ascending[0].key, Key { sort: SortValue::Integer(1), id: "d".to_owned() });
    let descending = Find { direction: Direction::Descending, ..of_seller(&["s1"]) };
    assert_eq!(ids(&find(&documents, descending).await), ["a", "b", "d"]);
    let everything = Find { index: "all", equals: &[], ..of_seller(&[]) };
    assert_eq!(ids(&find(&documents, everything).await), ["c", "d", "b", "a"]);
    assert_eq!(by_seller(&documents, "S1").await, [""; 0]);
}

pub(crate) async fn pages_over_ties_neither_skip_nor_double(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let all: Vec<_> =
        (0..60).map(|n| a_document(&format!("o{:02}", n * 7 % 60), 1, "s1", n % 4)).collect();
    put(&documents, &all).await;
    let mut expected: Vec<(u64, String)> =
        all.iter().zip(0..).map(|(document, n)| (n % 4, document.id.clone())).collect();
    expected.sort();
    for (direction, limit) in
        [(Direction::Ascending, 7), (Direction::Descending, 7), (Direction::Ascending, 60)]
    {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let page =
                find(&documents, Find { direction, after, limit, ..of_seller(&["s1"]) }).await;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            seen.extend(page.into_iter().map(|found| found.document.id));
        }
        if direction == Direction::Descending {
            seen.reverse();
        }
        assert!(seen.iter().eq(expected.iter().map(|(_, id)| id)), "{direction:?} {limit}");
    }
}

pub(crate) async fn numbers_and_texts_sort_by_value(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let texts = ["2026-01-02T00:00:00.000000Z", "2025-12-31T23:59:59.000000Z", "가", "a"];
    for (number, text) in texts.iter().enumerate() {
        let body = serde_json::json!({ "seller": "text", "placed": text }).to_string();
        put(&documents, &[stored(&number.to_string(), 1, &body)]).await;
    }
    assert_eq!(by_seller(&documents, "text").await, ["1", "0", "3", "2"]);
    let after = Some(Key { sort: SortValue::Text(texts[0].to_owned()), id: "0".to_owned() });
    let rest = find(&documents, Find { after, ..of_seller(&["text"]) }).await;
    assert_eq!(ids(&rest), ["3", "2"]);

    let numbers = [10, 9, i64::MAX.unsigned_abs(), 0];
    let all = numbers.map(|number| a_document(&format!("n{number}"), 1, "number", number));
    put(&documents, &all).await;
    let largest = format!("n{}", i64::MAX);
    assert_eq!(by_seller(&documents, "number").await, ["n0", "n9", "n10", &largest]);
}

pub(crate) async fn numbers_stand_before_texts_on_every_page(documents: SharedDocuments) {
    let documents = declared(documents).await;
    for (id, placed) in [("a", r#""x""#), ("b", "7"), ("c", r#""""#), ("d", "0")] {
        let body = format!(r#"{{"seller":"s1","placed":{placed}}}"#);
        put(&documents, &[stored(id, 1, &body)]).await;
    }
    for (direction, expected) in [
        (Direction::Ascending, ["d", "b", "c", "a"]),
        (Direction::Descending, ["a", "c", "b", "d"]),
    ] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = Find { direction, after, limit: 1, ..of_seller(&["s1"]) };
            let Some(next) = find(&documents, page).await.pop() else { break };
            after = Some(next.key);
            seen.push(next.document.id);
        }
        assert_eq!(seen, expected);
    }
}

pub(crate) async fn a_document_that_lacks_a_field_is_not_found(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let bodies =
        [r#"{"seller":"s1"}"#, r#"{"placed":1}"#, "{}", r#"{"seller":"s1","placed":null}"#];
    for (number, body) in bodies.iter().enumerate() {
        put(&documents, &[stored(&number.to_string(), 1, body)]).await;
    }
    put(&documents, &[stored("in", 1, r#"{"x":[{"seller":"s2"}],"seller":"s1","placed":2}"#)])
        .await;
    assert_eq!(by_seller(&documents, "s1").await, ["in"]);
    assert_eq!(by_seller(&documents, "s2").await, [""; 0]);
    for direction in [Direction::Ascending, Direction::Descending] {
        let all = Find { index: "all", equals: &[], direction, ..of_seller(&[]) };
        let mut found = ids(&find(&documents, all).await).join(" ");
        if direction == Direction::Descending {
            found = found.split(' ').rev().collect::<Vec<_>>().join(" ");
        }
        assert_eq!(found, "1 in");
    }
}

pub(crate) async fn a_changed_document_moves_in_its_index(documents: SharedDocuments) {
    let documents = declared(documents).await;
    put(&documents, &[a_document("o", 1, "s1", 1), a_document("p", 1, "s1", 2)]).await;
    put(&documents, &[a_document("o", 2, "s1", 3)]).await;
    assert_eq!(by_seller(&documents, "s1").await, ["p", "o"]);
    put(&documents, &[a_document("o", 3, "s2", 3)]).await;
    assert_eq!(by_seller(&documents, "s1").await, ["p"]);
    assert_eq!(by_seller(&documents, "s2").await, ["o"]);
    put(&documents, &[a_tombstone("o", 4)]).await;
    assert_eq!(by_seller(&documents, "s2").await, [""; 0]);
}

pub(crate) async fn a_find_by_two_fields_needs_both(documents: SharedDocuments) {
    let documents = declared(documents).await;
    for (id, seller, state) in [("a", "s1", "paid"), ("b", "s1", "placed"), ("c", "s2", "paid")] {
        let body = serde_json::json!({ "seller": seller, "state": state, "number": 1 });
        put(&documents, &[stored(id, 1, &body.to_string())]).await;
    }
    let equals = &["s1", "paid"];
    let both = Find { index: "by_seller_and_state", equals, ..of_seller(&[]) };
    assert_eq!(ids(&find(&documents, both).await), ["a"]);
}

pub(crate) async fn a_find_outside_the_contract_is_refused(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let negative = Some(Key { sort: SortValue::Integer(-1), id: "x".to_owned() });
    for bad in [
        Find { index: "by_nothing", ..of_seller(&["s"]) },
        of_seller(&[]),
        of_seller(&["s", "t"]),
        Find { limit: 0, ..of_seller(&["s"]) },
        Find { limit: PAGE_MAX + 1, ..of_seller(&["s"]) },
        Find { after: negative, ..of_seller(&["s"]) },
    ] {
        let refused = documents.find(&ORDERS, g(1), &bad).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{bad:?}");
    }
}
