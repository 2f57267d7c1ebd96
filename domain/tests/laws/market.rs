//! A market in memory: streams that were read and written together, and what must always hold.

use std::collections::BTreeMap;
use std::fmt::Debug;

use domain::checkout::{self, Checkout, Fact, Observation, Share};
use domain::decider::{Decider, Observer, replay};
use domain::escrow::Escrow;
use domain::ids::{CheckoutId, ListingId, OrderId, ShipmentId};
use domain::inventory::Inventory;
use domain::ledger;
use domain::order::{Order, Status};
use domain::shipment::Shipment;
use events_schema::{Event, escrow, inventory};

/// Each stream's state and history.
#[derive(Debug)]
pub(crate) struct Streams<D: Decider>(
    BTreeMap<events_schema::stream::StreamId, (D, Vec<D::Event>)>,
);

impl<D: Decider> Default for Streams<D> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<D: Decider> Streams<D> {
    pub(crate) fn state(&self, id: D::Id) -> D {
        self.0.get(&D::stream(id)).map(|(state, _)| state.clone()).unwrap_or_default()
    }

    pub(crate) fn decide(&self, id: D::Id, command: D::Command) -> Option<Vec<D::Event>> {
        self.state(id).decide(command).ok()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &D> {
        self.0.values().map(|(state, _)| state)
    }

    fn write(&mut self, id: D::Id, events: &[D::Event]) {
        let (state, history) = self.0.entry(D::stream(id)).or_default();
        for event in events {
            *state = state.clone().evolve(event);
            history.push(event.clone());
        }
    }

    fn check_replay(&self)
    where
        D: PartialEq,
    {
        for (state, history) in self.0.values() {
            assert_eq!(replay::<D>(history), *state);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Market {
    pub(crate) checkouts: Streams<Checkout>,
    pub(crate) orders: Streams<Order>,
    pub(crate) escrows: Streams<Escrow>,
    pub(crate) inventories: Streams<Inventory>,
    pub(crate) shipments: Streams<Shipment>,
    pub(crate) log: Vec<Event>,
    statuses: BTreeMap<OrderId, Status>,
    reports: Vec<(CheckoutId, Fact)>,
}

/// What one unit of work writes, all or nothing.
#[derive(Debug, Default)]
pub(crate) struct Unit {
    pub(crate) checkouts: Vec<(CheckoutId, Vec<checkout::Event>)>,
    pub(crate) orders: Vec<(OrderId, Vec<events_schema::order::Event>)>,
    pub(crate) escrows: Vec<(OrderId, Vec<escrow::Event>)>,
    pub(crate) inventories: Vec<(ListingId, Vec<inventory::Event>)>,
    pub(crate) shipments: Vec<(ShipmentId, Vec<events_schema::shipment::Event>)>,
    /// What a gateway said that led to it.
    pub(crate) reports: Vec<(CheckoutId, Fact)>,
}

fn write<D: Decider>(
    streams: &mut Streams<D>,
    log: &mut Vec<Event>,
    unit: Vec<(D::Id, Vec<D::Event>)>,
) {
    for (id, events) in unit {
        streams.write(id, &events);
        log.extend(events.into_iter().map(Into::into));
    }
}

/// An observation is always taken, and the second time it says nothing new.
pub(crate) fn observe_twice<O: Observer>(
    state: &O,
    observation: impl Fn() -> O::Observation,
) -> Vec<O::Event> {
    let events = state.observe(observation());
    let after = events.iter().fold(state.clone(), O::evolve);
    assert_eq!(after.observe(observation()), [], "after {events:?}");
    events
}

impl Market {
    pub(crate) fn write(&mut self, unit: Unit) {
        self.check_shares(&unit);
        self.reports.extend(unit.reports);
        write(&mut self.checkouts, &mut self.log, unit.checkouts);
        write(&mut self.orders, &mut self.log, unit.orders);
        write(&mut self.escrows, &mut self.log, unit.escrows);
        write(&mut self.inventories, &mut self.log, unit.inventories);
        write(&mut self.shipments, &mut self.log, unit.shipments);
    }

    /// No capture gives an order more than it lacks.
    fn check_shares(&self, unit: &Unit) {
        for (checkout_id, events) in &unit.checkouts {
            let mut state = self.checkouts.state(*checkout_id);
            for event in events {
                if let (Checkout::Known(known), checkout::Event::Captured(captured)) =
                    (&state, event)
                {
                    for share in &captured.shares {
                        let order = known.shares.iter().find(|it| it.order_id == share.order_id);
                        let lacks = known.lacks(order.unwrap());
                        assert!(share.amount.amount_minor() <= lacks.amount_minor());
                    }
                }
                state = state.evolve(event);
            }
        }
    }

    /// What holds after every action.
    pub(crate) fn check(&mut self) {
        for event in &self.log {
            let sum: i64 =
                ledger::postings(event).unwrap().iter().map(|it| it.amount.amount_minor).sum();
            assert_eq!(sum, 0, "{event:?}");
        }
        let balances = ledger::balances(&self.log).unwrap();
        assert_eq!(balances, ledger::expected_balances(&self.log).unwrap());
        let tender = |account: &ledger::Account| matches!(account, ledger::Account::BuyerTender(_));
        let waiting: Vec<_> = balances.iter().filter(|((account, _), _)| tender(account)).collect();
        assert!(waiting.is_empty(), "captured for orders, but in no escrow: {waiting:?}");
        self.check_escrows(&balances);
        self.check_stock();
        self.check_checkouts();
        for order in self.orders.all() {
            if let (Some(trade), Some(status)) = (order.trade(), order.status()) {
                let before = self.statuses.insert(trade.order_id, status);
                assert!(before.is_none_or(|before| before <= status), "{before:?} → {status:?}");
            }
        }
    }

    /// Refunds, payouts and fees never exceed what was funded, order by order; together the escrows
    /// are the ledger's account.
    fn check_escrows(&self, balances: &ledger::Balances) {
        let held = |escrow: &Escrow| escrow.balance().map_or(0, |it| it.amount_minor());
        for escrow in self.escrows.all() {
            assert!(escrow.balance().is_some(), "gave out more than it got: {escrow:?}");
        }
        let held: u64 = self.escrows.all().map(held).sum();
        let key = (ledger::Account::Escrow, domain::money::Currency::Krw);
        let booked = balances.get(&key).map_or(0, |it| -it.amount_minor);
        assert_eq!(i64::try_from(held).unwrap(), booked);
    }

    /// A checkout stays open for the sake of an order that lacks money and may still get it.
    fn check_checkouts(&self) {
        for checkout in self.checkouts.all() {
            let Checkout::Known(known) = checkout else { continue };
            let waits = |share: &Share| match self.orders.state(share.order_id) {
                Order::Absent => false,
                Order::Known(order) => {
                    let cancelled = order.status == Status::Cancelled
                        && !order.steps.contains(&Status::Delivered);
                    !cancelled && !known.lacks(share).is_zero()
                }
            };
            let open = known.status == checkout::Status::Open && !known.shares.is_empty();
            assert!(!open || known.shares.iter().any(waits), "open for nothing: {known:?}");
        }
    }

    /// Pieces are neither made nor lost: what was counted is on the shelf, held or sold.
    fn check_stock(&self) {
        let mut counted = 0_u64;
        for event in &self.log {
            if let Event::Inventory(inventory::Event::Restocked(it)) = event {
                counted += u64::from(it.line.quantity.get());
            }
        }
        let there = self.inventories.all().flat_map(Inventory::stock);
        let there: u64 = there.map(|(_, it)| it.available + it.reserved + it.sold).sum();
        assert_eq!(there, counted);
    }

    /// A gateway that tells its whole story again tells nothing new. (That it has no more to say
    /// is weighed against what came since.)
    pub(crate) fn check_repeated_reports(&self) {
        for (checkout_id, fact) in &self.reports {
            if let Checkout::Known(known) = self.checkouts.state(*checkout_id)
                && !matches!(fact, Fact::Settled { .. })
            {
                let (checkout_id, fact) = (*checkout_id, fact.clone());
                let again = Observation { checkout_id, buyer_id: known.buyer_id, fact };
                assert_eq!(Checkout::Known(known).observe(again), []);
            }
        }
    }

    /// The state that grew event by event is the state of its history.
    pub(crate) fn check_replay(&self) {
        self.checkouts.check_replay();
        self.orders.check_replay();
        self.escrows.check_replay();
        self.inventories.check_replay();
        self.shipments.check_replay();
    }
}
