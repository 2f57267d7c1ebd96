//! What the listings offer now, by seller, and the terms that hold.

use domain::listing::{self, Listing};
use domain::order::Offer;
use domain::policy::{DEFAULT_FEES, Fees, Limits, Policy, PolicyKind};
use domain::seller::Seller;
use events_schema::envelope::Version;
use events_schema::ids::{PersonId, SellerId};
use events_schema::order::LINES_MAX;
use events_schema::trade::SellerKind;

use super::{LineRequest, Rejection};
use crate::execute::{Read, UnitOfWork};
use crate::problem::CommandError;
use crate::products::limits;

/// Fees and limits that hold when the order is placed.
pub(super) struct Terms {
    pub(super) fees_version: Version,
    pub(super) fees: Fees,
    pub(super) limits: Limits,
}

impl Terms {
    pub(super) async fn in_force(work: &mut UnitOfWork<'_>) -> Result<Self, CommandError> {
        let policy = work.policy::<Policy>(PolicyKind::Fees).await?;
        let none_recorded = (Version::default(), DEFAULT_FEES);
        let (fees_version, fees) = policy.fees_at(work.now()).unwrap_or(none_recorded);
        Ok(Self { fees_version, fees, limits: limits(work).await? })
    }
}

/// What is wanted of one seller.
pub(super) struct Wanted {
    pub(super) seller_id: SellerId,
    pub(super) seller_kind: SellerKind,
    pub(super) offers: Vec<Offer>,
}

/// Reads each listing and its seller, in the order in which they are named.
pub(super) async fn by_seller(
    buyer_id: PersonId,
    lines: &[LineRequest],
    work: &mut UnitOfWork<'_>,
) -> Result<Vec<Wanted>, CommandError> {
    match lines.len() {
        0 => return Err(CommandError::refused(Rejection::NoLines)),
        count if count > LINES_MAX => return Err(CommandError::refused(Rejection::TooManyLines)),
        _few => {}
    }
    let mut sellers: Vec<Wanted> = Vec::new();
    for line in lines {
        let listing = work.read::<Listing>(line.listing_id).await?;
        let on_sale = listing.offer().map_err(CommandError::refused)?;
        let (seller_id, seller_kind) = (on_sale.seller_id, on_sale.seller_kind);
        let seller = work.read::<Seller>(seller_id).await?;
        seller.sells_to(buyer_id).map_err(CommandError::refused)?;
        let offer = offer(line, on_sale, listing.version())?;
        seen(line, &listing, &offer, work).await?;
        match sellers.iter_mut().find(|wanted| wanted.seller_id == seller_id) {
            Some(wanted) => wanted.offers.push(offer),
            None => sellers.push(Wanted { seller_id, seller_kind, offers: vec![offer] }),
        }
    }
    Ok(sellers)
}

fn offer(
    line: &LineRequest,
    on_sale: &listing::Offer,
    listing_version: Version,
) -> Result<Offer, CommandError> {
    // Says no where the option is missing, or is not one of the listing's.
    on_sale.unit_price(line.option_id).map_err(CommandError::refused)?;
    let option = on_sale.details.options.iter().find(|o| Some(o.option_id) == line.option_id);
    Ok(Offer {
        listing_id: line.listing_id,
        option_id: line.option_id,
        listing_version,
        title: on_sale.title().clone(),
        price: on_sale.price,
        price_difference: option.map(|option| option.price_difference),
        shipping: on_sale.shipping(),
        quantity: line.quantity,
    })
}

/// Whether the price is still the one that the buyer saw.
async fn seen(
    line: &LineRequest,
    listing: &Read<Listing>,
    offer: &Offer,
    work: &mut UnitOfWork<'_>,
) -> Result<(), CommandError> {
    let Some(version) = line.listing_version.map(Version) else { return Ok(()) };
    if version == listing.version() {
        return Ok(());
    }
    let changed = || CommandError::refused(Rejection::ListingChanged);
    if version > listing.version() {
        return Err(changed());
    }
    let past = work.past::<Listing>(line.listing_id, version).await?;
    let before = past.contents().ok_or_else(changed)?;
    let price_before = before.unit_price(line.option_id).map_err(|_| changed())?;
    let now = listing.contents().and_then(|offer| offer.unit_price(line.option_id).ok());
    let same = now == Some(price_before) && before.shipping() == offer.shipping;
    if same { Ok(()) } else { Err(changed()) }
}
