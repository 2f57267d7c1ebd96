//! Every view by name.

use std::fmt;

use storage::documents::Collection;

use crate::fold::{Fold, Folder};
use crate::verify::{Refold, Refolder};
use crate::view::{Order, Rank, View};
use crate::views::{
    category, checkout, like, listing_changes, listing_page, listing_search, order, policy, rating,
    review, seller, seller_balance, stock, trail, trial_balance,
};

/// A view without its types, as the runner sees it.
#[derive(Clone, Copy)]
pub struct Spec {
    pub name: &'static str,
    pub version: u32,
    pub order: Order,
    pub rank: Rank,
    pub searched: bool,
    pub collection: fn() -> &'static Collection,
    pub(crate) fold: fn() -> Box<dyn Fold>,
    pub(crate) refold: fn() -> Box<dyn Refold>,
}

impl Spec {
    const fn of<V: View>() -> Self {
        Self {
            name: V::NAME,
            version: V::VERSION,
            order: V::ORDER,
            rank: V::RANK,
            searched: V::SEARCHED,
            collection: V::collection,
            fold: Folder::<V>::boxed,
            refold: Refolder::<V>::boxed,
        }
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "view {} v{}", self.name, self.version)
    }
}

macro_rules! views {
    ($($module:ident::$view:ident,)*) => {
        /// Every view there is.
        pub const VIEWS: &[Spec] = &[$(Spec::of::<$module::$view>()),*];
    };
}

views! {
    seller::SellerView,
    category::CategoryView,
    listing_page::ListingPage,
    listing_changes::ListingChanges,
    listing_search::ListingSearch,
    stock::StockView,
    checkout::CheckoutView,
    order::OrderView,
    review::ReviewView,
    like::LikeView,
    policy::PolicyView,
    seller_balance::SellerBalance,
    trial_balance::TrialBalance,
    rating::RatingView,
    trail::Trail,
}

/// The view of this name.
#[must_use]
pub fn view(name: &str) -> Option<&'static Spec> {
    VIEWS.iter().find(|view| view.name == name)
}
