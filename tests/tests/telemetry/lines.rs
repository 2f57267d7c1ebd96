//! Log lines as JSON: whole, found by their ids, and silent about people.

use std::net::SocketAddr;

use edge::token::Keys;
use events_schema::envelope::Role;
use jangteo::secrets;
use serde_json::{Value, json};
use storage::world::World;
use tests::http::{self, Reply};
use tests::person::Person;
use tests::program::{Serving, run};
use tests::wait::eventually;

/// The product as a process, and those who trade on it.
struct Market {
    address: SocketAddr,
    world: World,
    keys: Keys,
}

impl Market {
    fn somebody(&self, roles: &[Role]) -> Person {
        Person::somebody(&self.keys, &self.world, roles)
    }

    async fn send(&self, person: &Person, route: (&str, &str), body: &Value) -> Reply {
        let (bearer, key) = (person.bearer(), self.world.uuid().to_string());
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", &key),
        ];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        http::send(self.address, route, &headers, body.as_bytes()).await
    }

    async fn post(&self, person: &Person, path: &str, body: Value) -> Reply {
        self.send(person, ("POST", path), &body).await
    }

    /// Something that can be bought.
    async fn a_listing(&self) -> String {
        let owner = self.somebody(&[Role::Buyer]);
        let body = json!({ "seller_kind": "individual", "name": "망원상점" });
        let seller_id = self.post(&owner, "/sellers", body).await.at("/id");
        let shop = owner.with_shop(&self.keys, &seller_id, self.world.now());
        let details = json!({ "title": "삼천리 자전거", "condition": "good",
                              "region": ["서울특별시", "마포구"],
                              "meeting_point": { "latitude_microdegrees": 37_551_234,
                                                 "longitude_microdegrees": 126_914_321 },
                              "shipping": tests::market::won(3_000) });
        let body = json!({ "price": tests::market::won(10_000), "details": details });
        let listing_id = self.post(&shop, "/products", body).await.at("/id");
        let path = |step: &str| format!("/products/{listing_id}/{step}");
        let _ =
            self.post(&shop, &path("stock"), json!({ "change": "add", "quantity": 1 })).await.ok();
        let _ = self.post(&shop, &path("submit"), Value::Null).await.ok();
        let admin = self.somebody(&[Role::Admin]);
        let _ = self.post(&admin, &path("approve"), Value::Null).await.ok();
        listing_id
    }

    /// Says who she is in requests that cannot be used: a rule, a field, a value, a path, a query.
    async fn is_refused(&self, buyer: &Person, listing_id: &str) {
        let order = || tests::market::purchase(&[(listing_id, 1)], 13_000);
        self.post(buyer, "/orders", order()).await.fails(409, "out_of_stock");
        let mut unknown = order();
        unknown["address"]["김장터"] = "010-1234-5678".into();
        let answer = self.post(buyer, "/orders", unknown).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        let mut wrong = order();
        wrong["address"]["street"] = json!(["월드컵로"]);
        assert_eq!(self.post(buyer, "/orders", wrong).await.status, 400);
        for path in
            ["/orders/김장터", "/products?sort=월드컵로", "/products?near=37.551234,x&within_km=5"]
        {
            let answer = self.send(buyer, ("GET", path), &Value::Null).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        }
    }
}

/// How many requests [`Market::is_refused`] sends.
const REFUSED: usize = 6;

/// What the buyer says of herself, and what lets her in.
fn secrets_of(buyer: &Person) -> Vec<String> {
    let mut secrets: Vec<_> = ["김장터", "010-1234-5678", "월드컵로"].map(str::to_owned).into();
    secrets.push(buyer.token.clone());
    secrets.extend(["37.551234", "37551234"].map(str::to_owned));
    secrets
}

/// As deep as ours goes, and what others say of connections and statements.
const FILTER: &str =
    "debug,access=trace,command_api=trace,edge=trace,projector=trace,storage=trace";

#[tokio::test]
async fn a_trade_is_found_by_its_ids_and_nobody_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let _ = run(&["migrate", "--data", data, "--json"]).await.well();
    let roles = ["serve", "--role", "command-api,query-api,projector", "--data", data];
    let told = ["--listen", "127.0.0.1:0", "--log-format", "json", "--log-filter", FILTER];
    let served = Serving::start(&[&roles[..], &told].concat()).await;
    let world = World::system();
    let keys = secrets::token_keys(folder.path(), &world).unwrap();
    let market = Market { address: served.address, world, keys };
    let listing_id = market.a_listing().await;
    let buyer = market.somebody(&[Role::Buyer]);
    let body = tests::market::purchase(&[(&listing_id, 1)], 13_000);
    let placed = market.post(&buyer, "/orders", body).await;
    let (order_id, checkout_id) = (placed.at("/orders/0/id"), placed.at("/checkout_id"));
    let seen = eventually("the order is seen", async || {
        let path = format!("/orders/{order_id}");
        let order = market.send(&buyer, ("GET", &path), &Value::Null).await;
        (order.status == 200).then_some(order)
    })
    .await;
    assert!(seen.text().contains("월드컵로"), "the buyer herself sees it: {}", seen.text());
    let nearest = ("GET", "/products?near=37.551234,126.914321&sort=distance");
    assert_eq!(market.send(&buyer, nearest, &Value::Null).await.status, 200);
    market.is_refused(&buyer, &listing_id).await;
    served.terminate().await;
    let (status, said) = served.ended().await;
    assert_eq!(status, Some(0), "{said}");

    for secret in secrets_of(&buyer) {
        assert!(!said.contains(&secret), "{secret}");
    }
    let (lines, plain): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.starts_with('{'));
    assert_eq!(plain, ["stopped"]);
    let lines: Vec<Value> =
        lines.into_iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Until the order is seen it is 404.
    let refused =
        lines.iter().filter(|line| matches!(line["http.status"].as_u64(), Some(400 | 409 | 500..)));
    assert_eq!(refused.count(), REFUSED, "{said}");
    let request_id = placed.header("x-request-id");
    let told = |target: &str| {
        let found = |line: &&Value| line["target"] == target && line["request.id"] == request_id;
        let found: Vec<_> = lines.iter().filter(found).collect();
        let [line] = found[..] else { panic!("{target} of {request_id}: {found:?}") };
        line
    };
    let (access, command) = (told("access"), told("command"));
    assert_eq!(access["message"], "request answered");
    assert_eq!(
        (&access["http.method"], &access["http.route"]),
        (&json!("POST"), &json!("/orders"))
    );
    assert_eq!((&access["http.status"], &access["level"]), (&json!(201), &json!("INFO")));
    assert!(access["duration_us"].is_u64() && access["timestamp"].is_string(), "{access}");
    assert_eq!(command["order.id"], order_id.as_str());
    assert_eq!(command["checkout.id"], checkout_id.as_str());
    assert_eq!(command["listing.id"], listing_id.as_str());
    assert_eq!(command["trace.id"], access["trace.id"]);
    assert_eq!(command["trace.id"].as_str().unwrap().len(), 32);
}

/// Whatever the filter, the lines that it lets pass say which request they are of.
#[tokio::test]
async fn a_warning_names_its_request_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let words = ["dev", "--empty", "--data", data, "--listen", "127.0.0.1:0"];
    let told = ["--log-format", "json", "--log-filter", "warn,edge=debug"];
    let served = Serving::start(&[&words[..], &told].concat()).await;
    let headers = [("authorization", "Bearer nobody"), ("x-request-id", "mine-1")];
    let refused = http::send(served.address, ("GET", "/orders"), &headers, b"").await;
    refused.fails(401, "unauthenticated");
    served.terminate().await;
    let (_, said) = served.ended().await;
    let line = said.lines().find(|line| line.contains("token refused")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["request.id"], &line["level"]), (&json!("mine-1"), &json!("DEBUG")));
    assert!(!said.contains("nobody"), "{said}");
}
