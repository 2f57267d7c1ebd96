//! What a text, filters and prices find.

use storage::search::{Entry, Facet, Fields, Query, SharedSearch};

use super::contract::{all, an_entry, fields, hits, ids, put, put_titles, text};

async fn finds(search: &SharedSearch, sought: &str, expected: &[&str]) {
    assert_eq!(ids(search, &text(sought)).await, expected, "{sought}");
}

pub(crate) async fn korean_is_found_by_its_syllables(search: SharedSearch) {
    let titles = [("a", "아이폰 팝니다"), ("b", "아이패드"), ("c", "만화책 전집"), ("d", "책")];
    put_titles(&search, &titles).await;
    finds(&search, "아이폰", &["a"]).await;
    finds(&search, "이폰", &["a"]).await;
    finds(&search, "아이", &["a", "b"]).await;
    finds(&search, "책", &["c", "d"]).await;
    finds(&search, "화책", &["c"]).await;
    finds(&search, "아폰", &[]).await;
    finds(&search, "노트북", &[]).await;
}

pub(crate) async fn spaces_do_not_matter_in_korean(search: SharedSearch) {
    put_titles(&search, &[("a", "아이폰 케이스"), ("b", "아이폰케이스"), ("c", "갤럭시 케이스")])
        .await;
    finds(&search, "아이폰케이스", &["a", "b"]).await;
    finds(&search, "아이폰 케이스", &["a", "b"]).await;
    finds(&search, "  케이스\u{3000}아이폰\t", &["a", "b"]).await;
    finds(&search, "케이스", &["a", "b", "c"]).await;
}

pub(crate) async fn scripts_and_forms_mix(search: SharedSearch) {
    put_titles(
        &search,
        &[
            ("a", "갤럭시S24 Ultra 자급제"),
            ("b", "아이폰15프로"),
            ("c", "iPhone 15 Pro"),
            ("d", "華為手機"),
        ],
    )
    .await;
    finds(&search, "갤럭시 s24", &["a"]).await;
    finds(&search, "ＵＬＴＲＡ", &["a"]).await;
    finds(&search, "아이폰 15", &["b", "c"]).await;
    finds(&search, "IPHONE", &["b", "c"]).await;
    finds(&search, "iphone15 프로", &["b"]).await;
    finds(&search, "15", &["b", "c"]).await;
    finds(&search, "手機", &["d"]).await;
    // 갤럭시 as single jamo.
    let jamo = "\u{1100}\u{1162}\u{11AF}\u{1105}\u{1165}\u{11A8}\u{1109}\u{1175}";
    finds(&search, jamo, &["a"]).await;
}

pub(crate) async fn a_thing_is_found_by_all_its_names(search: SharedSearch) {
    let titles = [
        ("a", "노스페이스 눕시"),
        ("b", "노페 눕시 700"),
        ("c", "THE NORTH FACE 바람막이"),
        ("d", "파타고니아 눕시"),
        ("e", "north pole, face mask"),
    ];
    put_titles(&search, &titles).await;
    for name in ["노페", "노스 페이스", "northface", "The North Face", "노스페이스"] {
        finds(&search, name, &["a", "b", "c"]).await;
    }
    finds(&search, "노페눕시", &["a", "b"]).await;
    finds(&search, "노페 윈드브레이커", &["c"]).await;
}

pub(crate) async fn initials_find_a_title(search: SharedSearch) {
    put_titles(&search, &[("a", "아이폰 케이스"), ("b", "나이키 후드"), ("c", "ㅇㅇㅍ 삽니다")])
        .await;
    finds(&search, "ㅇㅇㅍ", &["a", "c"]).await;
    finds(&search, "ㅋㅇㅅ", &["a"]).await;
    finds(&search, "ㄴㅇㅋㅎㄷ", &["b"]).await;
    finds(&search, "ㅇㅋ", &[]).await;
}

pub(crate) async fn a_flood_of_words_is_answered(search: SharedSearch) {
    let names = "노스페이스 톰브라운 꼼데가르송 마르지엘라 아더에러 메종키츠네 보테가베네타 자켓 새상품 \
                 카라티 스웨트셔츠 바시티 롱슬리브 반바지 코듀로이 에센셜";
    let single: String = ('가'..='힣').step_by(28).take(120).flat_map(|one| [one, ' ']).collect();
    let letters: String = ('a'..='z').chain('0'..='9').flat_map(|one| [one, ' ']).collect();
    let run: String = ('가'..='힣').step_by(29).take(130).collect();
    put_titles(&search, &[("a", names), ("b", &single), ("c", &letters), ("d", &run)]).await;
    for (text, id) in [(single.as_str(), "b"), (letters.as_str(), "c"), (run.as_str(), "d")] {
        let mut text = text.to_owned();
        text.truncate(
            text.char_indices().map(|(at, _)| at).take_while(|at| *at <= 397).last().unwrap(),
        );
        finds(&search, &text, &[id]).await;
    }
    finds(&search, names, &["a"]).await;
    let twelve: Vec<&str> = names.split(' ').take(12).collect();
    finds(&search, &twelve.join(" "), &["a"]).await;
}

pub(crate) async fn two_syllables_are_not_torn_apart(search: SharedSearch) {
    put_titles(&search, &[("a", "최상 의자"), ("b", "상의 하의"), ("c", "여름상의")]).await;
    finds(&search, "상의", &["b", "c"]).await;
}

pub(crate) async fn the_better_match_comes_first(search: SharedSearch) {
    let titles = [
        ("a", "만화책방"),
        ("b", "만화책"),
        ("c", "책 만화"),
        ("d", "책"),
        ("e", "책 파는 만화가"),
    ];
    put_titles(&search, &titles).await;
    assert_eq!(hits(&search, &text("책")).await.ids, ["d", "c", "e", "b", "a"]);
    assert_eq!(hits(&search, &text("책 만화")).await.ids, ["c", "e", "b", "a"]);
}

pub(crate) async fn among_equals_the_newer_comes_first(search: SharedSearch) {
    const YEAR: i64 = 365 * 24 * 3_600 * 1_000_000;
    let listed = |id: &str, years: i64, title: &str| {
        let fields = Fields { created_at_micros: (50 + years) * YEAR, ..fields(title) };
        Entry { fields: Some(fields), ..an_entry(id, 1, "") }
    };
    put(
        &search,
        vec![
            listed("a", 2, "만화책 세트"),
            listed("b", 4, "만화책 세트"),
            listed("c", 3, "만화책 세트"),
            // Twice as good, but five years older.
            listed("d", -1, "책 세트"),
        ],
    )
    .await;
    assert_eq!(hits(&search, &text("책")).await.ids, ["b", "c", "a", "d"]);
}

pub(crate) async fn every_word_has_to_be_there(search: SharedSearch) {
    let spread = Fields {
        description: "생활 기스 있음".to_owned(),
        brand: Some("삼성".to_owned()),
        tags: vec!["휴대폰".to_owned()],
        ..fields("갤럭시 S24")
    };
    let spread = Entry { fields: Some(spread), ..an_entry("a", 1, "") };
    put(&search, vec![spread, an_entry("b", 1, "갤럭시 탭")]).await;
    finds(&search, "갤럭시 삼성 휴대폰 기스", &["a"]).await;
    finds(&search, "갤럭시", &["a", "b"]).await;
    finds(&search, "갤럭시 없는말", &[]).await;
}

pub(crate) async fn what_people_type_is_never_syntax(search: SharedSearch) {
    put_titles(&search, &[("a", "아이폰"), ("b", "rock AND roll"), ("c", "title:갤럭시")]).await;
    for noise in [
        "아이폰 \"(*",
        "\"아이폰",
        "(아이폰",
        "아이폰*",
        "+아이폰",
        "-아이폰",
        "아이폰~",
        "/아이폰/",
        "아이폰^",
        "[아이폰]",
        "{아이폰}",
        "\\아이폰",
        "아이폰:",
        "!아이폰",
        "아이폰 || ()",
        "<아이폰>",
    ] {
        finds(&search, noise, &["a"]).await;
    }
    finds(&search, "rock AND \"(*", &["b"]).await;
    finds(&search, "아이폰 OR 갤럭시", &[]).await;
    finds(&search, "title:아이폰", &[]).await;
    finds(&search, "title:갤럭시", &["c"]).await;
    for nothing in ["", " ", "*", "*:*", "\"(*", "🙂", "\0", "'; DROP TABLE x; --"] {
        finds(&search, nothing, &[]).await;
    }
}

pub(crate) async fn a_title_weighs_more_than_a_description(search: SharedSearch) {
    let described = |description: &str| {
        Some(Fields { description: description.to_owned(), ..fields("휴대폰") })
    };
    put(
        &search,
        vec![
            Entry { fields: described("아이폰"), ..an_entry("a", 1, "") },
            Entry { fields: described("갤럭시"), ..an_entry("b", 1, "") },
            an_entry("c", 1, "아이폰"),
        ],
    )
    .await;
    assert_eq!(hits(&search, &text("아이폰")).await.ids, ["c", "a"]);
}

fn a_listing(id: &str, category: &[&str], condition: &str, price_minor: u64) -> Entry {
    let categories = category.iter().map(|&name| name.to_owned()).collect();
    let condition = condition.to_owned();
    let regions = vec!["서울특별시".to_owned(), format!("서울특별시/{id}구")];
    let fields = Fields { categories, condition, price_minor, regions, ..fields("물건") };
    Entry { fields: Some(fields), ..an_entry(id, 1, "") }
}

async fn put_listings(search: &SharedSearch) {
    put(
        search,
        vec![
            a_listing("a", &["phones", "goods"], "new", 100),
            a_listing("b", &["phones", "goods"], "used", 200),
            a_listing("c", &["books", "goods"], "used", 300),
            a_listing("d", &["books", "goods", "goods"], "broken", u64::MAX),
        ],
    )
    .await;
}

/// Filters, and the ids that pass them.
type Case<'a> = (&'a [(Facet, &'a str)], &'a [&'a str]);

pub(crate) async fn filters_of_a_field_are_alternatives_and_fields_are_all_required(
    search: SharedSearch,
) {
    put_listings(&search).await;
    let (category, condition, region) = (Facet::Category, Facet::Condition, Facet::Region);
    let cases: [Case<'_>; 8] = [
        (&[(category, "phones")], &["a", "b"]),
        (&[(category, "goods")], &["a", "b", "c", "d"]),
        (&[(category, "phones"), (category, "books")], &["a", "b", "c", "d"]),
        (&[(category, "phones"), (condition, "used")], &["b"]),
        (&[(category, "phones"), (condition, "used"), (condition, "new")], &["a", "b"]),
        (&[(region, "서울특별시")], &["a", "b", "c", "d"]),
        (&[(region, "서울특별시/c구")], &["c"]),
        (&[(category, "Phones")], &[]),
    ];
    for (filters, expected) in cases {
        let filters: Vec<_> =
            filters.iter().map(|(facet, value)| (*facet, (*value).to_owned())).collect();
        for text in [None, Some("물건".to_owned())] {
            let query = Query { filters: filters.clone(), text, ..all() };
            assert_eq!(ids(&search, &query).await, expected, "{query:?}");
        }
    }
}

pub(crate) async fn prices_are_bounded_on_both_sides(search: SharedSearch) {
    put_listings(&search).await;
    for (price_min, price_max, expected) in [
        (Some(200), None, &["b", "c", "d"][..]),
        (None, Some(200), &["a", "b"]),
        (Some(150), Some(300), &["b", "c"]),
        (Some(u64::MAX), Some(u64::MAX), &["d"]),
        (Some(0), Some(0), &[]),
        (Some(300), Some(100), &[]),
    ] {
        let query = Query { price_min, price_max, ..all() };
        assert_eq!(ids(&search, &query).await, expected, "{price_min:?} {price_max:?}");
    }
}
