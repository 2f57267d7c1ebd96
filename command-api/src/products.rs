//! Commands on listings and their stock.

pub mod approve;
pub mod change_price;
mod details;
pub mod draft;
pub mod edit;
pub mod reject;
pub mod resume;
pub mod stock;
pub mod submit;
pub mod suspend;
pub mod withdraw;

pub use details::{DetailsRequest, OptionRequest};

pub(crate) use details::limits;
