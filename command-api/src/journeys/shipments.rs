//! What carriers report.

use serde_json::{Value, json};

use crate::testing::market::{Market, admin, buyer};

#[tokio::test]
async fn a_scan_of_a_parcel_that_nobody_registered_belongs_to_the_order_it_names() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let order = market.order(&shop).await;
    market.capture(&order).await.succeeds();
    let path = "/shipments/shp_01h455vb4pex5vsknk084sn02q/observations";
    let mut scan =
        json!({ "observation_id": format!("obs_{:026}", 1), "scan": { "status": "delivered" } });
    scan["order_id"] = json!("ord_01h455vb4pex5vsknk084sn02q");
    market.post(&admin(), path, scan.clone()).await.fails(404, "shipment_not_found");
    scan["order_id"] = json!(order.order_id);
    market.post(&admin(), path, scan.clone()).await.succeeds();
    assert_eq!(
        market.last_written().await,
        ["shipment.delivered", "shipment.anomaly_found", "order.delivered"]
    );
    let events = market.log.types().await.len();
    market.post(&admin(), path, scan).await.succeeds();
    assert_eq!(market.log.types().await.len(), events);
    market.post(&buyer(), &order.path("confirm"), Value::Null).await.succeeds();
}
