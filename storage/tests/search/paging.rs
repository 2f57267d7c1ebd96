//! Orders, and pages that neither skip nor double.

use std::collections::BTreeSet;

use events_schema::point::Point;
use storage::search::{Cursor, Entry, Error, Fields, Query, SharedSearch, Sort};

use super::contract::{a_removal, all, an_entry, fields, g, hits, put, text};

const SORTS: [Sort; 5] =
    [Sort::Relevance, Sort::Newest, Sort::PriceAscending, Sort::PriceDescending, Sort::Distance];

/// The further north, the further away.
fn point(hundredths: u64) -> Option<Point> {
    Some(Point::new(37_550_000 + 10_000 * i32::try_from(hundredths).unwrap(), 126_910_000).unwrap())
}

/// With many ties in every order.
fn listings() -> Vec<Entry> {
    let listing = |number: u64| {
        let title =
            if number.is_multiple_of(2) { "아이폰" } else { "아이폰 아이폰 케이스" };
        let price_minor = number % 3 * 100;
        let created_at_micros = i64::try_from(number % 4).unwrap() - 2;
        let point = point(number % 5);
        let fields = Fields { price_minor, created_at_micros, point, ..fields(title) };
        Entry { fields: Some(fields), ..an_entry(&format!("{:03}", number * 7 % 150), 1, "") }
    };
    (0..150).map(listing).collect()
}

/// Over many segments, with some that were replaced or removed.
async fn put_listings(search: &SharedSearch) {
    for some in listings().chunks(13) {
        put(search, some.to_vec()).await;
    }
    for number in 0..5 {
        put(search, vec![a_removal(&format!("{number:03}"), 2)]).await;
    }
    let replaced = listings().into_iter().filter(|entry| *entry.id > *"140");
    put(search, replaced.map(|entry| Entry { position: entry.position.next(), ..entry }).collect())
        .await;
}

async fn walk(search: &SharedSearch, mut query: Query) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let page = hits(search, &query).await;
        assert_eq!(page.total, 145);
        assert!(page.ids.len() == query.limit || page.next.is_none());
        seen.extend(page.ids);
        if page.next.is_none() {
            return seen;
        }
        query.after = page.next;
    }
}

pub(crate) async fn every_sort_walks_all_matches_once(search: SharedSearch) {
    put_listings(&search).await;
    for sort in SORTS {
        for base in [all(), text("아이폰")] {
            for limit in [1, 7, 29, 100] {
                let seen =
                    walk(&search, Query { sort, limit, near: point(0), ..base.clone() }).await;
                assert_eq!(seen.len(), 145, "{sort:?} {limit}");
                assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 145, "{sort:?} {limit}");
            }
        }
    }
}

pub(crate) async fn sorts_are_what_they_say(search: SharedSearch) {
    put_listings(&search).await;
    let entries = search.scan(g(1), None, 1_000).await.unwrap();
    let live = |id: &str| {
        let entry = entries.iter().find(|entry| entry.id == id).unwrap();
        entry.fields.clone().unwrap()
    };
    for sort in SORTS {
        let seen = walk(&search, Query { sort, limit: 50, near: point(0), ..all() }).await;
        let mut expected = seen.clone();
        expected.sort_by_cached_key(|id| {
            let Fields { price_minor, created_at_micros, point, .. } = live(id);
            let price = i64::try_from(price_minor).unwrap();
            let rank = match sort {
                Sort::Relevance | Sort::Newest => -created_at_micros,
                Sort::PriceAscending => price,
                Sort::PriceDescending => -price,
                Sort::Distance => point.unwrap().latitude_microdegrees().into(),
            };
            (rank, id.clone())
        });
        assert_eq!(seen, expected, "{sort:?}");
    }
}

pub(crate) async fn a_page_goes_on_where_the_last_ended_under_writes(search: SharedSearch) {
    put(&search, listings()).await;
    for sort in SORTS {
        let before: BTreeSet<String> = listings().into_iter().map(|entry| entry.id).collect();
        let mut query = match sort {
            Sort::Relevance => Query { limit: 10, ..text("아이폰") },
            Sort::Newest | Sort::PriceAscending | Sort::PriceDescending | Sort::Distance => {
                Query { sort, limit: 10, near: point(0), ..all() }
            }
        };
        let mut seen = Vec::new();
        for round in 0_u32.. {
            let page = hits(&search, &query).await;
            seen.extend(page.ids);
            let Some(next) = page.next else { break };
            query.after = Some(next);
            // The first and the last of every order, among the others.
            let new = [0, 200].map(|price_minor| {
                let created_at_micros = 1 - i64::try_from(price_minor).unwrap() / 100;
                let title = if price_minor == 0 { "아이폰" } else { "새 아이폰집" };
                let point = point(price_minor / 40);
                let fields = Fields { price_minor, created_at_micros, point, ..fields(title) };
                let id = format!("new {sort:?} {round} {price_minor}");
                Entry { fields: Some(fields), ..an_entry(&id, 1, "") }
            });
            put(&search, new.to_vec()).await;
        }
        let unique: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(unique.len(), seen.len(), "{sort:?} doubles");
        assert!(unique.is_superset(&before), "{sort:?} skips");
    }
}

pub(crate) async fn a_cursor_of_nothing_is_refused(search: SharedSearch) {
    put(&search, listings()).await;
    for value in ["", "-1", "x", "99999999999999999999999"] {
        let after = Some(Cursor { value: value.to_owned(), id: "1".to_owned() });
        let refused = search.search(g(1), &Query { after, ..all() }).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{value}");
    }
    let end = Some(Cursor { value: u64::MAX.to_string(), id: "zzz".to_owned() });
    let nothing = hits(&search, &Query { after: end, ..all() }).await;
    assert_eq!((nothing.ids.len(), nothing.total, nothing.next), (0, 150, None));
}
