//! One fact of the source, taken in: read what it concerns, observe, write all of it in one append.
//! What a fact is the first to speak of is opened without a look at the log.

mod ended;
mod paid;
mod placed;
mod reviewed;
mod shipped;

use std::sync::Arc;

use async_trait::async_trait;
use command_api::execute::{Body, Handle, UnitOfWork};
use command_api::problem::CommandError;
use domain::policy::{Fees, Limits, Policy, PolicyKind};
use domain::{checkout, order};
use events_schema::envelope::Version;
use events_schema::ids::PersonId;
use events_schema::personal::{Address, Comment, Personal};
use events_schema::text::{Code, Name, Title};
use events_schema::trade::{Source, Trade};

use super::facts::Fact;
use super::ids;
use super::source::{Dataset, Item, Order};

/// A fact, with the personal data in it sealed.
#[derive(Debug)]
pub(crate) struct Applied {
    pub dataset: Arc<Dataset>,
    pub order: Arc<Order>,
    pub fact: Fact,
    pub buyer_id: PersonId,
    pub address: Option<Personal<Address>>,
    pub comment: Option<Personal<Comment>>,
}

#[async_trait]
impl Handle for Applied {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        match self.fact {
            Fact::Placed => self.placed(work).await?,
            Fact::Paid => self.paid(work).await?,
            Fact::HandedOver => self.handed_over(work).await?,
            Fact::Delivered => self.delivered(work).await?,
            Fact::Ended => self.ended(work).await?,
            Fact::Reviewed { index } => self.reviewed(work, index).await?,
        }
        Body::of(&serde_json::json!({}))
    }
}

impl Applied {
    /// The fees that held when the order was placed.
    async fn fees(&self, work: &mut UnitOfWork<'_>) -> Result<(Version, Fees), CommandError> {
        let fees = work.policy::<Policy>(PolicyKind::Fees).await?;
        fees.fees_at(self.order.purchased_at).ok_or_else(|| missing("fees"))
    }

    async fn limits(&self, work: &mut UnitOfWork<'_>) -> Result<Limits, CommandError> {
        let limits = work.policy::<Policy>(PolicyKind::Limits).await?;
        let (_, limits) =
            limits.limits_at(self.order.purchased_at).ok_or_else(|| missing("limits"))?;
        Ok(limits)
    }

    fn order_observation(&self, trade: Trade, fact: order::Fact) -> order::Observation {
        let instants = order::Instants {
            approved_at: self.order.approved_at,
            handed_over_at: self.order.handed_over_at,
            delivered_at: self.order.delivered_at,
        };
        order::Observation { trade, instants, fact }
    }

    fn checkout_observation(&self, fact: checkout::Fact) -> checkout::Observation {
        let checkout_id = ids::checkout(&self.order.id);
        checkout::Observation { checkout_id, buyer_id: self.buyer_id, fact }
    }
}

fn missing(policy: &str) -> CommandError {
    CommandError::bug(format!("no {policy} hold at the time of the order"))
}

/// The items of an order by seller, in the order in which the sellers first stand there.
fn by_seller(order: &Order) -> Vec<(&str, Vec<&Item>)> {
    let mut sellers: Vec<(&str, Vec<&Item>)> = vec![];
    for item in &order.items {
        match sellers.iter_mut().find(|(seller_id, _)| *seller_id == item.seller_id) {
            Some((_, items)) => items.push(item),
            None => sellers.push((&item.seller_id, vec![item])),
        }
    }
    sellers
}

fn trades(order: &Order) -> Vec<(&str, Trade)> {
    by_seller(order).iter().map(|(seller_id, _)| (*seller_id, trade_of(order, seller_id))).collect()
}

fn trade_of(order: &Order, seller_id: &str) -> Trade {
    Trade {
        checkout_id: ids::checkout(&order.id),
        order_id: ids::order(&order.id, seller_id),
        seller_id: ids::seller(seller_id),
        buyer_id: ids::buyer(&order.customer.unique_id),
    }
}

pub(super) fn source_of(id: &str, status: Option<&str>) -> Source {
    Source { system: name("olist"), id: code(id), status: status.map(code) }
}

/// Text of the source that is too long or holds what may not stand in text is named so.
const UNREADABLE: &str = "unreadable";

pub(super) fn name(text: &str) -> Name {
    text_or(Name::new(text), || Name::new(UNREADABLE))
}

fn title(text: &str) -> Title {
    text_or(Title::new(text), || Title::new(UNREADABLE))
}

pub(super) fn code(text: &str) -> Code {
    text_or(Code::new(text), || Code::new(UNREADABLE))
}

fn text_or<T, E: std::fmt::Debug>(text: Result<T, E>, other: impl Fn() -> Result<T, E>) -> T {
    #[expect(clippy::expect_used, reason = "the constant is one plain word")]
    text.or_else(|_| other()).expect("a plain word is text")
}
