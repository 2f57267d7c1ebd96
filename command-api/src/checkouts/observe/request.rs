//! A gateway's report, as it is sent, and as the checkout takes it.

use domain::checkout::{DeclineReason, Fact, Known, Rejection};
use events_schema::ids::{PersonId, TenderId};
use events_schema::money::Money;
use events_schema::text::Code;
use events_schema::time::Timestamp;
use events_schema::trade::{Tender, TenderMethod};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::problem::CommandError;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// When it happened there; now, where it is left out.
    #[serde(default)]
    pub(super) occurred_at: Option<Timestamp>,
    /// Whose payment it is. Only asked for where nobody opened the checkout.
    #[serde(default)]
    pub(super) buyer_id: Option<PersonId>,
    pub(super) report: PaymentReport,
}

/// What became of a tender. Method and amount may be left out where it was announced.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum PaymentReport {
    Authorised {
        tender_id: TenderId,
        #[serde(default)]
        method: Option<TenderMethod>,
        #[serde(default)]
        amount: Option<Money>,
        #[serde(default)]
        reference: Option<Code>,
    },
    Captured {
        tender_id: TenderId,
        #[serde(default)]
        method: Option<TenderMethod>,
        #[serde(default)]
        amount: Option<Money>,
        #[serde(default)]
        reference: Option<Code>,
    },
    Declined {
        tender_id: TenderId,
        reason: DeclineReason,
        #[serde(default)]
        reference: Option<Code>,
    },
    /// The gateway did not say.
    Unknown {
        tender_id: TenderId,
        #[serde(default)]
        reference: Option<Code>,
    },
}

pub(super) fn fact(
    report: &PaymentReport,
    known: Option<&Known>,
    at: Timestamp,
) -> Result<Fact, CommandError> {
    Ok(match report.clone() {
        PaymentReport::Authorised { tender_id, method, amount, reference } => {
            Fact::Authorised { tender: tender(known, tender_id, method, amount)?, reference }
        }
        PaymentReport::Captured { tender_id, method, amount, reference } => {
            Fact::Captured { tender: tender(known, tender_id, method, amount)?, reference, at }
        }
        PaymentReport::Declined { tender_id, reason, reference } => {
            Fact::Declined { tender_id, reason, reference }
        }
        PaymentReport::Unknown { tender_id, reference } => Fact::Unknown { tender_id, reference },
    })
}

fn tender(
    known: Option<&Known>,
    tender_id: TenderId,
    method: Option<TenderMethod>,
    amount: Option<Money>,
) -> Result<Tender, CommandError> {
    let announced = known.and_then(|known| known.tenders.get(&tender_id)?.tender.as_ref());
    let method = method.or_else(|| announced.map(|tender| tender.method.clone()));
    let amount = amount.or_else(|| announced.map(|tender| tender.amount));
    match (method, amount) {
        (Some(method), Some(amount)) => Ok(Tender { tender_id, method, amount }),
        // Nobody can book an amount that nobody says.
        (None, _) | (_, None) => Err(CommandError::refused(Rejection::TenderNotFound)),
    }
}
