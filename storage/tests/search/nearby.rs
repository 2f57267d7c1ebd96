//! What is how far away.

use events_schema::envelope::Position;
use events_schema::point::Point;
use storage::search::{
    Cursor, Entry, Error, Facet, Fields, Query, SharedSearch, Sort, WITHIN_METRES_MAX,
};

use super::contract::{a_removal, all, an_entry, fields, g, hits, ids, put, text};

const HERE: &str = "37.55,126.91";

fn point(text: &str) -> Option<Point> {
    Some(text.parse().unwrap())
}

fn at(id: &str, place: &str) -> Entry {
    let point = if place.is_empty() { None } else { point(place) };
    Entry { fields: Some(Fields { point, ..fields("자전거") }), ..an_entry(id, 1, "") }
}

fn nearest(place: &str) -> Query {
    Query { near: point(place), sort: Sort::Distance, ..all() }
}

fn within(place: &str, metres: u32) -> Query {
    Query { near: point(place), within_metres: Some(metres), ..all() }
}

/// Some 1.1, 9, 62 and 325 km from here.
async fn put_cities(search: &SharedSearch) {
    let (busan, nowhere) = (at("busan", "35.18,129.08"), at("nowhere", ""));
    let (suwon, gangnam) = (at("suwon", "37.00,127.01"), at("gangnam", "37.50,126.99"));
    put(search, vec![busan, nowhere, suwon, gangnam, at("next", "37.56,126.91"), at("here", HERE)])
        .await;
}

pub(crate) async fn the_nearest_come_first_and_what_has_no_point_is_left_out(search: SharedSearch) {
    put_cities(&search).await;
    for query in [
        nearest(HERE),
        Query { sort: Sort::Distance, ..Query { near: point(HERE), ..text("자전거") } },
    ] {
        let found = hits(&search, &query).await;
        assert_eq!(found.ids, ["here", "next", "gangnam", "suwon", "busan"]);
        assert_eq!(found.total, 5);
    }
    let from_busan = hits(&search, &nearest("35.18,129.08")).await;
    assert_eq!(from_busan.ids, ["busan", "suwon", "gangnam", "here", "next"]);
    // A point alone asks for nothing.
    assert_eq!(hits(&search, &Query { near: point(HERE), ..all() }).await.total, 6);
}

pub(crate) async fn a_radius_leaves_out_what_is_beyond_in_every_order(search: SharedSearch) {
    put_cities(&search).await;
    for (metres, expected) in [
        (1, &["here"][..]),
        (1_100, &["here"]),
        (1_120, &["here", "next"]),
        (15_000, &["gangnam", "here", "next"]),
        (WITHIN_METRES_MAX, &["busan", "gangnam", "here", "next", "suwon"]),
    ] {
        for sort in [Sort::Relevance, Sort::Newest, Sort::PriceDescending, Sort::Distance] {
            for text in [None, Some("자전거".to_owned())] {
                let facets = vec![Facet::Currency];
                let query = Query { sort, text, facets, ..within(HERE, metres) };
                assert_eq!(ids(&search, &query).await, expected, "{query:?}");
                let found = hits(&search, &query).await;
                let count = u64::try_from(expected.len()).unwrap();
                assert_eq!(found.total, count, "{query:?}");
                assert_eq!(found.facets[0].1, [("KRW".to_owned(), count)], "{query:?}");
            }
        }
    }
    let filters = vec![(Facet::Status, "sold".to_owned())];
    assert_eq!(hits(&search, &Query { filters, ..within(HERE, 15_000) }).await.total, 0);
}

pub(crate) async fn pages_by_distance_walk_through_ties(search: SharedSearch) {
    // On all sides of the middle, some as far from it as others, each with several listings.
    let (mut entries, mut expected) = (Vec::new(), Vec::new());
    for number in 0..120 {
        let (north, east) = (number % 5 - 2, number % 3 - 1);
        let place = Point::new(37_550_000 + north * 10_000, 126_910_000 + east * 10_000).unwrap();
        let id = format!("{:03}", number * 7 % 120);
        expected.push((north.abs(), east.abs(), id.clone()));
        entries.push(at(&id, &place.to_string()));
    }
    for some in entries.chunks(17) {
        put(&search, some.to_vec()).await;
    }
    put(&search, vec![at("nowhere", ""), at("gone", HERE)]).await;
    put(&search, vec![a_removal("gone", 2)]).await;
    let mut walks = Vec::new();
    for limit in [1, 7, 50] {
        let mut query = Query { limit, ..nearest(HERE) };
        let mut seen = Vec::new();
        loop {
            let page = hits(&search, &query).await;
            assert_eq!(page.total, 120);
            seen.extend(page.ids);
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        walks.push(seen);
    }
    assert!(walks.iter().all(|walk| *walk == walks[0]));
    let rank = |id: &String| {
        let (north, east, _) = expected.iter().find(|(.., known)| known == id).unwrap();
        // A step to the north is longer than one to the east.
        (5 * north * north + 3 * east * east, id.clone())
    };
    let ranks: Vec<_> = walks[0].iter().map(rank).collect();
    assert_eq!(ranks.len(), 120);
    assert!(ranks.is_sorted_by_key(|(distance, _)| *distance), "{ranks:?}");
    let middle: Vec<_> = ranks.iter().filter(|(distance, _)| *distance == 0).collect();
    assert!(middle.len() > 5 && middle.is_sorted(), "{middle:?}");
}

pub(crate) async fn the_date_line_and_the_poles_are_no_border(search: SharedSearch) {
    put(&search, vec![at("east", "0,179.99"), at("west", "0,-179.98"), at("line", "0,180")]).await;
    put(&search, vec![at("pole", "90,0"), at("beyond", "89.98,180"), at("this", "89.97,1")]).await;
    assert_eq!(hits(&search, &nearest("0,180")).await.ids[..3], ["line", "east", "west"]);
    assert_eq!(hits(&search, &nearest("0,-180")).await.ids[..3], ["line", "east", "west"]);
    assert_eq!(ids(&search, &within("0,-179.99", 3_400)).await, ["east", "line", "west"]);
    assert_eq!(ids(&search, &within("0,-179.99", 1_200)).await, ["line", "west"]);
    assert_eq!(hits(&search, &nearest("89.99,0")).await.ids[..3], ["pole", "this", "beyond"]);
    assert_eq!(ids(&search, &within("89.99,0", 3_400)).await, ["beyond", "pole", "this"]);
    assert_eq!(ids(&search, &within("89.99,0", 2_500)).await, ["pole", "this"]);
}

pub(crate) async fn what_moves_is_found_where_it_is(search: SharedSearch) {
    put_cities(&search).await;
    put(&search, vec![Entry { position: Position(2), ..at("here", "35.18,129.08") }]).await;
    put(&search, vec![Entry { position: Position(2), ..at("next", "") }]).await;
    assert_eq!(hits(&search, &nearest(HERE)).await.ids, ["gangnam", "suwon", "busan", "here"]);
    assert_eq!(hits(&search, &all()).await.total, 6);
}

pub(crate) async fn a_distance_from_nowhere_is_refused(search: SharedSearch) {
    put_cities(&search).await;
    let cursor = Cursor { value: u64::MAX.to_string(), id: "zzz".to_owned() };
    for bad in [
        Query { near: None, ..nearest(HERE) },
        Query { near: None, ..within(HERE, 1) },
        within(HERE, 0),
        within(HERE, WITHIN_METRES_MAX + 1),
        Query { after: Some(Cursor { value: "x".to_owned(), ..cursor }), ..nearest(HERE) },
    ] {
        assert!(matches!(search.search(g(1), &bad).await, Err(Error::Invalid(_))), "{bad:?}");
    }
}
