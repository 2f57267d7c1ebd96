//! Counts by facet, and prices with currencies.

use storage::search::{Entry, FACET_VALUES_MAX, Facet, Fields, Query, SharedSearch};

use super::contract::{a_removal, all, an_entry, fields, hits, ids, put, text};

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn a_phone(id: &str, price_minor: u64) -> Fields {
    Fields {
        categories: owned(&["phones", "goods"]),
        regions: owned(&["서울", "서울/마포구"]),
        condition: "used".to_owned(),
        seller_id: format!("sel_{id}"),
        seller_kind: "person".to_owned(),
        brand: Some("애플".to_owned()),
        price_minor,
        ..fields("아이폰")
    }
}

fn an_entry_of(id: &str, fields: Fields) -> Entry {
    Entry { fields: Some(fields), ..an_entry(id, 1, "") }
}

async fn put_listings(search: &SharedSearch) {
    let shop = |fields: Fields| Fields {
        seller_id: "sel_shop".to_owned(),
        seller_kind: "business".to_owned(),
        ..fields
    };
    let book = Fields {
        categories: owned(&["books", "goods", "goods"]),
        regions: owned(&["서울", "서울/중구"]),
        condition: "new".to_owned(),
        brand: None,
        ..a_phone("", 300)
    };
    let sold = Fields { status: "sold".to_owned(), ..a_phone("b", 200) };
    let dollars =
        Fields { currency: "USD".to_owned(), regions: owned(&["부산"]), ..a_phone("", 150) };
    let listings = [("a", a_phone("a", 100)), ("b", sold), ("c", shop(book)), ("d", shop(dollars))];
    put(search, listings.map(|(id, fields)| an_entry_of(id, fields)).to_vec()).await;
    let gone = an_entry_of("gone", a_phone("gone", 100));
    put(search, vec![gone, a_removal("gone", 2)]).await;
}

/// What each facet counts, as `value count`, in the order of its answer.
async fn counts(search: &SharedSearch, query: Query) -> Vec<Vec<String>> {
    let found = hits(search, &Query { facets: Facet::ALL.to_vec(), ..query }).await;
    assert!(found.facets.iter().map(|(facet, _)| *facet).eq(Facet::ALL));
    let counts = found.facets.into_iter().map(|(_, counts)| counts);
    let told = |(value, count)| format!("{value} {count}");
    counts.map(|counts| counts.into_iter().map(told).collect()).collect()
}

pub(crate) async fn every_facet_counts_every_match(search: SharedSearch) {
    put_listings(&search).await;
    let expected = [
        &["goods 4", "phones 3", "books 1"][..],
        &["서울 3", "서울/마포구 2", "부산 1", "서울/중구 1"],
        &["used 3", "new 1"],
        &["sel_shop 2", "sel_a 1", "sel_b 1"],
        &["business 2", "person 2"],
        &["on_sale 3", "sold 1"],
        &["KRW 3", "USD 1"],
        &["애플 3"],
    ];
    // However few of them are on the page.
    for limit in [0, 1, 100] {
        assert_eq!(counts(&search, Query { limit, ..all() }).await, expected);
    }
    let nothing = counts(&search, text("갤럭시")).await;
    assert!(nothing.iter().all(Vec::is_empty), "{nothing:?}");
}

/// Filters, and what the facets of regions, sellers, their kinds, states and currencies count.
type Case<'a> = ((Facet, &'a str), [&'a [&'a str]; 5]);

pub(crate) async fn facets_count_what_passes_the_filters_alone(search: SharedSearch) {
    put_listings(&search).await;
    let (a, shop, person) = (["sel_a 1"], ["sel_shop 2"], ["person 1"]);
    let cases: [Case<'_>; 5] = [
        (
            (Facet::Region, "서울/마포구"),
            [
                &["서울 2", "서울/마포구 2"],
                &["sel_a 1", "sel_b 1"],
                &["person 2"],
                &["on_sale 1", "sold 1"],
                &["KRW 2"],
            ],
        ),
        (
            (Facet::SellerId, "sel_a"),
            [&["서울 1", "서울/마포구 1"], &a, &person, &["on_sale 1"], &["KRW 1"]],
        ),
        (
            (Facet::SellerKind, "business"),
            [
                &["부산 1", "서울 1", "서울/중구 1"],
                &shop,
                &["business 2"],
                &["on_sale 2"],
                &["KRW 1", "USD 1"],
            ],
        ),
        (
            (Facet::Status, "sold"),
            [&["서울 1", "서울/마포구 1"], &["sel_b 1"], &person, &["sold 1"], &["KRW 1"]],
        ),
        (
            (Facet::Currency, "USD"),
            [&["부산 1"], &["sel_shop 1"], &["business 1"], &["on_sale 1"], &["USD 1"]],
        ),
    ];
    for ((facet, value), expected) in cases {
        let query = Query { filters: vec![(facet, value.to_owned())], ..all() };
        let counted = counts(&search, query.clone()).await;
        let counted = [&counted[1], &counted[3], &counted[4], &counted[5], &counted[6]];
        assert_eq!(counted, expected, "{facet:?} {value}");
        let with_text = Query { filters: query.filters, ..text("아이폰") };
        let with_text = counts(&search, with_text).await;
        assert_eq!([&with_text[1], &with_text[3]], expected[..2], "{facet:?} {value} with a text");
    }
}

pub(crate) async fn facets_count_what_is_within_the_prices_of_a_currency(search: SharedSearch) {
    put_listings(&search).await;
    let won = vec![(Facet::Currency, "KRW".to_owned())];
    let within = |filters, price_min, price_max| Query { filters, price_min, price_max, ..all() };
    for (query, found, currencies, sellers) in [
        (within(vec![], Some(150), None), &["b", "c", "d"][..], &["KRW 2", "USD 1"][..], 2),
        (within(won.clone(), Some(150), None), &["b", "c"], &["KRW 2"], 2),
        (within(won.clone(), Some(150), Some(200)), &["b"], &["KRW 1"], 1),
        (within(won, Some(101), Some(199)), &[], &[], 0),
    ] {
        assert_eq!(ids(&search, &query).await, found, "{query:?}");
        let counted = counts(&search, query.clone()).await;
        assert_eq!(counted[6], currencies, "{query:?}");
        assert_eq!(counted[3].len(), sellers, "{query:?}");
    }
}

pub(crate) async fn a_facet_of_many_values_tells_the_most_frequent(search: SharedSearch) {
    let seller =
        |number: usize| Fields { seller_id: format!("sel_{:03}", number % 70), ..fields("책") };
    // Seventy sellers, of whom the last ten have a second book.
    let books = (0..70).chain(60..70).enumerate();
    let books = books.map(|(book, number)| an_entry_of(&format!("{book:03}"), seller(number)));
    put(&search, books.collect()).await;
    let query = Query { facets: vec![Facet::SellerId], ..all() };
    let (_, counts) = hits(&search, &query).await.facets.remove(0);
    let (often, once) = ((60..70).map(|n| (n, 2)), (0..40).map(|n| (n, 1)));
    let expected: Vec<(String, u64)> =
        often.chain(once).map(|(number, count)| (format!("sel_{number:03}"), count)).collect();
    assert_eq!(expected.len(), FACET_VALUES_MAX);
    assert_eq!(counts, expected);
}
