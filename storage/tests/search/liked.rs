//! Likes count into relevance, and never for more than what a title says.

use std::collections::BTreeSet;

use events_schema::envelope::Position;
use storage::search::{Entry, Fields, Query, SharedSearch};

use super::contract::{an_entry, fields, hits, put, text};

const DAY: i64 = 24 * 3_600 * 1_000_000;

fn liked(id: &str, likes: u64, days: i64, title: &str) -> Entry {
    let created_at_micros = (50 * 365 + days) * DAY;
    let fields = Fields { likes, created_at_micros, ..fields(title) };
    Entry { fields: Some(fields), ..an_entry(id, 1, "") }
}

pub(crate) async fn among_equals_the_liked_comes_first(search: SharedSearch) {
    let entries = [("a", 0, 0), ("b", 3, 0), ("c", 100, 0), ("d", 2, 0), ("e", 0, 60)];
    let entry = |(id, likes, days)| liked(id, likes, days, "만화책 세트");
    put(&search, entries.map(entry).to_vec()).await;
    // 100 likes are as good as three months, three as one.
    assert_eq!(hits(&search, &text("만화책")).await.ids, ["c", "e", "b", "d", "a"]);
    assert_eq!(hits(&search, &text("세트")).await.ids, ["c", "e", "b", "d", "a"]);
}

pub(crate) async fn a_better_match_stands_before_what_is_liked_by_however_many(
    search: SharedSearch,
) {
    put(
        &search,
        vec![
            liked("a", u64::MAX, 0, "만화책방"),
            liked("b", u64::MAX, 0, "만화책"),
            liked("c", 0, 0, "책 만화"),
            liked("d", 0, 0, "책"),
        ],
    )
    .await;
    assert_eq!(hits(&search, &text("책")).await.ids, ["d", "c", "b", "a"]);
}

pub(crate) async fn pages_by_relevance_walk_through_likes(search: SharedSearch) {
    let entry = |number: u64| {
        let title = if number.is_multiple_of(2) { "아이폰" } else { "아이폰 케이스" };
        let days = i64::try_from(number % 3).unwrap();
        liked(&format!("{number:03}"), number % 7 * (number % 5) * 100, days, title)
    };
    put(&search, (0..150).map(entry).collect()).await;
    let all = hits(&search, &Query { limit: 100, ..text("아이폰") }).await;
    let mut query = Query { limit: 7, ..text("아이폰") };
    let mut seen: Vec<String> = Vec::new();
    loop {
        let page = hits(&search, &query).await;
        seen.extend(page.ids);
        let Some(next) = page.next else { break };
        query.after = Some(next);
    }
    assert_eq!(seen[..100], all.ids);
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (150, 150));
}

pub(crate) async fn likes_change_the_order_at_once(search: SharedSearch) {
    put(&search, vec![liked("a", 0, 0, "자전거"), liked("b", 0, 0, "자전거")]).await;
    assert_eq!(hits(&search, &text("자전거")).await.ids, ["a", "b"]);
    for (position, likes, order) in [(2, 1, ["b", "a"]), (3, 0, ["a", "b"])] {
        let entry = liked("b", likes, 0, "자전거");
        put(&search, vec![Entry { position: Position(position), ..entry }]).await;
        assert_eq!(hits(&search, &text("자전거")).await.ids, order);
    }
}
