//! Why a listing says no.

use events_schema::listing::{IMAGES_MAX, OPTIONS_MAX, REGION_LEVELS_MAX, TAGS_MAX};

use crate::decider::{Refusal, RefusalKind};
use crate::seller;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("listing does not exist")]
    NotFound,
    #[error(transparent)]
    Seller(#[from] seller::Rejection),
    #[error("listing already exists, with other contents")]
    AlreadyExists,
    #[error("listing waits for approval")]
    AwaitsApproval,
    #[error("listing was already approved")]
    AlreadyApproved,
    #[error("listing does not wait for approval")]
    NotSubmitted,
    #[error("listing is not on sale")]
    NotOnSale,
    #[error("listing is not suspended")]
    NotSuspended,
    #[error("listing is withdrawn")]
    Withdrawn,
    #[error("category does not exist")]
    CategoryNotFound,
    #[error("category is retired")]
    CategoryRetired,
    #[error("a listing has at most {IMAGES_MAX} images")]
    TooManyImages,
    #[error("an image is shown twice")]
    ImageTwice,
    #[error("a listing has at most {TAGS_MAX} tags")]
    TooManyTags,
    #[error("a tag is given twice")]
    TagTwice,
    #[error("a region has at most {REGION_LEVELS_MAX} levels")]
    TooManyRegionLevels,
    #[error("a listing has at most {OPTIONS_MAX} options")]
    TooManyOptions,
    #[error("two options have the same id or name")]
    OptionTwice,
    #[error("price, shipping and price differences are in one currency")]
    CurrencyMismatch,
    #[error("an option takes the price below zero")]
    PriceBelowZero,
    #[error("price or shipping is above the limit")]
    PriceTooHigh,
    #[error("listing has no such option")]
    OptionNotFound,
    #[error("one of the listing's options must be named")]
    OptionRequired,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "listing_not_found",
            Self::Seller(rejection) => rejection.code(),
            Self::AlreadyExists => "listing_already_exists",
            Self::AwaitsApproval => "listing_awaits_approval",
            Self::AlreadyApproved => "listing_already_approved",
            Self::NotSubmitted => "listing_not_submitted",
            Self::NotOnSale => "listing_not_on_sale",
            Self::NotSuspended => "listing_not_suspended",
            Self::Withdrawn => "listing_withdrawn",
            Self::CategoryNotFound => "listing_category_not_found",
            Self::CategoryRetired => "listing_category_retired",
            Self::TooManyImages => "listing_too_many_images",
            Self::ImageTwice => "listing_image_twice",
            Self::TooManyTags => "listing_too_many_tags",
            Self::TagTwice => "listing_tag_twice",
            Self::TooManyRegionLevels => "listing_too_many_region_levels",
            Self::TooManyOptions => "listing_too_many_options",
            Self::OptionTwice => "listing_option_twice",
            Self::CurrencyMismatch => "listing_currency_mismatch",
            Self::PriceBelowZero => "listing_price_below_zero",
            Self::PriceTooHigh => "listing_price_too_high",
            Self::OptionNotFound => "listing_option_not_found",
            Self::OptionRequired => "listing_option_required",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::Seller(rejection) => rejection.kind(),
            Self::AlreadyExists
            | Self::AwaitsApproval
            | Self::AlreadyApproved
            | Self::NotSubmitted
            | Self::NotOnSale
            | Self::NotSuspended
            | Self::Withdrawn => RefusalKind::Conflict,
            Self::CategoryNotFound
            | Self::CategoryRetired
            | Self::TooManyImages
            | Self::ImageTwice
            | Self::TooManyTags
            | Self::TagTwice
            | Self::TooManyRegionLevels
            | Self::TooManyOptions
            | Self::OptionTwice
            | Self::CurrencyMismatch
            | Self::PriceBelowZero
            | Self::PriceTooHigh
            | Self::OptionNotFound
            | Self::OptionRequired => RefusalKind::Rule,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_somebody_elses_looks_absent() {
        let foreign = Rejection::Seller(seller::Rejection::NotFound);
        assert_eq!(Rejection::NotFound.kind(), RefusalKind::Absent);
        assert_eq!((foreign.kind(), foreign.code()), (RefusalKind::Absent, "seller_not_found"));
    }

    #[test]
    fn what_has_moved_on_is_a_conflict_and_bad_contents_are_a_rule() {
        assert_eq!(Rejection::AwaitsApproval.kind(), RefusalKind::Conflict);
        assert_eq!(Rejection::PriceTooHigh.kind(), RefusalKind::Rule);
    }
}
