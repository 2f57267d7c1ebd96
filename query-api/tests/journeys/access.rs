//! Whose things they are: somebody else's are not there.

use events_schema::envelope::Role;

use crate::support::Stage;
use crate::support::market::{buyer, shop, staff, stranger};
use crate::support::trade::{STREET, traded};

#[tokio::test]
async fn an_order_is_there_for_its_sides_and_the_staff_only() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    for path in
        [format!("/orders/{}", trade.order_id), format!("/orders/{}/timeline", trade.order_id)]
    {
        for caller in [buyer(), shop(1), staff(Role::Auditor), staff(Role::Admin)] {
            assert_eq!(stage.get(Some(&caller), &path).await.status, 200, "{path} {caller:?}");
        }
        for caller in [stranger(), shop(2)] {
            let reply = stage.get(Some(&caller), &path).await;
            assert_eq!((reply.status, reply.code().as_str()), (404, "not_found"), "{path}");
        }
        assert_eq!(stage.get(Some(&staff(Role::Analyst)), &path).await.status, 403);
        assert_eq!(stage.get(None, &path).await.status, 401);
    }
}

#[tokio::test]
async fn a_checkout_is_its_buyers_and_a_balance_its_sellers() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let checkout = format!("/checkouts/{}", trade.checkout_id);
    let balance = format!("/sellers/{}/balance", trade.seller_id);
    for (caller, of_checkout, of_balance) in [
        (buyer(), 200, 403),
        (stranger(), 404, 403),
        (shop(1), 403, 200),
        (shop(2), 403, 404),
        (staff(Role::Auditor), 200, 200),
        (staff(Role::Analyst), 403, 403),
    ] {
        assert_eq!(stage.get(Some(&caller), &checkout).await.status, of_checkout, "{caller:?}");
        assert_eq!(stage.get(Some(&caller), &balance).await.status, of_balance, "{caller:?}");
    }
    let paid = stage.get(Some(&buyer()), &checkout).await.ok();
    assert_eq!(
        (&paid["status"], &paid["captured"]["amount_minor"]),
        (&"paid".into(), &13_000.into())
    );
    let due = stage.get(Some(&shop(1)), &balance).await.ok();
    assert_eq!(due["balances"][0]["due"]["amount_minor"], 12_450);
}

#[tokio::test]
async fn an_address_is_open_to_the_sides_and_erased_for_everybody() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let path = format!("/orders/{}", trade.order_id);
    for caller in [buyer(), shop(1)] {
        let order = stage.get(Some(&caller), &path).await.ok();
        assert_eq!(order["address"]["street"], STREET);
    }
    let class = events_schema::personal::RetentionClass::Trade5y;
    stage.sealer.erase(trade.buyer_id, class).await.unwrap();
    let order = stage.get(Some(&buyer()), &path).await.ok();
    assert_eq!(order["address"], serde_json::json!({ "erased": true }));
}

#[tokio::test]
async fn the_fee_is_not_shown_to_the_buyer() {
    let stage = Stage::open().await;
    let trade = traded(&stage).await;
    let path = format!("/orders/{}", trade.order_id);
    assert!(stage.get(Some(&buyer()), &path).await.ok().get("fee").is_none());
    assert_eq!(stage.get(Some(&shop(1)), &path).await.ok()["fee"]["amount"]["amount_minor"], 500);
}

#[tokio::test]
async fn only_analysts_auditors_and_admins_read_history_and_books_are_for_two_of_them() {
    let stage = Stage::open().await;
    traded(&stage).await;
    for (role, history, books) in [
        (Role::Buyer, 403, 403),
        (Role::Seller, 403, 403),
        (Role::Analyst, 200, 403),
        (Role::Auditor, 200, 200),
        (Role::Admin, 200, 200),
    ] {
        let caller = staff(role);
        assert_eq!(stage.get(Some(&caller), "/events").await.status, history, "{role:?}");
        assert_eq!(stage.get(Some(&caller), "/events/1").await.status, history, "{role:?}");
        let trial = stage.get(Some(&caller), "/ledger/trial-balance").await;
        assert_eq!(trial.status, books, "{role:?}");
    }
    let trial = stage.get(Some(&staff(Role::Auditor)), "/ledger/trial-balance").await.ok();
    assert_eq!(trial["difference_minor"]["KRW"], 0);
    assert!(trial["accounts"].as_array().unwrap().len() >= 3);
}
