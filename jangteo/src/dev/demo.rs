//! The demonstration market: what `demo/market.json` says, sent as the requests that people send.

mod client;
mod trades;

use std::collections::BTreeMap;

use edge::app::App;
use events_schema::point::Point;
use serde::Deserialize;
use serde_json::{Value, json};

use client::{Client, Person};

/// Sellers with their listings, and the categories that these name.
#[derive(Debug, Deserialize)]
struct Market {
    categories: Vec<Category>,
    sellers: Vec<Seller>,
}

#[derive(Debug, Deserialize)]
struct Category {
    name: String,
    #[serde(default)]
    children: Vec<Category>,
}

#[derive(Debug, Deserialize)]
struct Seller {
    name: String,
    seller_kind: String,
    registration_number: Option<String>,
    listings: Vec<Listing>,
}

#[derive(Debug, Deserialize)]
struct Listing {
    title: String,
    description: Option<String>,
    category: String,
    condition: String,
    brand: String,
    region: Vec<String>,
    meeting_point: Option<Point>,
    tags: Vec<String>,
    price: u64,
    shipping: u64,
    stock: Option<u32>,
    #[serde(default)]
    options: Vec<Choice>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    name: String,
    price_difference: i64,
    stock: u32,
}

/// A listing on sale, as the demonstration's trades need it.
#[derive(Debug)]
struct Offered {
    listing_id: String,
    seller: Person,
    title: String,
    total_minor: u64,
}

/// # Errors
/// When a request is refused, which would be a bug.
pub(super) async fn load(app: &App) -> anyhow::Result<()> {
    let market: Market = serde_json::from_str(include_str!("../../demo/market.json"))?;
    let client = Client::new(app);
    let admin = client.admin();
    let mut categories = BTreeMap::new();
    for category in &market.categories {
        add_category(&client, &admin, category, &mut categories).await?;
    }
    let mut offered = vec![];
    for seller in &market.sellers {
        let shop = open_shop(&client, seller).await?;
        for listing in &seller.listings {
            let category_id = categories.get(&listing.category);
            offered.push(offer(&client, &shop, listing, category_id).await?);
        }
    }
    trades::run(&client, &offered).await
}

async fn add_category(
    client: &Client<'_>,
    admin: &Person,
    root: &Category,
    ids: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let mut waiting = vec![(root, None::<String>)];
    while let Some((category, parent_id)) = waiting.pop() {
        let body = json!({ "name": category.name, "parent_id": parent_id });
        let id = client.post(admin, "/products/categories", body).await?.id()?;
        waiting.extend(category.children.iter().map(|child| (child, Some(id.clone()))));
        ids.insert(category.name.clone(), id);
    }
    Ok(())
}

async fn open_shop(client: &Client<'_>, seller: &Seller) -> anyhow::Result<Person> {
    let owner = client.person();
    let body = json!({
        "seller_kind": seller.seller_kind,
        "name": seller.name,
        "registration_number": seller.registration_number,
    });
    let seller_id = client.post(&owner, "/sellers", body).await?.id()?;
    owner.with_shop(&seller_id)
}

async fn offer(
    client: &Client<'_>,
    shop: &Person,
    listing: &Listing,
    category_id: Option<&String>,
) -> anyhow::Result<Offered> {
    let options: Vec<_> =
        listing.options.iter().map(|choice| (client.option_id(), choice)).collect();
    let named: Vec<Value> = options
        .iter()
        .map(|(option_id, choice)| {
            let price_difference = won(choice.price_difference);
            json!({ "option_id": option_id, "name": choice.name, "price_difference": price_difference })
        })
        .collect();
    let body = json!({
        "price": won(listing.price),
        "details": {
            "title": listing.title,
            "description": listing.description,
            "category_id": category_id,
            "condition": listing.condition,
            "brand": listing.brand,
            "region": listing.region,
            "meeting_point": listing.meeting_point,
            "tags": listing.tags,
            "options": named,
            "shipping": won(listing.shipping),
        },
    });
    let listing_id = client.post(shop, "/products", body).await?.id()?;
    let path = |step: &str| format!("/products/{listing_id}/{step}");
    let counted = listing.stock.map(|stock| (None, stock)).into_iter();
    let counted = counted.chain(options.iter().map(|(id, choice)| (Some(id), choice.stock)));
    for (option_id, quantity) in counted {
        let body = json!({ "change": "add", "option_id": option_id, "quantity": quantity });
        client.post(shop, &path("stock"), body).await?;
    }
    client.post(shop, &path("submit"), Value::Null).await?;
    client.post(&client.admin(), &path("approve"), Value::Null).await?;
    let (seller, title) = (shop.clone(), listing.title.clone());
    Ok(Offered { listing_id, seller, title, total_minor: listing.price + listing.shipping })
}

fn won<T: Into<Value>>(amount_minor: T) -> Value {
    let amount: Value = amount_minor.into();
    json!({ "amount_minor": amount, "currency": "KRW" })
}
