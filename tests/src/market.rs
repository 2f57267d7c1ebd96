//! Shops, listings and orders, made as people make them: by requests.

use serde_json::{Value, json};

use crate::http::Reply;
use crate::person::Person;
use crate::stage::Stage;

/// What a shop offers.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    pub title: &'a str,
    pub price: u64,
    pub stock: u32,
    pub category_id: Option<&'a str>,
}

/// Shipping is 3,000 won, whatever it is.
pub const SHIPPING: u64 = 3_000;

/// A bicycle for 10,000 won, of which there are five.
pub const BICYCLE: Offer<'_> =
    Offer { title: "삼천리 자전거", price: 10_000, stock: 5, category_id: None };

/// What somebody ordered.
#[derive(Clone, Debug)]
pub struct Placed {
    pub checkout_id: String,
    pub order_ids: Vec<String>,
    pub tender_ids: Vec<String>,
    pub position: u64,
}

impl Placed {
    /// # Panics
    /// When the answer is none to `POST /orders`.
    #[must_use]
    #[track_caller]
    pub fn of(reply: &Reply) -> Self {
        let body = reply.ok();
        let ids = |list: &str| {
            let items = body[list].as_array().unwrap();
            items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
        };
        Self {
            checkout_id: reply.at("/checkout_id"),
            order_ids: ids("orders"),
            tender_ids: ids("tenders"),
            position: body["position"].as_u64().unwrap(),
        }
    }

    /// A path of the first order.
    #[must_use]
    pub fn path(&self, step: &str) -> String {
        format!("/orders/{}{step}", self.order_ids[0])
    }
}

#[must_use]
pub fn won(amount_minor: u64) -> Value {
    json!({ "amount_minor": amount_minor, "currency": "KRW" })
}

/// The body of an order for these listings, paid by card.
#[must_use]
pub fn purchase(lines: &[(&str, u32)], total: u64) -> Value {
    let lines: Vec<_> = lines
        .iter()
        .map(|(id, quantity)| json!({ "listing_id": id, "quantity": quantity }))
        .collect();
    json!({
        "lines": lines,
        "tenders": [{ "method": { "kind": "card", "instalments": 1 }, "amount": won(total) }],
        "address": { "recipient": "김장터", "phone": "010-1234-5678", "postcode": "04001",
                     "region": "서울특별시", "city": "마포구", "street": "월드컵로 1" },
    })
}

impl Stage {
    /// Somebody with a shop.
    pub async fn a_seller(&self) -> Person {
        let owner = self.a_buyer();
        let body = json!({ "seller_kind": "individual", "name": "망원상점" });
        let seller_id = self.post(&owner, "/sellers", body).await.at("/id");
        owner.with_shop(&self.keys, &seller_id, self.world.now())
    }

    pub async fn a_category(&self, name: &str) -> String {
        self.post(self.admin(), "/products/categories", json!({ "name": name })).await.at("/id")
    }

    /// On sale, with stock.
    pub async fn a_listing(&self, shop: &Person, offer: Offer<'_>) -> String {
        let Offer { title, price, stock, category_id } = offer;
        let body = json!({
            "price": won(price),
            "details": {
                "title": title,
                "category_id": category_id,
                "condition": "good",
                "region": ["서울특별시", "마포구"],
                "shipping": won(SHIPPING),
            },
        });
        let listing_id = self.post(shop, "/products", body).await.at("/id");
        let path = |step: &str| format!("/products/{listing_id}/{step}");
        let stock = json!({ "change": "add", "quantity": stock });
        let _ = self.post(shop, &path("stock"), stock).await.ok();
        let _ = self.post(shop, &path("submit"), Value::Null).await.ok();
        let _ = self.post(self.admin(), &path("approve"), Value::Null).await.ok();
        listing_id
    }

    /// One piece of one listing.
    pub async fn an_order(&self, buyer: &Person, listing_id: &str, price: u64) -> Placed {
        let body = purchase(&[(listing_id, 1)], price + SHIPPING);
        Placed::of(&self.post(buyer, "/orders", body).await)
    }

    /// What a gateway says of every tender.
    pub async fn report(&self, placed: &Placed, report: Value) {
        for tender_id in &placed.tender_ids {
            let mut report = report.clone();
            report["tender_id"] = tender_id.as_str().into();
            let path = format!("/checkouts/{}/observations", placed.checkout_id);
            let _ = self.post(self.admin(), &path, json!({ "report": report })).await.ok();
        }
    }

    pub async fn capture(&self, placed: &Placed) {
        self.report(placed, json!({ "status": "captured" })).await;
    }

    /// Prepared and handed to a carrier: the parcel's id.
    pub async fn ship(&self, shop: &Person, placed: &Placed) -> String {
        let _ = self.post(shop, &placed.path("/prepare"), Value::Null).await.ok();
        let parcel = json!({ "carrier": "CJ대한통운", "tracking_number": "660123456789" });
        self.post(shop, &placed.path("/ship"), parcel).await.at("/shipment_id")
    }

    /// What a carrier says of a parcel.
    pub async fn scan(&self, shipment_id: &str, status: &str, occurred_at: Option<&str>) -> Reply {
        let observation_id = events_schema::ids::ObservationId::new(self.world.uuid());
        let body = json!({
            "observation_id": observation_id,
            "occurred_at": occurred_at,
            "scan": { "status": status },
        });
        self.post(self.admin(), &format!("/shipments/{shipment_id}/observations"), body).await
    }

    /// From the capture to the buyer's confirmation.
    pub async fn complete(&self, (shop, buyer): (&Person, &Person), placed: &Placed) {
        self.capture(placed).await;
        let shipment_id = self.ship(shop, placed).await;
        for status in ["picked_up", "in_transit", "delivered"] {
            let _ = self.scan(&shipment_id, status, None).await.ok();
        }
        let _ = self.post(buyer, &placed.path("/confirm"), Value::Null).await.ok();
    }

    /// Available, reserved and sold pieces of a listing without options.
    pub async fn pieces(&self, listing_id: &str) -> [u64; 3] {
        let listing = self.get(self.admin(), &format!("/products/{listing_id}")).await.ok();
        ["available", "reserved", "sold"].map(|field| listing["stock"][0][field].as_u64().unwrap())
    }

    /// The balances of the ledger by account.
    pub async fn ledger(&self) -> Value {
        self.get(self.admin(), "/ledger/trial-balance").await.ok()
    }
}
