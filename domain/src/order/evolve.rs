//! How an order's facts add up. No rule stands here.

use std::collections::BTreeSet;

use super::{Event, Known, Order, Status};

pub(super) fn evolve(order: Order, event: &Event) -> Order {
    let mut known = match order {
        Order::Known(known) => known,
        Order::Absent => Box::new(Known {
            trade: *event.trade(),
            status: Status::Placed,
            steps: BTreeSet::new(),
            lines: vec![],
            total: None,
            shipment_id: None,
            anomalies: vec![],
        }),
    };
    let step = match event {
        Event::Placed(placed) => {
            known.lines.clone_from(&placed.lines);
            known.total = Some(placed.total);
            Status::Placed
        }
        Event::Paid(_) => Status::Paid,
        Event::Preparing(_) => Status::Preparing,
        Event::Shipped(shipped) => {
            known.shipment_id = known.shipment_id.or(Some(shipped.shipment_id));
            Status::Shipped
        }
        Event::Delivered(_) => Status::Delivered,
        Event::Confirmed(_) => Status::Confirmed,
        Event::Cancelled(_) => Status::Cancelled,
        Event::AnomalyFound(found) => {
            known.anomalies.push(found.anomaly.clone());
            return Order::Known(known);
        }
    };
    known.status = known.status.max(step);
    known.steps.insert(step);
    Order::Known(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::Decider;
    use crate::order::testing::{cancelled, delivered, paid, placed, shipped};

    #[test]
    fn never_goes_back() {
        let history = [placed(), shipped(), paid(), delivered()];
        let order = history.iter().fold(Order::default(), Order::evolve);
        assert_eq!(order.status(), Some(Status::Delivered));
        let order = order.evolve(&cancelled()).evolve(&delivered());
        assert_eq!(order.status(), Some(Status::Cancelled));
    }
}
