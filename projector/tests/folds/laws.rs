//! What holds for every view and every lawful history.

use std::collections::{BTreeMap, BTreeSet};

use events_schema::Event;
use events_schema::envelope::Recorded;
use projector::view::{Poison, Stored, View, apply_once};
use projector::views::category::CategoryView;
use projector::views::checkout::CheckoutView;
use projector::views::like::LikeView;
use projector::views::listing_changes::ListingChanges;
use projector::views::listing_page::ListingPage;
use projector::views::listing_search::ListingSearch;
use projector::views::order::OrderView;
use projector::views::policy::PolicyView;
use projector::views::rating::RatingView;
use projector::views::review::ReviewView;
use projector::views::seller::SellerView;
use projector::views::seller_balance::SellerBalance;
use projector::views::stock::StockView;
use projector::views::trail::Trail;
use projector::views::trial_balance::TrialBalance;

use crate::market::Market;

type Documents<V> = BTreeMap<<V as View>::Key, Stored<<V as View>::Document>>;

fn fold_all<'a, V: View>(
    events: impl IntoIterator<Item = &'a Recorded<Event>>,
) -> Result<Documents<V>, Poison> {
    let mut documents: Documents<V> = BTreeMap::new();
    for recorded in events {
        for key in V::keys(recorded) {
            let stored = documents.remove(&key).unwrap_or_default();
            let stored = apply_once::<V>(stored, &key, recorded)?;
            documents.insert(key, stored);
        }
    }
    Ok(documents)
}

macro_rules! for_every_view {
    ($law:ident) => {
        $law::<SellerView>();
        $law::<CategoryView>();
        $law::<ListingPage>();
        $law::<ListingChanges>();
        $law::<ListingSearch>();
        $law::<StockView>();
        $law::<CheckoutView>();
        $law::<OrderView>();
        $law::<ReviewView>();
        $law::<LikeView>();
        $law::<PolicyView>();
        $law::<SellerBalance>();
        $law::<TrialBalance>();
        $law::<RatingView>();
        $law::<Trail>();
    };
}

#[test]
fn the_histories_of_these_tests_hold_every_event_type() {
    let market = Market::busy(1, 8);
    let types: BTreeSet<&str> =
        market.events.iter().map(|recorded| recorded.event.event_type()).collect();
    let all: BTreeSet<&str> = Event::types().map(|(name, _)| name).collect();
    assert_eq!(types, all);
}

#[test]
fn no_lawful_history_poisons_a_document() {
    fn law<V: View>() {
        for seed in 0..5 {
            let market = Market::busy(seed, 24);
            let documents = fold_all::<V>(&market.events);
            assert!(documents.is_ok_and(|documents| !documents.is_empty()), "{} {seed}", V::NAME);
        }
    }
    for_every_view!(law);
}

#[test]
fn an_event_that_comes_twice_changes_nothing() {
    fn law<V: View>() {
        let market = Market::busy(6, 24);
        let once = fold_all::<V>(&market.events).unwrap();
        let twice = market.events.iter().flat_map(|recorded| [recorded, recorded]);
        assert_eq!(fold_all::<V>(twice).unwrap(), once, "{}", V::NAME);
        // A whole stretch comes again.
        let stretch = market.events.chunks(50).flat_map(|stretch| stretch.iter().chain(stretch));
        assert_eq!(fold_all::<V>(stretch).unwrap(), once, "{}", V::NAME);
    }
    for_every_view!(law);
}

#[test]
fn a_document_reads_back_as_it_was_written() {
    fn law<V: View>() {
        for stored in fold_all::<V>(&Market::busy(7, 12).events).unwrap().into_values() {
            let json = serde_json::to_vec(&stored.document).unwrap();
            let read: Option<V::Document> = serde_json::from_slice(&json).unwrap();
            assert_eq!(read, stored.document);
        }
    }
    for_every_view!(law);
}

#[test]
fn as_of_a_position_is_the_fold_of_the_prefix() {
    fn law<V: View>() {
        let market = Market::busy(8, 12);
        for until in (0..market.events.len()).step_by(37) {
            let prefix = &market.events[..until];
            for (key, stored) in fold_all::<V>(prefix).unwrap() {
                assert_eq!(projector::view::fold::<V>(&key, prefix), Ok(stored), "{}", V::NAME);
            }
        }
    }
    for_every_view!(law);
}

#[test]
fn documents_of_order_key_are_fed_from_one_partition() {
    fn law<V: View>() {
        let mut partitions = BTreeMap::new();
        for recorded in &Market::busy(9, 24).events {
            for key in V::keys(recorded) {
                let partition = partitions.entry(key).or_insert(&recorded.meta.partition_key);
                if V::ORDER == projector::view::Order::Key {
                    assert_eq!(*partition, &recorded.meta.partition_key, "{}", V::NAME);
                }
            }
        }
    }
    for_every_view!(law);
}

#[test]
fn the_accounts_of_each_currency_are_zero_together() {
    let market = Market::busy(10, 24);
    for until in 0..market.events.len() {
        let mut sums = BTreeMap::new();
        for (key, stored) in fold_all::<TrialBalance>(&market.events[..until]).unwrap() {
            *sums.entry(key.currency).or_insert(0) += stored.document.unwrap().balance_minor;
        }
        assert!(sums.values().all(|sum| *sum == 0), "after {until}: {sums:?}");
    }
}
