//! Given events, then documents.

use events_schema::Event;
use events_schema::envelope::{Position, Version};
use projector::view::{Poison, View, fold};
use projector::views::category::CategoryView;
use projector::views::checkout::{CheckoutView, Status as CheckoutStatus, TenderStatus};
use projector::views::listing_changes::{self, ListingChanges};
use projector::views::listing_page::{ListingPage, Status as ListingStatus};
use projector::views::listing_search::ListingSearch;
use projector::views::order::{OrderView, ParcelStatus, Status as OrderStatus};
use projector::views::rating::{self, RatingView};
use projector::views::review::ReviewView;
use projector::views::seller::{SellerView, Status as SellerStatus};
use projector::views::seller_balance::SellerBalance;
use projector::views::stock::StockView;
use projector::views::trail::{self, Subject, Trail};
use projector::views::trial_balance::TrialBalance;

use crate::market::{
    CATEGORY, CONFIRMED, LISTING, LOST, Market, PAID, PLACED, REFUNDED, SELLER, SHIPPED, UNPAID,
    example, id,
};

/// The only document of this view with this id.
fn document<V: View>(market: &Market, id: &str) -> V::Document {
    let keys = market.events.iter().flat_map(V::keys);
    let key = keys.into_iter().find(|key| key.to_string() == id);
    let key = key.unwrap_or_else(|| panic!("{} has no {id}", V::NAME));
    fold::<V>(&key, &market.events).unwrap().document.unwrap()
}

fn listing_status(lives: &[&[&str]]) -> ListingStatus {
    document::<ListingPage>(&Market::of(lives), &id("lst", 1)).status
}

const SALE: &[&str] = &["listing.drafted", "listing.submitted", "listing.approved"];

#[test]
fn a_listing_goes_from_draft_to_sale() {
    for (events, status) in [
        (1, ListingStatus::Draft),
        (2, ListingStatus::Submitted),
        (3, ListingStatus::Rejected),
        (5, ListingStatus::Submitted),
        (6, ListingStatus::SoldOut),
        (7, ListingStatus::OnSale),
        (9, ListingStatus::Suspended),
        (10, ListingStatus::OnSale),
    ] {
        assert_eq!(listing_status(&[&LISTING[..events]]), status, "after {events}");
    }
}

#[test]
fn a_listing_is_reserved_and_sold_as_its_stock_says() {
    assert_eq!(listing_status(&[SALE, PLACED]), ListingStatus::Reserved);
    assert_eq!(listing_status(&[SALE, PLACED, PAID]), ListingStatus::SoldOut);
    assert_eq!(listing_status(&[SALE, PLACED, PAID, REFUNDED]), ListingStatus::OnSale);
    assert_eq!(listing_status(&[SALE, PLACED, UNPAID]), ListingStatus::OnSale);
}

#[test]
fn a_listing_whose_only_piece_is_sold_is_sold() {
    let mut market = Market::of(&[SALE]);
    let one = r#"{"quantity":1}"#;
    let ids = format!(r#""listing_id":"{}","order_id":"{}""#, id("lst", 1), id("ord", 1));
    let listing = format!(r#""listing_id":"{}""#, id("lst", 1));
    for (event_type, json) in [
        ("inventory.restocked", format!(r#"{{{listing},"line":{one}}}"#)),
        ("inventory.reserved", format!(r#"{{{ids},"lines":[{one}]}}"#)),
        ("inventory.committed", format!(r#"{{{ids},"lines":[{one}]}}"#)),
    ] {
        market.record(Event::decode(event_type, 1, json.as_bytes()).unwrap(), 1);
    }
    assert_eq!(document::<ListingPage>(&market, &id("lst", 1)).status, ListingStatus::Sold);
}

#[test]
fn only_public_listings_are_searched() {
    let fields = |lives: &[&[&str]]| {
        ListingSearch::fields(&document::<ListingSearch>(&Market::of(lives), &id("lst", 1)))
    };
    let found_by = fields(&[LISTING]).unwrap();
    assert_eq!(found_by.regions, ["서울특별시", "서울특별시/마포구"]);
    assert_eq!(found_by.categories.len(), 2);
    assert_eq!((found_by.status.as_str(), found_by.price_minor), ("on_sale", 430_000));
    assert_eq!(fields(&[&LISTING[..9]]), None);
}

#[test]
fn each_change_of_a_listing_is_a_document() {
    let market = Market::of(&[LISTING]);
    let key = listing_changes::Key(id("lst", 1).parse().unwrap(), Version(7));
    let change = document::<ListingChanges>(&market, &key.to_string());
    assert_eq!(change.change, "listing.price_changed");
    let minor = |price: Option<events_schema::money::Money>| price.unwrap().amount_minor();
    assert_eq!((minor(change.old_price), minor(change.new_price)), (450_000, 430_000));
    assert_eq!((change.actor.as_str(), change.position), ("process:test", Position(8)));
}

#[test]
fn stock_that_was_sold_comes_back_with_the_order() {
    let stock = |lives: &[&[&str]]| {
        let stock = document::<StockView>(&Market::of(lives), &id("lst", 1)).stock;
        (stock.available(), stock.reserved(), stock.sold(), stock.held.len())
    };
    assert_eq!(stock(&[PLACED]), (0, 2, 0, 1));
    assert_eq!(stock(&[PLACED, PAID]), (0, 0, 2, 0));
    assert_eq!(stock(&[PLACED, PAID, REFUNDED]), (2, 0, 0, 0));
    assert_eq!(stock(&[PLACED, UNPAID]), (2, 0, 0, 0));
}

#[test]
fn stock_below_zero_is_poison() {
    let reserved = Market::of(&[&["inventory.reserved"]]);
    let key = id("lst", 1).parse().unwrap();
    let folded = fold::<StockView>(&key, &reserved.events);
    assert_eq!(folded, Err(Poison("stock would be negative")));
}

#[test]
fn a_checkout_is_paid_when_all_of_it_was_captured() {
    let checkout = document::<CheckoutView>(&Market::of(&[PLACED, PAID]), &id("chk", 1));
    assert_eq!(checkout.status, CheckoutStatus::Paid);
    assert_eq!(checkout.captured, checkout.total);
    assert_eq!(checkout.tenders.len(), 1);
    assert_eq!(checkout.tenders[0].status, TenderStatus::Captured);
    let unpaid = document::<CheckoutView>(&Market::of(&[PLACED, UNPAID]), &id("chk", 1));
    assert_eq!(unpaid.status, CheckoutStatus::Cancelled);
    assert_eq!(unpaid.tenders[0].status, TenderStatus::Declined);
    assert_eq!(unpaid.anomalies.count, 1);
}

#[test]
fn a_late_decline_does_not_take_back_what_was_captured() {
    let market = Market::of(&[PLACED, PAID, &["checkout.declined"]]);
    let checkout = document::<CheckoutView>(&market, &id("chk", 1));
    assert_eq!(checkout.tenders[0].status, TenderStatus::Captured);
}

#[test]
fn money_for_a_checkout_that_nobody_opened_is_shown() {
    let checkout = document::<CheckoutView>(&Market::of(&[&["checkout.captured"]]), &id("chk", 1));
    assert_eq!(checkout.captured.unwrap().amount_minor(), 453_500);
    assert_eq!((checkout.total, checkout.status), (None, CheckoutStatus::Open));
}

#[test]
fn an_order_shows_its_money_and_its_parcels() {
    let market = Market::of(&[PLACED, PAID, SHIPPED, CONFIRMED]);
    let order = document::<OrderView>(&market, &id("ord", 1));
    assert_eq!(order.status, OrderStatus::Confirmed);
    assert_eq!(order.version, Version(6));
    let escrow = &order.escrow;
    assert_eq!(escrow.released, escrow.funded);
    assert!(escrow.held.is_zero());
    assert_eq!(escrow.to_seller.amount_minor(), 428_750);
    assert_eq!(order.shipments.len(), 1);
    assert_eq!(order.shipments[0].status, ParcelStatus::Delivered);
    assert!(order.paid_at < order.shipped_at && order.shipped_at < order.confirmed_at);
}

#[test]
fn a_late_scan_does_not_take_a_parcel_back() {
    let market = Market::of(&[PLACED, PAID, SHIPPED, LOST, CONFIRMED, &["shipment.in_transit"]]);
    let order = document::<OrderView>(&market, &id("ord", 1));
    assert_eq!(order.shipments[0].status, ParcelStatus::Delivered);
    assert_eq!(order.anomalies.count, 1);
}

#[test]
fn a_refund_is_listed() {
    let order = document::<OrderView>(&Market::of(&[PLACED, PAID, REFUNDED]), &id("ord", 1));
    assert_eq!((order.status, order.escrow.refunds.len()), (OrderStatus::Cancelled, 1));
    assert!(order.escrow.held.is_zero());
}

#[test]
fn an_order_that_was_never_placed_is_poison() {
    let key = id("ord", 1).parse().unwrap();
    let folded = fold::<OrderView>(&key, &Market::of(&[SHIPPED]).events);
    assert_eq!(folded, Err(Poison("order was never placed")));
}

#[test]
fn a_seller_is_owed_what_was_released_and_shipping() {
    let market = Market::of(&[PLACED, PAID, SHIPPED, CONFIRMED]);
    let balance = document::<SellerBalance>(&market, &id("sel", 1));
    let balance = &balance.balances[0];
    assert_eq!((balance.due.amount_minor(), balance.releases), (428_750, 1));
}

#[test]
fn the_escrow_account_is_empty_once_everything_was_released() {
    let funded = document::<TrialBalance>(&Market::of(&[PLACED, PAID]), "escrow:KRW");
    assert_eq!((funded.balance_minor, funded.events), (-453_500, 1));
    let market = Market::of(&[PLACED, PAID, SHIPPED, CONFIRMED]);
    let empty = document::<TrialBalance>(&market, "escrow:KRW");
    assert_eq!((empty.balance_minor, empty.debits_minor), (0, empty.credits_minor));
}

#[test]
fn a_rating_is_an_average_in_hundredths() {
    let mut market = Market::default();
    for (trade, stars) in [(1, 5), (2, 4), (3, 4)] {
        let json = serde_json::to_string(&review(trade)).unwrap();
        let json = json.replace(r#""rating":5"#, &format!(r#""rating":{stars}"#));
        market.record(Event::decode("review.written", 1, json.as_bytes()).unwrap(), trade);
    }
    let rating = document::<RatingView>(&market, &id("sel", 1));
    assert_eq!((rating.count, rating.sum, rating.average_hundredths), (3, 13, 433));
    assert_eq!(rating.stars, [0, 0, 0, 2, 1]);
    assert_eq!(document::<RatingView>(&market, &rating::Key::All.to_string()), rating);
}

fn review(trade: u32) -> serde_json::Value {
    serde_json::from_slice(&example("review.written", trade, 1).encode().unwrap()).unwrap()
}

#[test]
fn a_review_counts_who_reported_it() {
    let market = Market::of(&[PLACED, PAID, SHIPPED, CONFIRMED]);
    let review = document::<ReviewView>(&market, &id("rev", 1));
    assert_eq!((review.reports, review.anomalies.count, review.version), (1, 1, Version(3)));
}

#[test]
fn sellers_and_categories_follow_their_events() {
    let seller = document::<SellerView>(&Market::of(&[&SELLER[..2]]), &id("sel", 1));
    assert_eq!((seller.status, seller.reason.is_some()), (SellerStatus::Suspended, true));
    let seller = document::<SellerView>(&Market::of(&[SELLER]), &id("sel", 1));
    assert_eq!((seller.status, seller.reason), (SellerStatus::Active, None));
    let category = document::<CategoryView>(&Market::of(&[CATEGORY]), &id("cat", 1));
    assert_eq!((category.version, category.ancestors.len()), (Version(3), 1));
}

#[test]
fn the_trail_knows_where_the_events_of_a_trade_stand() {
    let market = Market::of(&[LISTING, PLACED, PAID, SHIPPED, CONFIRMED]);
    let positions = |subject: Subject| -> Vec<u64> {
        let key = trail::Key { subject, stretch: 0 };
        let document = document::<Trail>(&market, &key.to_string());
        document.positions().map(|position| position.0).collect()
    };
    let all: Vec<u64> = (11..=32).collect();
    assert_eq!(positions(Subject::Trade(id("chk", 1).parse().unwrap())), all);
    let balance = positions(Subject::Balance(id("sel", 1).parse().unwrap()));
    assert_eq!(balance, [29]);
    let of_listing = |event: &Event| matches!(event, Event::Listing(_) | Event::Inventory(_));
    let of_listing = market.events.iter().filter(|recorded| of_listing(&recorded.event));
    let of_listing: Vec<u64> = of_listing.map(|recorded| recorded.position.0).collect();
    let listing_id = id("lst", 1).parse().unwrap();
    assert_eq!(positions(Subject::Listing(listing_id)), of_listing);
}

#[test]
fn a_trail_goes_on_in_the_next_document_where_a_stretch_ends() {
    let mut market = Market::of(&[PLACED, PAID]);
    let (last, first) = (trail::STRETCH - 1, trail::STRETCH);
    market.events[8].position = Position(last);
    market.events[9].position = Position(first);
    let trade = Subject::Trade(id("chk", 1).parse().unwrap());
    let positions = |stretch| -> Vec<u64> {
        let key = trail::Key { subject: trade, stretch };
        let document = document::<Trail>(&market, &key.to_string());
        document.positions().map(|position| position.0).collect()
    };
    assert_eq!(positions(0), [1, 2, 3, 4, 5, 6, 7, 8, last]);
    assert_eq!(positions(1), [first]);
}
