//! A whole market behind HTTP, without a socket.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use edge::app::App;
use edge::health::Health;
use edge::secret::Secret;
use edge::state::{Config, Edge};
use edge::token::{Caller, Keys};
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use storage::keys::seal::Sealer;
use storage::keys::sqlite::Store;
use storage::world::World;
use uuid::Uuid;

use super::{NOON, TestLog};
use crate::execute::Executor;
use crate::routes::routes;
use crate::state::CommandApi;

pub(crate) struct Market {
    pub(crate) log: Arc<TestLog>,
    pub(crate) world: World,
    pub(crate) routes: Vec<(String, String)>,
    pub(crate) sealer: Arc<Sealer>,
    app: App,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    #[track_caller]
    pub(crate) fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no {field} in {self:?}")).to_owned()
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert!(self.status.is_success(), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn fails(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status.as_u16(), self.body["code"].as_str()),
            (status, Some(code)),
            "{self:?}"
        );
    }
}

pub(crate) fn person(n: u128, roles: &[Role]) -> Caller {
    Caller { person_id: PersonId::new(Uuid::from_u128(n)), roles: roles.to_vec(), seller_id: None }
}

pub(crate) fn buyer() -> Caller {
    person(1, &[Role::Buyer])
}

pub(crate) fn other_buyer() -> Caller {
    person(2, &[Role::Buyer])
}

pub(crate) fn admin() -> Caller {
    person(3, &[Role::Admin])
}

pub(crate) fn won(amount: u64) -> Value {
    json!({ "amount_minor": amount, "currency": "KRW" })
}

pub(crate) fn details(title: &str) -> Value {
    json!({ "title": title, "condition": "good", "shipping": won(3_000) })
}

impl Market {
    pub(crate) async fn open() -> Self {
        let world = World::simulated(1, NOON);
        let log = TestLog::open(&world).await;
        let folder = log.folder.path();
        let tokens = Keys::load_or_create(&folder.join("token.pem"), &world).unwrap();
        let (keys, master) = (folder.join("keys.sqlite"), folder.join("master"));
        let keys = Store::open(keys, master, world.clone()).await.unwrap();
        let sealer = Arc::new(Sealer::new(Arc::new(keys), world.clone()));
        let config = Config { requests_per_minute: 0, ..Config::default() };
        let edge = Edge::new(world.clone(), tokens, &Secret::generate(&world), config);
        let executor = Executor::new(log.clone(), world.clone(), edge.commands().clone());
        let routes = routes(&edge, CommandApi::new(executor, sealer.clone()));
        let listed =
            routes.policies().map(|(path, method, _)| (path.to_owned(), method.to_owned()));
        let listed = listed.collect();
        let app = App::new(routes, Health::new(), "commands").unwrap();
        Self { log, world, routes: listed, sealer, app }
    }

    /// As it is, with these headers.
    pub(crate) async fn send(
        &self,
        caller: Option<&Caller>,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(caller) = caller {
            let token = self.app.edge().keys().issue(caller, 3_600, self.world.now()).unwrap();
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            None => Body::empty(),
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
        };
        let (parts, body) = self.app.answer(request.body(body).unwrap()).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Under a key of its own.
    pub(crate) async fn call(&self, caller: &Caller, route: (&str, &str), body: Value) -> Reply {
        let key = self.world.uuid().to_string();
        let body = if body.is_null() { None } else { Some(body) };
        self.send(Some(caller), route, &[("idempotency-key", &key)], body).await
    }

    pub(crate) async fn post(&self, caller: &Caller, path: &str, body: Value) -> Reply {
        self.call(caller, ("POST", path), body).await
    }

    /// Somebody with a shop.
    pub(crate) async fn shop(&self, n: u128) -> Caller {
        let owner = person(n, &[Role::Seller]);
        let body = json!({ "seller_kind": "individual", "name": format!("가게 {n}") });
        let seller_id: SellerId =
            self.post(&owner, "/sellers", body).await.succeeds().text("id").parse().unwrap();
        Caller { seller_id: Some(seller_id), ..owner }
    }

    /// A listing on sale, with stock.
    pub(crate) async fn on_sale(&self, shop: &Caller, price: u64, stock: u32) -> String {
        let body = json!({ "price": won(price), "details": details("자전거") });
        let listing = self.post(shop, "/products", body).await.succeeds().text("id");
        let path = |step: &str| format!("/products/{listing}/{step}");
        self.post(shop, &path("submit"), Value::Null).await.succeeds();
        self.post(&admin(), &path("approve"), Value::Null).await.succeeds();
        let stock = json!({ "change": "add", "quantity": stock });
        self.post(shop, &path("stock"), stock).await.succeeds();
        listing
    }

    /// Two pieces for 10,000 won and shipping, to be paid by card.
    pub(crate) async fn order(&self, shop: &Caller) -> Order {
        let listing_id = self.on_sale(shop, 5_000, 10).await;
        let placed =
            self.post(&buyer(), "/orders", purchase(&listing_id, 2, 13_000)).await.succeeds();
        Order {
            checkout_id: placed.text("checkout_id"),
            order_id: placed.body["orders"][0]["id"].as_str().unwrap().to_owned(),
            tender_id: placed.body["tenders"][0]["id"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn capture(&self, order: &Order) -> Reply {
        let report = json!({ "report": { "status": "captured", "tender_id": order.tender_id } });
        self.post(&admin(), &format!("/checkouts/{}/observations", order.checkout_id), report).await
    }

    /// The types of the events that the last command wrote.
    pub(crate) async fn last_written(&self) -> Vec<String> {
        let events = self.log.events().await;
        let Some(last) = events.last() else { return Vec::new() };
        let same = events.iter().filter(|event| event.meta.command_id == last.meta.command_id);
        same.map(|event| event.meta.event_type.to_string()).collect()
    }
}

#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) checkout_id: String,
    pub(crate) order_id: String,
    pub(crate) tender_id: String,
}

impl Order {
    pub(crate) fn path(&self, step: &str) -> String {
        format!("/orders/{}/{step}", self.order_id)
    }
}

pub(crate) fn purchase(listing_id: &str, quantity: u32, total: u64) -> Value {
    json!({
        "lines": [{ "listing_id": listing_id, "quantity": quantity }],
        "tenders": [{ "method": { "kind": "card", "instalments": 1 }, "amount": won(total) }],
        "address": { "postcode": "04001", "region": "서울특별시", "city": "마포구" },
    })
}
