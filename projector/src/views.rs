//! One file per view.

pub mod anomalies;

pub mod category;
pub mod checkout;
pub mod like;
pub mod listing_changes;
pub mod listing_page;
pub mod listing_search;
pub mod order;
pub mod policy;
pub mod rating;
pub mod review;
pub mod seller;
pub mod seller_balance;
pub mod stock;
pub mod trail;
pub mod trial_balance;
