//! Putting, removing, generations and limits.

use events_schema::envelope::Position;
use storage::documents::Generation;
use storage::search::{
    Cursor, Entry, Error, FILTERS_MAX, Facet, Fields, Hits, PAGE_MAX, Query, SharedSearch, Sort,
    TEXT_BYTES_MAX,
};

/// Runs the whole contract on the index that a constructor gives, with a guard to keep beside it.
macro_rules! run_on {
    ($open:ident) => {
        $crate::contract::run_on! { $open: contract:
            what_was_put_is_found_at_once
            an_answer_is_never_older_than_the_last_put
            a_put_is_guarded_by_its_position
            a_removed_entry_is_not_revived
            generations_are_apart
            scan_walks_every_id_once_with_what_was_removed
            limits_are_refused
        }
        $crate::contract::run_on! { $open: finding:
            korean_is_found_by_its_syllables
            spaces_do_not_matter_in_korean
            scripts_and_forms_mix
            a_thing_is_found_by_all_its_names
            initials_find_a_title
            two_syllables_are_not_torn_apart
            a_flood_of_words_is_answered
            the_better_match_comes_first
            among_equals_the_newer_comes_first
            every_word_has_to_be_there
            what_people_type_is_never_syntax
            a_title_weighs_more_than_a_description
            filters_of_a_field_are_alternatives_and_fields_are_all_required
            prices_are_bounded_on_both_sides
        }
        $crate::contract::run_on! { $open: facets:
            every_facet_counts_every_match
            facets_count_what_passes_the_filters_alone
            facets_count_what_is_within_the_prices_of_a_currency
            a_facet_of_many_values_tells_the_most_frequent
        }
        $crate::contract::run_on! { $open: liked:
            among_equals_the_liked_comes_first
            a_better_match_stands_before_what_is_liked_by_however_many
            pages_by_relevance_walk_through_likes
            likes_change_the_order_at_once
        }
        $crate::contract::run_on! { $open: suggesting:
            a_syllable_in_progress_is_completed
            the_word_before_chooses_what_may_follow
            what_only_one_title_says_is_not_suggested
            what_was_removed_is_not_suggested
            what_people_type_is_never_a_pattern
            limits_of_suggestions_are_kept
            titles_are_marked_where_they_were_found
        }
        $crate::contract::run_on! { $open: nearby:
            the_nearest_come_first_and_what_has_no_point_is_left_out
            a_radius_leaves_out_what_is_beyond_in_every_order
            pages_by_distance_walk_through_ties
            the_date_line_and_the_poles_are_no_border
            what_moves_is_found_where_it_is
            a_distance_from_nowhere_is_refused
        }
        $crate::contract::run_on! { $open: paging:
            every_sort_walks_all_matches_once
            sorts_are_what_they_say
            a_page_goes_on_where_the_last_ended_under_writes
            a_cursor_of_nothing_is_refused
        }
    };
    ($open:ident: $suite:ident: $($name:ident)*) => {
        $(#[tokio::test]
        async fn $name() {
            let (_guard, search) = $open().await;
            search.declare($crate::contract::g(1)).await.unwrap();
            $crate::$suite::$name(search).await;
        })*
    };
}
pub(crate) use run_on;

pub(crate) fn g(number: u32) -> Generation {
    Generation(number)
}

pub(crate) fn all() -> Query {
    Query::everything(Sort::Newest, PAGE_MAX)
}

pub(crate) fn text(text: &str) -> Query {
    Query { text: Some(text.to_owned()), sort: Sort::Relevance, ..all() }
}

pub(crate) fn fields(title: &str) -> Fields {
    Fields {
        title: title.to_owned(),
        status: "on_sale".to_owned(),
        currency: "KRW".to_owned(),
        price_minor: 10_000,
        ..Fields::default()
    }
}

pub(crate) fn an_entry(id: &str, position: u64, title: &str) -> Entry {
    let fields = Some(fields(title));
    Entry { id: id.to_owned(), position: Position(position), fields }
}

pub(crate) fn a_removal(id: &str, position: u64) -> Entry {
    Entry { id: id.to_owned(), position: Position(position), fields: None }
}

pub(crate) async fn put(search: &SharedSearch, entries: Vec<Entry>) {
    search.put(g(1), entries).await.unwrap();
}

pub(crate) async fn put_titles(search: &SharedSearch, titles: &[(&str, &str)]) {
    put(search, titles.iter().map(|(id, title)| an_entry(id, 1, title)).collect()).await;
}

pub(crate) async fn hits(search: &SharedSearch, query: &Query) -> Hits {
    search.search(g(1), query).await.unwrap()
}

/// What is found, by id.
pub(crate) async fn ids(search: &SharedSearch, query: &Query) -> Vec<String> {
    let mut ids = hits(search, query).await.ids;
    ids.sort();
    ids
}

pub(crate) async fn what_was_put_is_found_at_once(search: SharedSearch) {
    for number in 0..20 {
        let title = format!("물건{number}");
        put(&search, vec![an_entry(&number.to_string(), 1, &title)]).await;
        assert_eq!(ids(&search, &text(&title)).await, [number.to_string()]);
        assert_eq!(hits(&search, &all()).await.total, number + 1);
    }
}

pub(crate) async fn an_answer_is_never_older_than_the_last_put(search: SharedSearch) {
    for number in 1..=30_u64 {
        put(&search, vec![an_entry(&number.to_string(), 1, "책")]).await;
        for _ in 0..3 {
            assert_eq!(hits(&search, &all()).await.total, number);
            assert_eq!(hits(&search, &text("책")).await.total, number);
            assert_eq!(hits(&search, &text("없는말")).await.total, 0);
        }
    }
    for first in 0..300 {
        let page = Query { limit: 1, price_min: Some(first), ..all() };
        assert_eq!(hits(&search, &page).await.total, 30);
    }
}

pub(crate) async fn a_put_is_guarded_by_its_position(search: SharedSearch) {
    put(&search, vec![an_entry("a", 5, "아이폰")]).await;
    for older in [4, 5] {
        put(&search, vec![an_entry("a", older, "갤럭시")]).await;
        assert_eq!(ids(&search, &text("아이폰")).await, ["a"]);
    }
    let mixed = [6, 9, 7].map(|position| an_entry("a", position, &format!("맥북{position}")));
    put(&search, mixed.to_vec()).await;
    assert_eq!(search.scan(g(1), None, 10).await.unwrap(), [an_entry("a", 9, "맥북9")]);
    assert_eq!(ids(&search, &text("아이폰")).await, [""; 0]);
    assert_eq!(ids(&search, &text("맥북9")).await, ["a"]);
}

pub(crate) async fn a_removed_entry_is_not_revived(search: SharedSearch) {
    put(&search, vec![an_entry("a", 1, "아이폰"), an_entry("b", 1, "아이폰")]).await;
    put(&search, vec![a_removal("a", 3), a_removal("never", 3)]).await;
    put(&search, vec![an_entry("a", 2, "아이폰"), an_entry("never", 2, "아이폰")]).await;
    let cheap = Query { price_max: Some(u64::MAX), ..all() };
    for query in [all(), text("아이폰"), cheap] {
        assert_eq!(ids(&search, &query).await, ["b"]);
        assert_eq!(hits(&search, &query).await.total, 1);
    }
    put(&search, vec![an_entry("a", 4, "아이폰")]).await;
    assert_eq!(ids(&search, &text("아이폰")).await, ["a", "b"]);
}

pub(crate) async fn generations_are_apart(search: SharedSearch) {
    let undeclared = search.search(g(2), &all()).await;
    assert!(matches!(undeclared, Err(Error::Invalid(_))));
    search.declare(g(2)).await.unwrap();
    search.declare(g(2)).await.unwrap();
    put(&search, vec![an_entry("a", 9, "아이폰")]).await;
    search.put(g(2), vec![an_entry("a", 1, "갤럭시")]).await.unwrap();
    assert_eq!(search.scan(g(2), None, 10).await.unwrap(), [an_entry("a", 1, "갤럭시")]);
    search.drop_generation(g(1)).await.unwrap();
    search.drop_generation(g(1)).await.unwrap();
    assert!(matches!(search.put(g(1), Vec::new()).await, Err(Error::Invalid(_))));
    search.declare(g(1)).await.unwrap();
    assert_eq!(hits(&search, &all()).await.total, 0);
    assert_eq!(search.search(g(2), &all()).await.unwrap().ids, ["a"]);
}

pub(crate) async fn scan_walks_every_id_once_with_what_was_removed(search: SharedSearch) {
    let mut expected = Vec::new();
    for number in 0..50_u64 {
        let id = format!("{:02}", number * 7 % 50);
        let entry = if number % 3 == 0 { a_removal(&id, 2) } else { an_entry(&id, 2, "책") };
        put(&search, vec![an_entry(&id, 1, "전"), entry.clone()]).await;
        expected.push(entry);
    }
    expected.sort_by(|one, other| one.id.cmp(&other.id));
    let mut seen: Vec<Entry> = Vec::new();
    loop {
        let after = seen.last().map(|entry| entry.id.clone());
        let page = search.scan(g(1), after.as_deref(), 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen, expected);
    let whole = Fields {
        description: "설명".to_owned(),
        brand: Some("애플".to_owned()),
        tags: vec!["폰".to_owned(), "폰".to_owned()],
        categories: vec!["cat_b".to_owned(), "cat_a".to_owned()],
        regions: vec!["서울특별시".to_owned(), "서울특별시/마포구".to_owned()],
        condition: "used".to_owned(),
        seller_id: "sel".to_owned(),
        seller_kind: "business".to_owned(),
        created_at_micros: -1,
        price_minor: u64::MAX,
        point: Some("37.55,126.91".parse().unwrap()),
        ..fields("제목")
    };
    let whole = Entry { fields: Some(whole), ..an_entry("zz", 1, "") };
    put(&search, vec![whole.clone()]).await;
    assert_eq!(search.scan(g(1), Some("zy"), 2).await.unwrap(), [whole]);
}

pub(crate) async fn limits_are_refused(search: SharedSearch) {
    let cursor = Cursor { value: "x".to_owned(), id: String::new() };
    let filter = (Facet::Brand, "x".to_owned());
    for bad in [
        Query { limit: PAGE_MAX + 1, ..all() },
        text(&"가".repeat(TEXT_BYTES_MAX / 3 + 1)),
        Query { filters: vec![filter; FILTERS_MAX + 1], ..all() },
        Query { after: Some(cursor), ..all() },
    ] {
        assert!(matches!(search.search(g(1), &bad).await, Err(Error::Invalid(_))), "{bad:?}");
    }
    for id in [String::new(), "x".repeat(600)] {
        let refused = search.put(g(1), vec![an_entry(&id, 1, "x")]).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
    }
    for limit in [0, 1_001] {
        assert!(matches!(search.scan(g(1), None, limit).await, Err(Error::Invalid(_))));
    }
}
