//! One listing whose title is changed to a word that nobody has used: whether that is taken, seen and
//! found, and when.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use events_schema::envelope::Role;
use serde_json::{Value, json};
use tests::http::{self, Reply};
use tests::market::won;
use tests::person::Person;
use tokio::time::Instant;

use super::gateway::{Answer, Gateway};
use super::site::Site;

const PAUSE: Duration = Duration::from_millis(50);
/// Where nobody has promised a time, and the machine may be busy.
pub(crate) const SEEN_WITHIN: Duration = Duration::from_secs(30);

/// A seller and what it sells.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) listing: String,
    gateway: Gateway,
    seller: Person,
    words: AtomicU64,
}

/// A change that was acknowledged.
#[derive(Debug)]
pub(crate) struct Change {
    word: String,
    position: String,
}

/// When, counted from the same instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) taken: Duration,
    pub(crate) visible: Duration,
    pub(crate) searchable: Duration,
}

fn details(word: &str) -> Value {
    json!({
        "title": format!("bicycle {word}"),
        "condition": "good",
        "region": ["서울특별시", "마포구"],
        "shipping": won(3_000),
    })
}

/// Sends a command once. A body that is null is none.
pub(crate) async fn send(
    (gateway, person): (&Gateway, &Person),
    route: (&str, &str),
    key: &str,
    body: &Value,
) -> Answer {
    let bearer = person.bearer();
    let mut headers = vec![("authorization", bearer.as_str()), ("idempotency-key", key)];
    let mut bytes = vec![];
    if !body.is_null() {
        headers.push(("content-type", "application/json"));
        bytes = body.to_string().into_bytes();
    }
    gateway.send("command-api", &http::request(route, &headers, &bytes)).await
}

/// `None` where it may be taken later.
async fn command(
    by: (&Gateway, &Person),
    route: (&str, &str),
    key: &str,
    body: &Value,
) -> Option<Reply> {
    match send(by, route, key, body).await {
        Answer::Reply(reply) if reply.status == 503 => None,
        Answer::Reply(reply) => Some(reply),
        Answer::Nobody | Answer::Broken(_) => None,
    }
}

impl Shop {
    /// On sale, and a change of it seen and found.
    pub(crate) async fn open(site: &Site) -> Self {
        let gateway = site.gateway.clone();
        let (owner, admin) = (site.somebody(&[Role::Buyer]), site.somebody(&[Role::Admin]));
        let post = async |person: &Person, path: &str, body: Value| {
            let key = site.world.uuid().to_string();
            let reply = command((&gateway, person), ("POST", path), &key, &body).await;
            reply.unwrap_or_else(|| panic!("POST {path}"))
        };
        let body = json!({ "seller_kind": "individual", "name": "망원상점" });
        let seller_id = post(&owner, "/sellers", body).await.at("/id");
        let seller = owner.with_shop(&site.keys, &seller_id, site.world.now());
        let body = json!({ "price": won(10_000), "details": details("new") });
        let listing = post(&seller, "/products", body).await.at("/id");
        let path = |step: &str| format!("/products/{listing}/{step}");
        let stock = json!({ "change": "add", "quantity": 5 });
        let _ = post(&seller, &path("stock"), stock).await.ok();
        let _ = post(&seller, &path("submit"), Value::Null).await.ok();
        let _ = post(&admin, &path("approve"), Value::Null).await.ok();
        let shop = Self { listing, gateway, seller, words: AtomicU64::new(0) };
        let seen = shop.probe(Instant::now(), SEEN_WITHIN).await;
        assert!(seen.is_ok(), "{seen:?}");
        shop
    }

    /// Asks for a change until it is acknowledged or the time is over.
    pub(crate) async fn change(&self, until: Instant) -> Option<Change> {
        let word = format!("w{}x", self.words.fetch_add(1, Ordering::Relaxed));
        let key = format!("probe-{word}");
        let path = format!("/products/{}", self.listing);
        while Instant::now() < until {
            let by = (&self.gateway, &self.seller);
            if let Some(reply) = command(by, ("PUT", &path), &key, &details(&word)).await {
                let _ = reply.ok();
                return Some(Change {
                    word,
                    position: reply.header("jangteo-position").to_owned(),
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
        None
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Option<Value> {
        let request = http::request(("GET", path), headers, b"");
        match self.gateway.send("query-api", &request).await {
            Answer::Reply(reply) if reply.status == 200 => Some(reply.json()),
            Answer::Reply(_) | Answer::Nobody | Answer::Broken(_) => None,
        }
    }

    /// Whether whoever asks for this position sees the change.
    pub(crate) async fn is_visible(&self, change: &Change) -> bool {
        let least = [("jangteo-min-position", change.position.as_str())];
        let page = self.get(&format!("/products/{}", self.listing), &least).await;
        page.is_some_and(|page| page.to_string().contains(&change.word))
    }

    pub(crate) async fn is_searchable(&self, change: &Change) -> bool {
        let found = self.get(&format!("/products?q={}", change.word), &[]).await;
        found.is_some_and(|found| found.to_string().contains(&self.listing))
    }

    /// When a change that is asked for from now on is taken, seen and found, counted from `since`.
    pub(crate) async fn probe(&self, since: Instant, within: Duration) -> Result<Seen, String> {
        let until = since + within;
        let change = self.change(until).await.ok_or("no command is taken")?;
        let taken = since.elapsed();
        let visible = seen(until, "visible", async || self.is_visible(&change).await).await?;
        let searchable =
            seen(until, "searchable", async || self.is_searchable(&change).await).await?;
        Ok(Seen { taken, visible: visible - since, searchable: searchable - since })
    }
}

async fn seen(
    until: Instant,
    what: &str,
    mut is_so: impl AsyncFnMut() -> bool,
) -> Result<Instant, String> {
    loop {
        let is_now = is_so().await;
        let asked = Instant::now();
        if asked >= until {
            return Err(format!("a change is not {what}"));
        }
        if is_now {
            return Ok(asked);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
