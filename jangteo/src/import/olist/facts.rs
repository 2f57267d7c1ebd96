//! What the source reports, merged over all files by time.

use std::sync::Arc;

use events_schema::time::Timestamp;

use super::source::{Dataset, Order};

/// One thing that the source says happened.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fact {
    Placed,
    /// All payments of the order.
    Paid,
    HandedOver,
    Delivered,
    /// How the order stood when the source was exported.
    Ended,
    /// The n-th review of the order.
    Reviewed {
        index: usize,
    },
}

impl Fact {
    /// Under which key it is imported: once.
    pub(crate) fn key(self, order: &Order) -> String {
        let id = &order.id;
        match self {
            Self::Placed => format!("{id}/placed"),
            Self::Paid => format!("{id}/paid"),
            Self::HandedOver => format!("{id}/handed_over"),
            Self::Delivered => format!("{id}/delivered"),
            Self::Ended => format!("{id}/ended"),
            Self::Reviewed { index } => format!("{id}/reviewed/{index}"),
        }
    }
}

/// A fact, when it happened, and where it is taken in.
#[derive(Clone, Debug)]
pub(crate) struct Dated {
    pub order: Arc<Order>,
    pub fact: Fact,
    pub occurred_at: Timestamp,
    /// As [`Self::occurred_at`], but never before the order was placed: three parcels and 58
    /// reviews bear a date before the order that they speak of, which must be known first.
    taken_in_at: Timestamp,
    rank: usize,
}

/// All facts in the order in which they are taken in: by time, at the same instant by order, and
/// then placed, paid, handed over, delivered, ended, reviewed.
pub(crate) fn merged(dataset: &Dataset) -> Vec<Dated> {
    let mut facts: Vec<_> = dataset.orders.values().flat_map(of_order).collect();
    facts.sort_by(|a, b| a.key().cmp(&b.key()));
    facts
}

impl Dated {
    fn key(&self) -> (Timestamp, &str, usize) {
        (self.taken_in_at, &self.order.id, self.rank)
    }
}

fn of_order(order: &Arc<Order>) -> Vec<Dated> {
    let purchased_at = order.purchased_at;
    let mut facts = vec![];
    let mut add = |fact, rank, occurred_at: Timestamp| {
        let taken_in_at = occurred_at.max(purchased_at);
        facts.push(Dated { order: Arc::clone(order), fact, occurred_at, taken_in_at, rank });
    };
    add(Fact::Placed, 0, purchased_at);
    // A payment bears no date of its own: it is taken when the order was approved, else at once.
    add(Fact::Paid, 1, order.approved_at.unwrap_or(purchased_at));
    if let Some(at) = order.handed_over_at {
        add(Fact::HandedOver, 2, at);
    }
    if let Some(at) = order.delivered_at {
        add(Fact::Delivered, 3, at);
    }
    let known = [order.approved_at, order.handed_over_at, order.delivered_at];
    let last = known.into_iter().flatten().fold(purchased_at, Timestamp::max);
    add(Fact::Ended, 4, last);
    for (index, review) in order.reviews.iter().enumerate() {
        add(Fact::Reviewed { index }, 5 + index, review.answered_at);
    }
    facts
}
