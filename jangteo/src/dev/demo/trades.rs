//! Trades in every stage, so that there is something to look at.

use anyhow::Context;
use serde_json::{Value, json};

use super::client::Client;
use super::{Offered, won};

/// How far a demonstration trade gets, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Placed,
    Cancelled,
    Paid,
    Shipped,
    Reviewed,
}

const TRADES: [(&str, Stage); 6] = [
    ("갤럭시 버즈2 프로", Stage::Reviewed),
    ("시디즈 T50", Stage::Reviewed),
    ("LG 그램", Stage::Shipped),
    ("맥북 에어", Stage::Paid),
    ("허먼밀러", Stage::Cancelled),
    ("노스페이스", Stage::Placed),
];

pub(super) async fn run(client: &Client<'_>, offered: &[Offered]) -> anyhow::Result<()> {
    for (title, stage) in TRADES {
        let offer = offered.iter().find(|offer| offer.title.starts_with(title));
        let offer = offer.with_context(|| format!("nobody offers {title}"))?;
        trade(client, offer, stage).await?;
    }
    Ok(())
}

async fn trade(client: &Client<'_>, offer: &Offered, until: Stage) -> anyhow::Result<()> {
    let buyer = client.person();
    let card = json!({ "kind": "card", "instalments": 1 });
    let tender = json!({ "method": card, "amount": won(offer.total_minor) });
    let body = json!({
        "lines": [{ "listing_id": offer.listing_id, "quantity": 1 }],
        "tenders": [tender],
        "address": { "recipient": "김장터", "phone": "010-0000-0000", "postcode": "04001",
                     "region": "서울특별시", "city": "마포구", "street": "월드컵로 1" },
    });
    let placed = client.post(&buyer, "/orders", body).await?;
    let checkout_id = placed.text("/checkout_id")?;
    let order_id = placed.text("/orders/0/id")?;
    let step = |name: &str| format!("/orders/{order_id}/{name}");
    match until {
        Stage::Placed => return Ok(()),
        Stage::Cancelled => {
            let body = json!({ "reason": "buyer_changed_mind" });
            client.post(&buyer, &step("cancel"), body).await?;
            return Ok(());
        }
        Stage::Paid | Stage::Shipped | Stage::Reviewed => {}
    }
    pay(client, &placed.0, &checkout_id).await?;
    if until == Stage::Paid {
        return Ok(());
    }
    client.post(&offer.seller, &step("prepare"), Value::Null).await?;
    let body = json!({ "carrier": "CJ대한통운", "tracking_number": "660123456789" });
    let shipped = client.post(&offer.seller, &step("ship"), body).await?;
    if until == Stage::Shipped {
        return Ok(());
    }
    let shipment_id = shipped.text("/shipment_id")?;
    for status in ["picked_up", "delivered"] {
        scan(client, &shipment_id, status).await?;
    }
    client.post(&buyer, &step("confirm"), Value::Null).await?;
    let body = json!({ "order_id": order_id, "rating": 5, "comment": "설명 그대로예요. 빠른 배송 감사합니다!" });
    client.post(&buyer, "/reviews", body).await?;
    Ok(())
}

/// What the gateway will say once there is one: every tender of the checkout is captured.
async fn pay(client: &Client<'_>, placed: &Value, checkout_id: &str) -> anyhow::Result<()> {
    let tenders = placed.pointer("/tenders").and_then(Value::as_array);
    for tender in tenders.context("the answer names no tender")? {
        let body = json!({ "report": { "status": "captured", "tender_id": tender["id"] } });
        let path = format!("/checkouts/{checkout_id}/observations");
        client.post(&client.admin(), &path, body).await?;
    }
    Ok(())
}

/// What the carrier will say once there is one.
async fn scan(client: &Client<'_>, shipment_id: &str, status: &str) -> anyhow::Result<()> {
    let body = json!({
        "observation_id": client.observation_id(),
        "scan": { "status": status },
    });
    let path = format!("/shipments/{shipment_id}/observations");
    client.post(&client.admin(), &path, body).await?;
    Ok(())
}
