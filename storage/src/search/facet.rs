//! What listings are filtered and counted by.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    Category,
    Region,
    Condition,
    SellerId,
    SellerKind,
    Status,
    Currency,
    Brand,
}

impl Facet {
    pub const ALL: [Self; 8] = [
        Self::Category,
        Self::Region,
        Self::Condition,
        Self::SellerId,
        Self::SellerKind,
        Self::Status,
        Self::Currency,
        Self::Brand,
    ];

    /// As queries, answers and indexes call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Region => "region",
            Self::Condition => "condition",
            Self::SellerId => "seller_id",
            Self::SellerKind => "seller_kind",
            Self::Status => "status",
            Self::Currency => "currency",
            Self::Brand => "brand",
        }
    }
}
