//! What holds for every route.

use events_schema::envelope::Role;
use serde_json::json;

use crate::testing::market::{Market, buyer, details, person, purchase, won};

fn filled(path: &str) -> String {
    let ids = [
        ("{seller_id}", "sel_01h455vb4pex5vsknk084sn02q"),
        ("{listing_id}", "lst_01h455vb4pex5vsknk084sn02q"),
        ("{category_id}", "cat_01h455vb4pex5vsknk084sn02q"),
        ("{order_id}", "ord_01h455vb4pex5vsknk084sn02q"),
        ("{checkout_id}", "chk_01h455vb4pex5vsknk084sn02q"),
        ("{shipment_id}", "shp_01h455vb4pex5vsknk084sn02q"),
        ("{review_id}", "rev_01h455vb4pex5vsknk084sn02q"),
    ];
    ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
}

#[tokio::test]
async fn nobody_calls_a_route_without_a_token() {
    let market = Market::open().await;
    assert_eq!(market.routes.len(), 30);
    for (path, method) in &market.routes {
        let reply = market.send(None, (&method.to_uppercase(), &filled(path)), &[], None).await;
        reply.fails(401, "unauthenticated");
    }
}

#[tokio::test]
async fn those_who_only_read_call_no_command_on_things_of_others() {
    let market = Market::open().await;
    for role in [Role::Auditor, Role::Analyst] {
        for (path, method) in market.routes.iter().filter(|(path, _)| path != "/sellers") {
            let route = (&*method.to_uppercase(), &*filled(path));
            market.call(&person(9, &[role]), route, json!({})).await.fails(403, "forbidden");
        }
    }
}

#[tokio::test]
async fn no_post_goes_without_a_key() {
    let market = Market::open().await;
    let everyone = person(1, &Role::ALL);
    for (path, _) in market.routes.iter().filter(|(_, method)| method == "post") {
        let reply =
            market.send(Some(&everyone), ("POST", &filled(path)), &[], Some(json!({}))).await;
        reply.fails(400, "idempotency_key_missing");
    }
    assert!(market.log.events().await.is_empty());
}

#[tokio::test]
async fn every_command_tells_its_key_and_its_answer_in_the_openapi_document() {
    let market = Market::open().await;
    let reply = market.send(None, ("GET", "/openapi.json"), &[], None).await.succeeds();
    for (path, method) in &market.routes {
        let operation = &reply.body["paths"][path][method];
        let parameters = operation["parameters"].as_array().unwrap();
        assert!(parameters.iter().any(|one| one["name"] == "Idempotency-Key"), "{path}");
        let answers = operation["responses"].as_object().unwrap();
        let success = answers.iter().find(|(status, _)| status.starts_with('2')).unwrap().1;
        let schema = &success["content"]["application/json"]["schema"]["$ref"];
        let name = schema.as_str().unwrap().rsplit('/').next().unwrap();
        assert!(reply.body["components"]["schemas"][name]["properties"]["position"].is_object());
    }
}

#[tokio::test]
async fn an_id_of_another_kind_is_named() {
    let market = Market::open().await;
    let path = "/orders/lst_01h455vb4pex5vsknk084sn02q/cancel";
    let reply = market.post(&buyer(), path, json!({ "reason": "buyer_changed_mind" })).await;
    reply.fails(400, "invalid_path");
}

#[tokio::test]
async fn a_field_that_nobody_knows_is_named() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let mut body = json!({ "price": won(1), "details": details("컵") });
    body["details"]["colour"] = json!("blue");
    let reply = market.post(&shop, "/products", body).await;
    reply.fails(400, "unknown_field");
    assert!(reply.body["detail"].as_str().unwrap().contains("colour"), "{reply:?}");
}

#[tokio::test]
async fn a_repeat_gets_the_same_answer_and_another_body_is_refused() {
    let market = Market::open().await;
    let shop = market.shop(10).await;
    let listing = market.on_sale(&shop, 5_000, 10).await;
    let key = [("idempotency-key", "one-wish")];
    let send = async |quantity, total| {
        let body = Some(purchase(&listing, quantity, total));
        market.send(Some(&buyer()), ("POST", "/orders"), &key, body).await
    };
    let first = send(1, 8_000).await.succeeds();
    let second = send(1, 8_000).await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(first.headers["jangteo-position"], second.headers["jangteo-position"]);
    send(2, 13_000).await.fails(422, "idempotency_key_reused");
    let placed = market.log.types().await;
    assert_eq!(placed.iter().filter(|event| *event == "order.placed").count(), 1);
}
