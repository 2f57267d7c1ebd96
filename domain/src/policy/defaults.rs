//! What a marketplace starts with until it records its own.

use events_schema::policy::{FeeTerms, Fees, Limits, Rounding};

/// 5 % of the items' price (G2), and 10 % VAT on it.
const FEE: FeeTerms = FeeTerms { rate_bp: 500, vat_rate_bp: 1_000, rounding: Rounding::Down };

pub const DEFAULT_FEES: Fees = Fees { individual: FEE, business: FEE };

/// D5 gives an order 30 minutes to be paid.
pub const DEFAULT_LIMITS: Limits =
    Limits { price_minor_max: 1_000_000_000_000, pay_within_s: 30 * 60, line_quantity_max: 1_000 };
