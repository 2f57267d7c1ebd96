//! What is reported is what stands in the source, to the last cent and the last oddity.

use serde_json::json;
use tests::postgres;

use super::source::{Place, fixture};

#[tokio::test]
async fn the_report_says_what_stands_in_the_source() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::embedded(folder.path());
    place.migrate().await;
    let report = place.import(&fixture()).await;
    assert_eq!(report["differences"], json!([]));
    let mut totals = report["totals"].clone();
    let anomalies = totals["anomalies"].take();
    let accounts = totals["accounts"].take();
    assert_eq!(
        totals,
        json!({
            "checkouts": 15,
            "by_status": {
                "delivered": 9, "canceled": 3, "unavailable": 1, "created": 1, "shipped": 1
            },
            "payments": 16,
            "paid_minor": 79_201,
            "by_tender": {
                "card": 9, "voucher": 2,
                "other:boleto": 2, "other:debit_card": 2, "other:not_defined": 1
            },
            "items_minor": 63_924,
            "freight_minor": 7_977,
            "without_items": 2,
            "without_items_paid_minor": 8_000,
            "with_both": 12,
            "unbalanced": 1,
            // Each piece that was ordered: nobody had counted any.
            "stocked": 15,
            "reviews": 6,
            "by_rating": { "1": 1, "2": 1, "3": 1, "4": 1, "5": 2 },
            "anomalies": null,
            "accounts": null,
        })
    );
    // The order that was cancelled, and only that one, is owed back; what nobody can explain is
    // what was paid without an item, and too much.
    assert_eq!(
        accounts,
        json!({
            "gateway_receivable:card": 50_501,
            "gateway_receivable:other:boleto": 16_750,
            "gateway_receivable:other:debit_card": 10_450,
            "promotion": 1_500,
            "escrow": -60_801,
            "refund_payable:card": -9_900,
            "suspense:no_order": -8_000,
            "suspense:overpaid": -500,
        })
    );
    let once = json!({ "records": 1, "checkouts": 1 });
    for kind in [
        "approved_late",
        "overpaid",
        "underpaid",
        "undefined_tender",
        "handed_over_before_approval",
        "delivered_before_handed_over",
        "delivered_without_date",
        "cancelled_yet_delivered",
        "reviewed_again",
        "review_of_several_sellers",
    ] {
        assert_eq!(anomalies[kind], once, "{kind} in {anomalies}");
    }
    let twice = json!({ "records": 2, "checkouts": 2 });
    assert_eq!(anomalies["no_items"], twice);
    assert_eq!(anomalies["reviewed_undelivered"], twice);
}

#[tokio::test]
async fn a_second_import_appends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::embedded(folder.path());
    place.migrate().await;
    let first = place.import(&fixture()).await;
    assert!(first["appended"].as_u64().unwrap() > 200);
    let second = place.import(&fixture()).await;
    assert_eq!((&second["appended"], &second["head"]), (&json!(0), &first["head"]));
    assert_eq!(second["totals"], first["totals"]);
    assert_eq!(place.verify().await["findings"], json!([]));
}

#[tokio::test]
async fn both_logs_hold_the_same_history() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = postgres::new_database().await;
    let sqlite = Place::embedded(one.path());
    let postgres = Place { log: Some(&url), ..Place::embedded(other.path()) };
    let mut reports = vec![];
    for place in [&sqlite, &postgres] {
        place.migrate().await;
        reports.push(place.import(&fixture()).await);
        assert_eq!(place.verify().await["findings"], json!([]));
    }
    assert_eq!(reports[0], reports[1]);
    assert_eq!(sqlite.history().await, postgres.history().await);
}
