//! `POST /orders`: what a buyer takes, split by seller. Checkout, orders, escrows and the stock they
//! hold are written together, or not at all.

mod offers;
mod refusal;

use async_trait::async_trait;
use axum::extract::State;
use domain::checkout::{self, Checkout, Open, Share};
use domain::escrow::{self, Escrow};
use domain::inventory::{self, Inventory, Reserve};
use domain::order::{self, Order, Placed, price};
use domain::policy::{fee, fee_terms};
use edge::documented;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::{CheckoutId, ListingId, OptionId, OrderId, PersonId, SellerId, TenderId};
use events_schema::money::Money;
use events_schema::personal::{Address, Personal};
use events_schema::quantity::Quantity;
use events_schema::stream::StreamId;
use events_schema::trade::{Tender, TenderMethod, Trade};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::checkouts::observe::follow;
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;
use offers::{Terms, Wanted};

pub use refusal::Rejection;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    lines: Vec<LineRequest>,
    /// How it will be paid; together what the orders cost.
    tenders: Vec<TenderRequest>,
    #[serde(default)]
    address: Option<Address>,
}

/// So many pieces of a listing, or of one of its options.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineRequest {
    pub listing_id: ListingId,
    #[serde(default)]
    pub option_id: Option<OptionId>,
    pub quantity: Quantity,
    /// The version that the buyer saw: if the price has changed since, nothing is ordered.
    #[serde(default)]
    pub listing_version: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenderRequest {
    pub method: TenderMethod,
    pub amount: Money,
}

/// What stands there now.
#[derive(Debug, Deserialize, JsonSchema, Serialize)]
pub(crate) struct PlacedOrders {
    checkout_id: CheckoutId,
    orders: Vec<PlacedOrder>,
    tenders: Vec<AnnouncedTender>,
    position: u64,
}

#[derive(Debug, Deserialize, JsonSchema, Serialize)]
struct PlacedOrder {
    id: OrderId,
    seller_id: SellerId,
    total: Money,
    version: u64,
}

#[derive(Debug, Deserialize, JsonSchema, Serialize)]
struct AnnouncedTender {
    id: TenderId,
    amount: Money,
}

/// As [`PlacedOrders`], without the position.
#[derive(Serialize)]
struct Written {
    checkout_id: CheckoutId,
    orders: Vec<PlacedOrder>,
    tenders: Vec<AnnouncedTender>,
}

documented! { Request = "PlaceOrder", PlacedOrders = "PlacedOrders" }

/// Buys, from one seller or several.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    pub buyer_id: PersonId,
    pub lines: Vec<LineRequest>,
    pub tenders: Vec<TenderRequest>,
    pub address: Option<Personal<Address>>,
}

/// Buy, from one seller or several
#[utoipa::path(
    post, path = "/orders", tag = "orders", request_body = Request,
    params(Wish),
    responses((status = 201, body = PlacedOrders), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn place(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { lines, tenders, address }, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let buyer_id = wish.caller.person_id;
    let sealed = api.seal(buyer_id, address).await;
    let command = sealed.map(|address| PlaceOrder { buyer_id, lines, tenders, address });
    Ok(api.execute_sealed(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for PlaceOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        work.act_as(Role::Buyer);
        let terms = Terms::in_force(work).await?;
        let checkout_id = work.id(CheckoutId::new);
        let mut shares = Vec::new();
        for wanted in offers::by_seller(self.buyer_id, &self.lines, work).await? {
            shares.push(self.place_one(checkout_id, wanted, &terms, work).await?);
        }
        let tender = |TenderRequest { method, amount }| Tender {
            tender_id: work.id(TenderId::new),
            method,
            amount,
        };
        let tenders: Vec<_> = self.tenders.iter().cloned().map(tender).collect();
        let announced =
            |tender: &Tender| AnnouncedTender { id: tender.tender_id, amount: tender.amount };
        let announced = tenders.iter().map(announced).collect();
        let pay_until = work.now().plus_seconds(terms.limits.pay_within_s.into());
        let buyer_id = self.buyer_id;
        let open = Open { checkout_id, buyer_id, shares: shares.clone(), tenders, pay_until };
        let checkout = work.open::<Checkout>(checkout_id).await?;
        let opened = work.decide_events(&checkout, checkout::Command::Open(open))?;
        for share in checkout.paid_orders_after(&opened) {
            // A gift: there is nothing to wait for.
            let Share { order_id, seller_id, .. } = share;
            follow::pay(Trade { checkout_id, order_id, seller_id, buyer_id }, share, work).await?;
        }
        let mut orders = Vec::with_capacity(shares.len());
        for Share { order_id: id, seller_id, amount: total } in shares {
            let version = work.read::<Order>(id).await?.version().0;
            orders.push(PlacedOrder { id, seller_id, total, version });
        }
        Body::of(&Written { checkout_id, orders, tenders: announced })
    }

    /// All who want the same thing queue there, instead of losing to each other.
    fn lane(&self) -> Option<StreamId> {
        self.lines.first().map(|line| StreamId::Inventory(line.listing_id))
    }
}

impl PlaceOrder {
    /// One seller's part: the order, its escrow, and the stock it holds.
    async fn place_one(
        &self,
        checkout_id: CheckoutId,
        Wanted { seller_id, seller_kind, offers }: Wanted,
        terms: &Terms,
        work: &mut UnitOfWork<'_>,
    ) -> Result<Share, CommandError> {
        let order_id = work.id(OrderId::new);
        let trade = Trade { checkout_id, order_id, seller_id, buyer_id: self.buyer_id };
        let priced = price(&offers).map_err(CommandError::refused)?;
        let fee_terms = fee_terms(&terms.fees, seller_kind);
        let fee = fee(fee_terms, terms.fees_version, priced.items)
            .map_err(|error| CommandError::refused(order::Rejection::from(error)))?;
        let placed = Placed {
            trade,
            seller_kind,
            lines: priced.lines,
            items: priced.items,
            shipping: priced.shipping,
            total: priced.total,
            fee,
            address: self.address.clone(),
            source: None,
        };
        let (share, escrow_terms) = (checkout::share_of(&placed), escrow::Terms::from(&placed));
        hold_stock(&placed, work).await?;
        let line_quantity_max = terms.limits.line_quantity_max;
        let place = Box::new(order::Place { placed, line_quantity_max });
        let order = work.open::<Order>(order_id).await?;
        work.decide(&order, order::Command::Place(place))?;
        let escrow = work.open::<Escrow>(order_id).await?;
        let open = escrow::Open { trade, terms: escrow_terms };
        work.decide(&escrow, escrow::Command::Open(open))?;
        Ok(share)
    }
}

async fn hold_stock(placed: &Placed, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
    for (listing_id, lines) in order::stock_lines(&placed.lines) {
        let inventory = work.read::<Inventory>(listing_id).await?;
        let reserve = Reserve { listing_id, order_id: placed.trade.order_id, lines };
        work.decide(&inventory, inventory::Command::Reserve(reserve))?;
    }
    Ok(())
}
