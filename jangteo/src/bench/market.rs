//! A market to measure on: one shop with many listings on sale, and those who buy there.

use command_api::execute::{Context, Executor, Handle, Submission};
use command_api::orders::place::{LineRequest, PlaceOrder, TenderRequest};
use command_api::products::DetailsRequest;
use command_api::products::approve::ApproveListing;
use command_api::products::draft::DraftListing;
use command_api::products::stock::{ChangeStock, StockChange};
use command_api::products::submit::SubmitListing;
use command_api::sellers::register::RegisterSeller;
use domain::inventory::StockLine;
use edge::token::Caller;
use events_schema::envelope::{Actor, Origin, Role};
use events_schema::ids::{CommandId, ListingId, PersonId, SellerId};
use events_schema::listing::Condition;
use events_schema::money::{Currency, Money};
use events_schema::quantity::Quantity;
use events_schema::text::{Description, Name, Title};
use events_schema::trade::{SellerKind, TenderMethod};
use serde::de::DeserializeOwned;
use serde_json::Value;
use storage::event_log::{Intent, Principal, SharedLog};
use storage::world::World;
use tokio_util::task::TaskTracker;

use crate::bootstrap;

const PRICE: u64 = 120_000;
const SHIPPING: u64 = 3_000;
/// Listings that are made at once.
const AT_ONCE: usize = 64;
const CONDITIONS: [Condition; 4] =
    [Condition::New, Condition::LikeNew, Condition::Good, Condition::Fair];

/// Who has all rights, and sends commands without HTTP.
#[derive(Clone, Debug)]
pub(super) struct Admin {
    executor: Executor,
    world: World,
    person_id: PersonId,
}

impl Admin {
    pub(super) fn new(executor: Executor, world: &World) -> Self {
        Self { executor, world: world.clone(), person_id: PersonId::new(world.uuid()) }
    }

    pub(super) fn submission(&self, command: impl Handle) -> Submission {
        let (world, person_id) = (&self.world, self.person_id);
        let actor = Actor::Person { person_id, role: Role::Admin };
        let context =
            Context::new(actor, Origin::Operator, CommandId::new(world.uuid()), world.now());
        let (principal, key) = (Principal::Person(person_id), world.uuid().to_string());
        let intent = Intent { principal, key, fingerprint: [7; 32] };
        Submission { intent, context, command: Box::new(command) }
    }

    /// The answer's body.
    pub(super) async fn execute(&self, command: impl Handle) -> anyhow::Result<Value> {
        let executed = self.executor.execute(self.submission(command)).await?;
        Ok(serde_json::from_slice(&executed.body)?)
    }

    async fn made<Id: DeserializeOwned>(&self, command: impl Handle) -> anyhow::Result<Id> {
        let mut body = self.execute(command).await?;
        Ok(serde_json::from_value(body["id"].take())?)
    }
}

/// What is on sale.
#[derive(Clone, Debug)]
pub(super) struct Market {
    pub(super) seller_id: SellerId,
    pub(super) listings: Vec<ListingId>,
    pub(super) admin: Admin,
    pub(super) executor: Executor,
    buyer_id: PersonId,
}

impl Market {
    /// Registers a shop and puts so many listings on sale, each with so many pieces.
    pub(super) async fn open(
        log: &SharedLog,
        world: &World,
        listings: usize,
        pieces: u32,
    ) -> anyhow::Result<Self> {
        let executor = Executor::new(log.clone(), world.clone(), TaskTracker::new());
        bootstrap::first_policies(&executor, world).await?;
        let admin = Admin::new(executor.clone(), world);
        let seller_id: SellerId = admin
            .made(RegisterSeller {
                owner_id: admin.person_id,
                seller_kind: SellerKind::Business,
                name: Name::new("장터 상점")?,
                registration_number: Some(events_schema::text::Code::new("123-45-67890")?),
                contact: None,
            })
            .await?;
        let buyer_id = PersonId::new(world.uuid());
        let mut market = Self { seller_id, listings: vec![], admin, executor, buyer_id };
        let tracker = TaskTracker::new();
        let numbers: Vec<usize> = (0..listings).collect();
        for numbers in numbers.chunks(AT_ONCE) {
            let offer = |number: &usize| {
                let (market, number) = (market.clone(), *number);
                tracker.spawn(async move { market.offer(number, pieces).await })
            };
            let offers: Vec<_> = numbers.iter().map(offer).collect();
            for offer in offers {
                market.listings.push(offer.await??);
            }
        }
        Ok(market)
    }

    /// Puts one more on sale, whose title ends with `number`.
    pub(super) async fn offer(&self, number: usize, pieces: u32) -> anyhow::Result<ListingId> {
        let admin = &self.admin;
        let caller = Caller {
            person_id: admin.person_id,
            roles: vec![Role::Seller],
            seller_id: Some(self.seller_id),
        };
        let draft = DraftListing {
            caller: caller.clone(),
            seller_id: None,
            price: Money::from_minor(PRICE, Currency::Krw)?,
            details: details(number)?,
        };
        let listing_id: ListingId = admin.made(draft).await?;
        let line = StockLine { option_id: None, quantity: Quantity::new(pieces)? };
        let change = StockChange::Add;
        admin.execute(ChangeStock { caller: caller.clone(), listing_id, change, line }).await?;
        admin.execute(SubmitListing { caller, listing_id }).await?;
        admin.execute(ApproveListing { listing_id }).await?;
        Ok(listing_id)
    }

    /// An order for one piece.
    pub(super) fn order(&self, listing_id: ListingId) -> anyhow::Result<Submission> {
        let quantity = Quantity::ONE;
        let line = LineRequest { listing_id, option_id: None, quantity, listing_version: None };
        let amount = Money::from_minor(PRICE + SHIPPING, Currency::Krw)?;
        let tender = TenderRequest { method: TenderMethod::Card { instalments: 1 }, amount };
        let buyer_id = self.buyer_id;
        let (lines, tenders) = (vec![line], vec![tender]);
        Ok(self.admin.submission(PlaceOrder { buyer_id, lines, tenders, address: None }))
    }
}

/// The same order, as a client sends it.
pub(super) fn order_body(listing_id: ListingId) -> String {
    let amount = PRICE + SHIPPING;
    serde_json::json!({
        "lines": [{ "listing_id": listing_id, "quantity": 1 }],
        "tenders": [{
            "method": { "kind": "card", "instalments": 1 },
            "amount": { "amount_minor": amount, "currency": "KRW" },
        }],
    })
    .to_string()
}

fn details(number: usize) -> anyhow::Result<DetailsRequest> {
    let description = "박스와 충전기 모두 있습니다. 생활 기스 조금 있고 배터리 효율은 91%입니다. \
                       직거래는 합정역 근처에서, 택배는 착불로 보내 드립니다.";
    let condition = CONDITIONS[number % CONDITIONS.len()];
    Ok(DetailsRequest {
        title: Title::new(&format!("아이폰 13 미니 128GB 미드나이트 {number}"))?,
        description: Some(Description::new(description)?),
        category_id: None,
        condition,
        brand: Some(Name::new("Apple")?),
        region: vec![Name::new("서울특별시")?, Name::new("마포구")?],
        meeting_point: None,
        tags: vec![],
        images: vec![],
        options: vec![],
        shipping: Money::from_minor(SHIPPING, Currency::Krw)?,
    })
}
