//! Everybody in the market at once: who does what next, the seed says.

use axum::body::{Body, to_bytes};
use axum::http::Request;
use edge::app::App;
use edge::token::Keys;
use events_schema::envelope::Role;
use events_schema::ids::ObservationId;
use serde_json::{Value, json};
use storage::world::World;

use crate::market::{purchase, won};
use crate::person::Person;

const ANSWER_BYTES_MAX: usize = 1 << 20;
const SECONDS_BETWEEN_MAX: usize = 120;
const PRICES: [u64; 3] = [5_000, 10_000, 99_900];

#[derive(Debug)]
struct Listing {
    id: String,
    shop: usize,
    price: u64,
}

#[derive(Debug)]
struct Order {
    id: String,
    checkout_id: String,
    tender_id: String,
    shop: usize,
    buyer: usize,
    shipment_id: Option<String>,
}

/// What stands in the market, as far as the players know.
#[derive(Debug)]
pub(super) struct Player {
    app: App,
    keys: Keys,
    world: World,
    /// Its own source, so that choices do not hang on how many ids were drawn.
    choices: World,
    admin: Person,
    buyers: Vec<Person>,
    shops: Vec<Person>,
    listings: Vec<Listing>,
    orders: Vec<Order>,
    pub(super) done: usize,
    pub(super) refused: usize,
}

impl Player {
    pub(super) fn new(seed: u64, app: App, keys: Keys, world: World) -> Self {
        let choices = World::simulated(seed.wrapping_add(1), world.now());
        let person = |role| Person::somebody(&keys, &world, &[role]);
        let admin = person(Role::Admin);
        let buyers = (0..4).map(|_| person(Role::Buyer)).collect();
        let (shops, listings, orders) = (vec![], vec![], vec![]);
        Self {
            app,
            keys,
            world,
            choices,
            admin,
            buyers,
            shops,
            listings,
            orders,
            done: 0,
            refused: 0,
        }
    }

    /// One of so many.
    fn any(&self, count: usize) -> usize {
        let mut bytes = [0; 8];
        self.choices.fill(&mut bytes);
        let number = u64::from_be_bytes(bytes) % u64::try_from(count.max(1)).unwrap();
        usize::try_from(number).unwrap()
    }

    /// The next command, whatever it is.
    pub(super) async fn play(&mut self) {
        let seconds = i64::try_from(self.any(SECONDS_BETWEEN_MAX)).unwrap();
        self.world.advance_to(self.world.now().plus_seconds(seconds));
        match self.any(16) {
            0 => self.open_shop().await,
            1..=3 => self.offer().await,
            4 => self.reprice().await,
            5..=7 => self.buy().await,
            8..=9 => self.pay().await,
            10 => self.like().await,
            _ => self.go_on().await,
        }
    }

    async fn open_shop(&mut self) {
        let owner = self.buyers[self.any(self.buyers.len())].clone();
        let body = json!({ "seller_kind": "individual", "name": "가게" });
        if let Some(answer) = self.post(&owner, "/sellers", body).await {
            let seller_id = answer["id"].as_str().unwrap();
            self.shops.push(owner.with_shop(&self.keys, seller_id, self.world.now()));
        }
    }

    async fn offer(&mut self) {
        let shop = self.any(self.shops.len());
        let Some(seller) = self.shops.get(shop).cloned() else { return };
        let price = PRICES[self.any(PRICES.len())];
        let details = json!({ "title": "자전거", "condition": "good", "shipping": won(3_000) });
        let body = json!({ "price": won(price), "details": details });
        let Some(answer) = self.post(&seller, "/products", body).await else { return };
        let id = answer["id"].as_str().unwrap().to_owned();
        let stock = json!({ "change": "add", "quantity": 1 + self.any(3) });
        self.post(&seller, &format!("/products/{id}/stock"), stock).await;
        self.post(&seller, &format!("/products/{id}/submit"), Value::Null).await;
        let admin = self.admin.clone();
        self.post(&admin, &format!("/products/{id}/approve"), Value::Null).await;
        self.listings.push(Listing { id, shop, price });
    }

    async fn reprice(&mut self) {
        let (chosen, price) = (self.any(self.listings.len()), PRICES[self.any(PRICES.len())]);
        let Some(Listing { id, shop, .. }) = self.listings.get(chosen) else { return };
        let (path, seller) = (format!("/products/{id}/price"), self.shops[*shop].clone());
        if self.send("PUT", &seller, &path, json!({ "price": won(price) })).await.is_some() {
            self.listings[chosen].price = price;
        }
    }

    async fn buy(&mut self) {
        let (chosen, buyer) = (self.any(self.listings.len()), self.any(self.buyers.len()));
        let pieces = 1 + u64::try_from(self.any(2)).unwrap();
        let Some(Listing { id, shop, price }) = self.listings.get(chosen) else { return };
        let (shop, total) = (*shop, price * pieces + 3_000);
        let body = purchase(&[(id, u32::try_from(pieces).unwrap())], total);
        let person = self.buyers[buyer].clone();
        let Some(answer) = self.post(&person, "/orders", body).await else { return };
        let text = |pointer: &str| answer.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        self.orders.push(Order {
            id: text("/orders/0/id"),
            checkout_id: text("/checkout_id"),
            tender_id: text("/tenders/0/id"),
            shop,
            buyer,
            shipment_id: None,
        });
    }

    /// Something, or nothing more of it; also one's own, which is refused.
    async fn like(&mut self) {
        let (chosen, buyer) = (self.any(self.listings.len()), self.any(self.buyers.len()));
        let method = if self.any(3) == 0 { "DELETE" } else { "PUT" };
        let Some(Listing { id, .. }) = self.listings.get(chosen) else { return };
        let (path, person) = (format!("/products/{id}/like"), self.buyers[buyer].clone());
        self.send(method, &person, &path, Value::Null).await;
    }

    async fn pay(&mut self) {
        let Some(order) = self.orders.get(self.any(self.orders.len())) else { return };
        let path = format!("/checkouts/{}/observations", order.checkout_id);
        let tender_id = order.tender_id.clone();
        let report = if self.any(8) == 0 {
            json!({ "status": "declined", "tender_id": tender_id, "reason": "insufficient_funds" })
        } else {
            json!({ "status": "captured", "tender_id": tender_id })
        };
        let admin = self.admin.clone();
        self.post(&admin, &path, json!({ "report": report })).await;
    }

    /// The next step of some order, which may well be too early or too late for it.
    async fn go_on(&mut self) {
        let chosen = self.any(self.orders.len());
        let Some(order) = self.orders.get(chosen) else { return };
        let (seller, buyer) = (self.shops[order.shop].clone(), self.buyers[order.buyer].clone());
        let path = |step: &str| format!("/orders/{}/{step}", order.id);
        match (self.any(6), order.shipment_id.clone()) {
            (0, _) => drop(self.post(&seller, &path("prepare"), Value::Null).await),
            (1 | 2, None) => {
                let body = json!({ "carrier": "한진" });
                let answer = self.post(&seller, &path("ship"), body).await;
                let shipment_id = answer.map(|it| it["shipment_id"].as_str().unwrap().to_owned());
                self.orders[chosen].shipment_id = shipment_id;
            }
            (1 | 2, Some(shipment_id)) => self.scan(&shipment_id).await,
            (3, _) => drop(self.post(&buyer, &path("confirm"), Value::Null).await),
            (4, _) => {
                let body = json!({ "order_id": order.id, "rating": 1 + self.any(5) });
                self.post(&buyer, "/reviews", body).await;
            }
            _ => {
                let body = json!({ "reason": "buyer_changed_mind" });
                self.post(&buyer, &path("cancel"), body).await;
            }
        }
    }

    async fn scan(&mut self, shipment_id: &str) {
        let status = ["picked_up", "in_transit", "delivered", "delivered", "lost"][self.any(5)];
        let observation_id = ObservationId::new(self.world.uuid());
        let body = json!({ "observation_id": observation_id, "scan": { "status": status } });
        let admin = self.admin.clone();
        self.post(&admin, &format!("/shipments/{shipment_id}/observations"), body).await;
    }

    async fn post(&mut self, person: &Person, path: &str, body: Value) -> Option<Value> {
        self.send("POST", person, path, body).await
    }

    /// `None` where a rule said no, which is an answer like any other.
    async fn send(
        &mut self,
        method: &str,
        person: &Person,
        path: &str,
        body: Value,
    ) -> Option<Value> {
        // The token of the beginning would run out.
        let token = self.keys.issue(&person.caller, 60, self.world.now()).unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("idempotency-key", self.world.uuid().to_string());
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        };
        let response = self.app.answer(request.body(body).unwrap()).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        if status.is_success() {
            self.done += 1;
            return Some(serde_json::from_slice(&bytes).unwrap());
        }
        assert!(matches!(status.as_u16(), 404 | 409 | 422), "{method} {path}: {status} {text}");
        self.refused += 1;
        None
    }
}
