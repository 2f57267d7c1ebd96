//! A foreign order becomes a checkout, split by seller; who sold and what was offered is seen with it.

use std::collections::BTreeMap;

use command_api::execute::UnitOfWork;
use command_api::problem::CommandError;
use domain::checkout::{self, Checkout};
use domain::escrow::{self, Escrow};
use domain::inventory::{self, Inventory};
use domain::listing::{self, Listing};
use domain::order::{self, Order};
use domain::policy;
use domain::seller::{self, Seller};
use events_schema::checkout::{Opened, Share};
use events_schema::envelope::Version;
use events_schema::inventory::StockLine;
use events_schema::listing::{Condition, Details, Observed};
use events_schema::money::{Currency, Money};
use events_schema::order::{Line, Placed};
use events_schema::quantity::Quantity;
use events_schema::seller::Registered;
use events_schema::trade::{SellerKind, Trade};

use super::super::ids;
use super::super::source::Item;
use super::{Applied, by_seller, name, source_of, trade_of};

/// Sellers of the source are shops.
const SELLER_KIND: SellerKind = SellerKind::Business;

impl Applied {
    pub(super) async fn placed(&self, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
        let mut shares = vec![];
        for (seller_id, items) in by_seller(&self.order) {
            self.seller_seen(work, seller_id).await?;
            let placed = self.order_placed(work, seller_id, &items).await?;
            let trade = placed.trade;
            shares.push(checkout::share_of(&placed));
            let terms = escrow::Terms::from(&placed);
            let order = work.open::<Order>(trade.order_id).await?;
            let fact = order::Fact::Placed(Box::new(placed));
            work.observe(&order, self.order_observation(trade, fact));
            self.money_due(work, trade, terms).await?;
        }
        self.opened(work, shares).await
    }

    async fn seller_seen(
        &self,
        work: &mut UnitOfWork<'_>,
        seller_id: &str,
    ) -> Result<(), CommandError> {
        let id = ids::seller(seller_id);
        let seller = work.read::<Seller>(id).await?;
        let registered = Registered {
            seller_id: id,
            owner_id: ids::owner(seller_id),
            seller_kind: SELLER_KIND,
            name: name(&format!("olist {}", seller_id.get(..8).unwrap_or(seller_id))),
            registration_number: None,
            contact: None,
            source: Some(source_of(seller_id, None)),
        };
        work.observe(&seller, seller::Observation::Seen(registered));
        Ok(())
    }

    /// What one seller sells: each product is a line, as many pieces as it stands there.
    async fn order_placed(
        &self,
        work: &mut UnitOfWork<'_>,
        seller_id: &str,
        items: &[&Item],
    ) -> Result<Placed, CommandError> {
        let trade = trade_of(&self.order, seller_id);
        let mut products: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
        for &item in items {
            products.entry(&item.product_id).or_default().push(item);
        }
        let mut lines = vec![];
        for (product_id, pieces) in products {
            let Some(first) = pieces.first() else { continue };
            let quantity = u32::try_from(pieces.len()).ok().and_then(|n| Quantity::new(n).ok());
            let quantity = quantity.unwrap_or(Quantity::ONE);
            let (listing_version, title) = self.listing_seen(work, seller_id, first).await?;
            let listing_id = ids::listing(product_id, seller_id);
            self.stock_taken(work, &trade, listing_id, quantity).await?;
            lines.push(Line {
                listing_id,
                option_id: None,
                listing_version,
                title,
                quantity,
                unit_price: first.price,
            });
        }
        let sum = |amount: fn(&Item) -> Money| {
            Money::sum(Currency::Brl, items.iter().map(|item| amount(item)))
                .map_err(CommandError::bug)
        };
        let (items_sum, shipping) = (sum(|item| item.price)?, sum(|item| item.freight)?);
        let (policy_version, fees) = self.fees(work).await?;
        let terms = policy::fee_terms(&fees, SELLER_KIND);
        Ok(Placed {
            trade,
            seller_kind: SELLER_KIND,
            lines,
            items: items_sum,
            shipping,
            total: items_sum.checked_add(shipping).map_err(CommandError::bug)?,
            fee: policy::fee(terms, policy_version, items_sum).map_err(CommandError::bug)?,
            address: self.address.clone(),
            source: Some(source_of(&self.order.id, Some(&self.order.status))),
        })
    }

    /// The listing as this order shows it; the version after that is the one the buyer saw.
    async fn listing_seen(
        &self,
        work: &mut UnitOfWork<'_>,
        seller_id: &str,
        item: &Item,
    ) -> Result<(Version, events_schema::text::Title), CommandError> {
        let listing_id = ids::listing(&item.product_id, seller_id);
        let product = self.dataset.products.get(&item.product_id);
        let category = product.and_then(|product| product.category.as_deref());
        let details = self.details(&item.product_id, seller_id, category);
        let title = details.title.clone();
        let observed = Observed {
            listing_id,
            seller_id: ids::seller(seller_id),
            seller_kind: SELLER_KIND,
            price: item.price,
            details,
            source: source_of(&item.product_id, None),
        };
        let listing = work.read::<Listing>(listing_id).await?;
        Ok((work.observe(&listing, listing::Observation::Seen(observed)), title))
    }

    /// The source gives products no title: the category and the start of the id must do.
    fn details(&self, product_id: &str, seller_id: &str, category: Option<&str>) -> Details {
        let english = category.and_then(|name| self.dataset.categories.get(name)?.as_deref());
        let kind = english.or(category).unwrap_or("product").replace('_', " ");
        let start = product_id.get(..8).unwrap_or(product_id);
        let region = self.dataset.sellers.get(seller_id).into_iter();
        Details {
            title: super::title(&format!("{kind} {start}")),
            description: None,
            category_id: category.map(ids::category),
            category_ancestors: vec![],
            condition: Condition::Unknown,
            brand: None,
            region: region.flat_map(|seller| [name(&seller.state), name(&seller.city)]).collect(),
            meeting_point: None,
            tags: vec![],
            images: vec![],
            options: vec![],
            shipping: Money::zero(Currency::Brl),
        }
    }

    async fn stock_taken(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: &Trade,
        listing_id: events_schema::ids::ListingId,
        quantity: Quantity,
    ) -> Result<(), CommandError> {
        let stock = work.read::<Inventory>(listing_id).await?;
        let lines = vec![StockLine { option_id: None, quantity }];
        let sold = inventory::Sold { listing_id, order_id: trade.order_id, lines };
        work.observe(&stock, inventory::Observation::Sold(sold));
        Ok(())
    }

    async fn money_due(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
        terms: escrow::Terms,
    ) -> Result<(), CommandError> {
        let escrow = work.open::<Escrow>(trade.order_id).await?;
        work.observe(&escrow, escrow::Observation { trade, fact: escrow::Fact::Opened(terms) });
        Ok(())
    }

    async fn opened(
        &self,
        work: &mut UnitOfWork<'_>,
        shares: Vec<Share>,
    ) -> Result<(), CommandError> {
        let limits = self.limits(work).await?;
        let checkout_id = ids::checkout(&self.order.id);
        let opened = Opened {
            checkout_id,
            buyer_id: self.buyer_id,
            total: Money::sum(Currency::Brl, shares.iter().map(|share| share.amount))
                .map_err(CommandError::bug)?,
            shares,
            tenders: vec![],
            pay_until: self.order.purchased_at.plus_seconds(limits.pay_within_s.into()),
            source: Some(source_of(&self.order.id, Some(&self.order.status))),
        };
        let checkout = work.open::<Checkout>(checkout_id).await?;
        let fact = checkout::Fact::Opened(opened);
        work.observe(&checkout, self.checkout_observation(fact));
        Ok(())
    }
}
