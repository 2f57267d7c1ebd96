//! Given likes, then counts and lists.

use projector::view::{Poison, Stored, View, apply_once, fold};
use projector::views::like::LikeView;
use projector::views::listing_page::{Document, ListingPage};
use projector::views::listing_search::ListingSearch;

use crate::market::{LIKED, LISTING, Market, id};

/// Listing 1, as it is after these persons gave or took back their likes.
fn liked(steps: &[(&str, u32)]) -> Market {
    let mut market = Market::of(&[LISTING]);
    for (event_type, person) in steps {
        market.happens(event_type, *person, 1);
    }
    market
}

fn page(market: &Market) -> Stored<Document> {
    fold::<ListingPage>(&id("lst", 1).parse().unwrap(), &market.events).unwrap()
}

#[test]
fn a_listing_counts_who_likes_it() {
    let (given, taken_back) = ("like.given", "like.taken_back");
    for (steps, likes) in [
        (&[][..], 0),
        (&[(given, 1)], 1),
        (&[(given, 1), (given, 2)], 2),
        (&[(given, 1), (given, 2), (taken_back, 1)], 1),
        (&[(given, 1), (given, 2), (taken_back, 1), (given, 1)], 2),
    ] {
        assert_eq!(page(&liked(steps)).document.unwrap().likes, likes, "{steps:?}");
    }
}

#[test]
fn a_like_changes_nothing_else_of_the_listing() {
    let before = page(&liked(&[])).document.unwrap();
    let after = page(&liked(&[("like.given", 1)])).document.unwrap();
    assert_eq!(after, Document { likes: 1, ..before });
}

#[test]
fn a_like_that_comes_again_is_counted_once() {
    let market = liked(&[("like.given", 1), ("like.given", 2), ("like.taken_back", 1)]);
    let key = id("lst", 1).parse().unwrap();
    let mut stored = Stored::default();
    for recorded in market.events.iter().flat_map(|recorded| [recorded, recorded]) {
        if ListingPage::keys(recorded).contains(&key) {
            stored = apply_once::<ListingPage>(stored, &key, recorded).unwrap();
        }
    }
    for recorded in &market.events {
        stored = apply_once::<ListingPage>(stored, &key, recorded).unwrap();
    }
    assert_eq!(stored, page(&market));
}

#[test]
fn a_document_of_before_there_were_likes_has_none() {
    let mut old = serde_json::to_value(page(&liked(&[])).document.unwrap()).unwrap();
    old.as_object_mut().unwrap().remove("likes").unwrap();
    assert_eq!(serde_json::from_value::<Document>(old).unwrap().likes, 0);
}

#[test]
fn likes_are_among_what_a_listing_is_ranked_by() {
    let market = liked(&[("like.given", 1), ("like.given", 2)]);
    let key = id("lst", 1).parse().unwrap();
    let document = fold::<ListingSearch>(&key, &market.events).unwrap().document.unwrap();
    assert_eq!(ListingSearch::fields(&document).unwrap().likes, 2);
}

#[test]
fn what_was_taken_back_is_no_longer_listed() {
    let key = id("lik", 1).parse().unwrap();
    let fold = |events: usize| {
        let market = Market::of(&[LISTING, &LIKED[..events]]);
        let last = market.events.last().unwrap().meta.occurred_at;
        (fold::<LikeView>(&key, &market.events).unwrap().document, last)
    };
    assert_eq!(fold(2).0, None);
    for events in [1, 3] {
        let (like, last) = fold(events);
        let like = like.unwrap();
        assert_eq!((like.listing_id.to_string(), like.given_at), (id("lst", 1), last));
    }
}

#[test]
fn a_like_of_no_listing_is_poison() {
    let market = Market::of(&[LIKED]);
    let listing = id("lst", 1).parse().unwrap();
    assert_eq!(fold::<ListingPage>(&listing, &market.events), Err(Poison("like of no listing")));
}
