//! What an observation contradicts. It is recorded beside the observation, never instead of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Code;

/// How reality disagrees with our rules.
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// Paid for later than the policy lets an order wait.
    ApprovedLate,
    /// A payment came in after the checkout had ended.
    CapturedAfterEnd,
    /// A capture of a tender that nobody had announced, or of another amount.
    CapturedUnannounced,
    /// A checkout without any order.
    NoItems,
    /// More was paid than the orders cost.
    Overpaid,
    /// Less was paid than the orders cost.
    Underpaid,
    /// Listed as paid, though nothing says that the payment was approved.
    PaidWithoutApproval,
    /// The source says neither with what nor how much was paid.
    UndefinedTender,
    /// Nothing is known of the sale that would explain this record.
    NeverPlaced,
    /// Handed to the carrier before the payment was approved.
    HandedOverBeforeApproval,
    /// Delivered before it was handed to the carrier.
    DeliveredBeforeHandedOver,
    /// Called delivered, but nobody says when.
    DeliveredWithoutDate,
    /// Cancelled, and yet delivered.
    CancelledYetDelivered,
    /// The status that the source gives does not follow from what it reports.
    StatusUnexplained,
    /// A scan arrived after later ones.
    ScanOutOfOrder,
    /// A scan that contradicts how the parcel ended: lost, then delivered.
    ScanAfterEnd,
    /// Sold from stock that nobody had counted.
    StockUnknown,
    /// Reviewed although it was never delivered.
    ReviewedUndelivered,
    /// Reviewed before the day on which it was delivered.
    ReviewedBeforeDelivery,
    /// One more review of the same side of the same trade.
    ReviewedAgain,
    /// One review of a trade with several sellers: it speaks of none of them alone.
    ReviewOfSeveralSellers,
}

/// One contradiction, with the two values where there are any. Never personal data.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Anomaly {
    pub kind: AnomalyKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Code>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Code>,
}
