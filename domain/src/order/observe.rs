//! What another system says of an order: recorded as it was observed, with what our rules see in it.

use events_schema::anomaly::{Anomaly, AnomalyKind};
use events_schema::order::{
    AnomalyFound, CancelReason, Cancelled, Confirmed, Delivered, Paid, Preparing, Shipped,
};

use super::{Event, Order, Placed, Status};
use crate::decider::Observer;
use crate::ids::ShipmentId;
use crate::money::Money;
use crate::text::Code;
use crate::time::Timestamp;
use crate::trade::Trade;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    pub trade: Trade,
    pub instants: Instants,
    pub fact: Fact,
}

/// When the source says that the steps happened: only these tell what came too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instants {
    pub approved_at: Option<Timestamp>,
    pub handed_over_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Placed(Box<Placed>),
    Paid {
        amount: Money,
    },
    Preparing,
    Shipped {
        shipment_id: ShipmentId,
    },
    Delivered,
    Confirmed,
    Cancelled,
    /// The source's own status, at the end of its facts.
    StatusReported {
        status: Status,
    },
}

impl Observer for Order {
    type Observation = Observation;

    /// A step is recorded once, whenever it comes; so is each anomaly.
    fn observe(&self, observation: Observation) -> Vec<Event> {
        let Observation { trade, instants, fact } = observation;
        let step = fact.status();
        let reported = matches!(fact, Fact::StatusReported { .. });
        let mut found = if reported { self.unexplained(step) } else { vec![] };
        // A mere status moves forward only; a delivery counts wherever it comes.
        let goes_back = reported && step != Status::Delivered && Some(step) <= self.standing();
        let event = fact.event(trade).filter(|_| !self.has(step) && !goes_back);
        if event.is_some() {
            found.extend(self.contradictions(step));
            found.extend(too_early(step, instants));
        }
        found.retain(|anomaly| !self.anomalies().contains(anomaly));
        let found = found.into_iter().map(|anomaly| AnomalyFound { trade, anomaly }.into());
        event.into_iter().chain(found).collect()
    }
}

impl Fact {
    const fn status(&self) -> Status {
        match self {
            Self::Placed(_) => Status::Placed,
            Self::Paid { .. } => Status::Paid,
            Self::Preparing => Status::Preparing,
            Self::Shipped { .. } => Status::Shipped,
            Self::Delivered => Status::Delivered,
            Self::Confirmed => Status::Confirmed,
            Self::Cancelled => Status::Cancelled,
            Self::StatusReported { status } => *status,
        }
    }

    /// What it adds to the history. A status alone tells of no money and of no parcel.
    fn event(self, trade: Trade) -> Option<Event> {
        Some(match self {
            Self::Placed(placed) => (*placed).into(),
            Self::Paid { amount } => Paid { trade, amount }.into(),
            Self::Shipped { shipment_id } => Shipped { trade, shipment_id }.into(),
            Self::Preparing | Self::StatusReported { status: Status::Preparing } => {
                Preparing { trade }.into()
            }
            Self::Delivered | Self::StatusReported { status: Status::Delivered } => {
                Delivered { trade }.into()
            }
            Self::Confirmed | Self::StatusReported { status: Status::Confirmed } => {
                Confirmed { trade }.into()
            }
            Self::Cancelled | Self::StatusReported { status: Status::Cancelled } => {
                Cancelled { trade, reason: CancelReason::Observed }.into()
            }
            Self::StatusReported { status: Status::Placed | Status::Paid | Status::Shipped } => {
                return None;
            }
        })
    }
}

impl Order {
    fn has(&self, step: Status) -> bool {
        match self {
            Self::Absent => false,
            Self::Known(known) => known.steps.contains(&step),
        }
    }

    fn anomalies(&self) -> &[Anomaly] {
        match self {
            Self::Absent => &[],
            Self::Known(known) => &known.anomalies,
        }
    }

    /// The furthest step that was recorded.
    fn standing(&self) -> Option<Status> {
        match self {
            Self::Absent => None,
            Self::Known(known) => known.steps.last().copied(),
        }
    }

    /// What a step says against those before it, the instants left aside.
    fn contradictions(&self, step: Status) -> Option<Anomaly> {
        if step == Status::Placed {
            return None;
        }
        if !self.has(Status::Placed) {
            return Some(anomaly(AnomalyKind::NeverPlaced, None, None));
        }
        let both = self.has(Status::Delivered) && step == Status::Cancelled
            || self.has(Status::Cancelled) && step == Status::Delivered;
        if both {
            return Some(anomaly(AnomalyKind::CancelledYetDelivered, None, None));
        }
        let left = self.standing().filter(|standing| *standing >= Status::Shipped);
        let recalled = left.filter(|_| step == Status::Cancelled)?;
        Some(anomaly(AnomalyKind::StatusUnexplained, Some(recalled), Some(step)))
    }

    /// What the source's last word says against all that it reported before.
    fn unexplained(&self, reported: Status) -> Vec<Anomaly> {
        let standing = self.standing();
        let delivered = self.has(Status::Delivered);
        let kind = match reported {
            Status::Delivered if !delivered => Some(AnomalyKind::DeliveredWithoutDate),
            // It was delivered, whatever came after.
            Status::Delivered => None,
            // Work and a change of mind leave no other trace.
            Status::Preparing if standing == Some(Status::Paid) => None,
            Status::Cancelled => None,
            Status::Placed
            | Status::Paid
            | Status::Preparing
            | Status::Shipped
            | Status::Confirmed => Some(AnomalyKind::StatusUnexplained),
        };
        kind.filter(|_| standing != Some(reported))
            .map(|kind| anomaly(kind, standing, Some(reported)))
            .into_iter()
            .collect()
    }
}

fn anomaly(kind: AnomalyKind, expected: Option<Status>, observed: Option<Status>) -> Anomaly {
    let code = |status: Option<Status>| status.and_then(|status| Code::new(status.as_str()).ok());
    Anomaly { kind, expected: code(expected), observed: code(observed) }
}

/// What the source's instants say against the order of the steps. The later of two steps tells.
fn too_early(step: Status, instants: Instants) -> Vec<Anomaly> {
    let Instants { approved_at, handed_over_at, delivered_at } = instants;
    let (kind, first, second) = match step {
        Status::Shipped => (AnomalyKind::HandedOverBeforeApproval, approved_at, handed_over_at),
        Status::Delivered => (AnomalyKind::DeliveredBeforeHandedOver, handed_over_at, delivered_at),
        Status::Placed
        | Status::Paid
        | Status::Preparing
        | Status::Confirmed
        | Status::Cancelled => return vec![],
    };
    let (Some(first), Some(second)) = (first, second) else {
        return vec![];
    };
    if second >= first {
        return vec![];
    }
    let code = |at: Timestamp| Code::new(&at.to_string()).ok();
    vec![Anomaly { kind, expected: code(first), observed: code(second) }]
}

#[cfg(test)]
mod tests;
