//! What may be meant, and where it stands.

use storage::search::{Error, SUGGESTIONS_MAX, SharedSearch, TEXT_BYTES_MAX};

use super::contract::{a_removal, g, put, put_titles};

async fn suggested(search: &SharedSearch, typed: &str) -> Vec<String> {
    search.suggest(g(1), typed, 5).await.unwrap()
}

async fn put_phones(search: &SharedSearch) {
    put_titles(
        search,
        &[
            ("a", "아이폰 케이스"),
            ("b", "아이폰 15 자급제"),
            ("c", "아이폰 15 케이스"),
            ("d", "아이패드 케이스"),
            ("e", "아이패드 에어"),
            ("f", "나이키 에어맥스"),
            ("g", "나이키 에어맥스 케이스"),
            ("h", "NIKE Air"),
            ("i", "Nike air"),
        ],
    )
    .await;
}

pub(crate) async fn a_syllable_in_progress_is_completed(search: SharedSearch) {
    put_phones(&search).await;
    for (typed, expected) in [
        ("아잎", &["아이폰", "아이패드"][..]),
        ("아이포", &["아이폰"]),
        ("아이ㅍ", &["아이폰", "아이패드"]),
        ("아이", &["아이폰", "아이패드"]),
        ("아이폰", &["아이폰"]),
        ("ㅇㅇㅍ", &["아이폰", "아이패드"]),
        ("ㅇㅇㅍㄷ", &["아이패드"]),
        ("ㅋ", &["케이스"]),
        ("나잌", &["나이키"]),
        ("NI", &["nike"]),
        ("노트북", &[]),
    ] {
        assert_eq!(suggested(&search, typed).await, expected, "{typed}");
    }
}

pub(crate) async fn the_word_before_chooses_what_may_follow(search: SharedSearch) {
    put_phones(&search).await;
    assert_eq!(suggested(&search, "아이폰 ㅋ").await, ["아이폰 케이스"]);
    assert_eq!(suggested(&search, "아이폰 에").await, [""; 0]);
    assert_eq!(suggested(&search, "나이키 에엄").await, ["나이키 에어맥스"]);
    assert_eq!(suggested(&search, "나이키 a").await, ["나이키 air"]);
    assert_eq!(suggested(&search, "아이폰 15 ㅋㅇ").await, [""; 0]);
}

pub(crate) async fn what_only_one_title_says_is_not_suggested(search: SharedSearch) {
    put_titles(&search, &[("a", "홍길동 자전거"), ("b", "자전거 자전거"), ("c", "자물쇠")]).await;
    assert_eq!(suggested(&search, "홍").await, [""; 0]);
    assert_eq!(suggested(&search, "자").await, ["자전거"]);
}

pub(crate) async fn what_was_removed_is_not_suggested(search: SharedSearch) {
    put_titles(&search, &[("a", "자전거"), ("b", "자전거"), ("c", "자전거 자물쇠")]).await;
    put(&search, vec![a_removal("a", 2)]).await;
    assert_eq!(suggested(&search, "자").await, ["자전거"]);
    put(&search, vec![a_removal("b", 2)]).await;
    assert_eq!(suggested(&search, "자").await, [""; 0]);
}

pub(crate) async fn what_people_type_is_never_a_pattern(search: SharedSearch) {
    put_phones(&search).await;
    for noise in ["", " ", "아이폰 ", ".*", "아이.*", "[아이]", "아|나", "@", "#", "~", "\"", "\0"]
    {
        assert_eq!(suggested(&search, noise).await, [""; 0], "{noise}");
    }
    assert_eq!(suggested(&search, ".*아이폰").await, [".*아이폰"]);
}

pub(crate) async fn limits_of_suggestions_are_kept(search: SharedSearch) {
    put_phones(&search).await;
    assert_eq!(search.suggest(g(1), "ㅇ", 1).await.unwrap(), ["아이폰"]);
    let long = "가".repeat(TEXT_BYTES_MAX / 3 + 1);
    for (typed, limit) in [("아", 0), ("아", SUGGESTIONS_MAX + 1), (long.as_str(), 1)] {
        let refused = search.suggest(g(1), typed, limit).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    for typed in ["아", ""] {
        let undeclared = search.suggest(g(2), typed, 1).await;
        assert!(matches!(undeclared, Err(Error::Invalid(_))), "{undeclared:?}");
    }
}

pub(crate) async fn titles_are_marked_where_they_were_found(search: SharedSearch) {
    let title = "새 아이폰 15 (iPhone)";
    let marked = |text: &str| -> Vec<&str> {
        search.highlights(text, title).into_iter().map(|range| &title[range]).collect()
    };
    assert_eq!(marked("아이폰"), ["아이폰", "iPhone"]);
    assert_eq!(marked("15 ㅇㅇㅍ"), ["아이폰", "15"]);
    assert_eq!(marked("갤럭시"), [""; 0]);
}
