//! The units of work of a trade, as small as the rules allow.

use std::collections::BTreeMap;

use domain::checkout::{self, EndReason, share_of};
use domain::escrow::{self, RefundAmount, RefundReason, Terms};
use domain::ids::TenderId;
use domain::ids::{CheckoutId, ListingId, ObservationId, OrderId, PersonId, SellerId, ShipmentId};
use domain::inventory::{self, StockLine};
use domain::money::{Currency, Money};
use domain::order::{self, By, CancelReason, Instants, Offer, Order, Placed, Status};
use domain::quantity::Quantity;
use domain::shipment::{self, Scan, Scanned};
use domain::text::{Name, Title};
use domain::time::Timestamp;
use domain::trade::{SellerKind, Tender, TenderMethod, Trade};
use events_schema::envelope::Version;
use events_schema::order::Fee;
use events_schema::policy::Rounding;
use uuid::Uuid;

use crate::action::Action;
use crate::market::{Market, Unit, observe_twice};

pub(crate) const OPENED_AT: Timestamp = Timestamp::EPOCH;
pub(crate) const PAY_UNTIL: Timestamp = OPENED_AT.plus_seconds(1_800);

pub(crate) fn won(minor: u64) -> Money {
    Money::from_minor(minor, Currency::Krw).unwrap()
}

pub(crate) fn id<T>(n: u128, new: impl Fn(Uuid) -> T) -> T {
    new(Uuid::from_u128(n))
}

/// Order 21 is that of seller 1 in checkout 2.
fn trade(order: u128) -> Trade {
    Trade {
        checkout_id: id(order / 10, CheckoutId::new),
        order_id: id(order, OrderId::new),
        seller_id: id(order % 10, SellerId::new),
        buyer_id: id(7, PersonId::new),
    }
}

pub(crate) fn tender(checkout: u128, n: u128, amount: Money) -> Tender {
    let method = match n {
        0 => TenderMethod::Card { instalments: 1 },
        1 => TenderMethod::Voucher {},
        2 => TenderMethod::InPerson {},
        _ => TenderMethod::BankTransfer {},
    };
    Tender { tender_id: id(checkout * 10 + n, TenderId::new), method, amount }
}

fn placed(order: u128, picks: &BTreeMap<u128, u32>) -> Option<Placed> {
    let trade = trade(order);
    let offers: Vec<_> = picks
        .iter()
        .filter(|(listing, _)| *listing % 2 == order % 10)
        .map(|(listing, pieces)| Offer {
            listing_id: id(*listing, ListingId::new),
            option_id: None,
            listing_version: Version(1),
            title: Title::new("자전거").unwrap(),
            price: won(10_001 + 333 * u64::try_from(*listing).unwrap()),
            price_difference: None,
            shipping: won(2_999),
            quantity: Quantity::new(*pieces).unwrap(),
        })
        .collect();
    let order::Priced { lines, items, shipping, total } = order::price(&offers).ok()?;
    let amount = won(items.amount_minor() / 20);
    let fee = Fee {
        policy_version: Version(1),
        rate_bp: 500,
        amount,
        vat_rate_bp: 1_000,
        vat: won(amount.amount_minor() / 10),
        rounding: Rounding::Down,
    };
    let seller_kind = SellerKind::Individual;
    let (address, source) = (None, None);
    Some(Placed { trade, seller_kind, lines, items, shipping, total, fee, address, source })
}

impl Market {
    pub(crate) fn act(&mut self, action: Action) {
        let unit = match action {
            Action::Restock { listing, pieces } => self.restock(listing, pieces),
            Action::Buy { checkout, picks, tenders } => self.buy(checkout, picks, tenders),
            Action::Pay { checkout, tender, report } => self.pay(checkout, tender, report),
            Action::CancelOrder { order, reason } => self.cancel(order, reason),
            Action::CancelCheckout { checkout } => self.expire(checkout),
            Action::Step { order, step } => self.step(order, step),
            Action::Refund { order, amount } => self.refund(order, amount),
            Action::ObserveOrder { order, status, as_status, early } => {
                Some(self.observe_order(order, status, as_status, early))
            }
            Action::Scan { order, report, status } => Some(self.scan(order, report, status)),
        };
        self.write(unit.unwrap_or_default());
    }

    fn restock(&self, listing: u128, pieces: u32) -> Option<Unit> {
        let listing_id = id(listing, ListingId::new);
        let line = StockLine { option_id: None, quantity: Quantity::new(pieces).unwrap() };
        let restock = inventory::Command::Restock(inventory::Restock { listing_id, line });
        let events = self.inventories.decide(listing_id, restock)?;
        Some(Unit { inventories: vec![(listing_id, events)], ..Unit::default() })
    }

    fn buy(&self, checkout: u128, picks: Vec<(u128, u32)>, tenders: u64) -> Option<Unit> {
        let picks: BTreeMap<_, _> = picks.into_iter().collect();
        let placed: Vec<_> =
            [0, 1].into_iter().filter_map(|n| placed(checkout * 10 + n, &picks)).collect();
        let total: u64 = placed.iter().map(|it| it.total.amount_minor()).sum();
        let part = total / tenders;
        let amount = |n| if n == 0 { total - part * (tenders - 1) } else { part };
        let tenders = (0..tenders).map(|n| tender(checkout, n.into(), won(amount(n)))).collect();
        let checkout_id = id(checkout, CheckoutId::new);
        let open = checkout::Open {
            checkout_id,
            buyer_id: id(7, PersonId::new),
            shares: placed.iter().map(share_of).collect(),
            tenders,
            pay_until: PAY_UNTIL,
        };
        let opened = self.checkouts.decide(checkout_id, checkout::Command::Open(open))?;
        let mut unit = Unit { checkouts: vec![(checkout_id, opened)], ..Unit::default() };
        for placed in placed {
            let (trade, terms) = (placed.trade, Terms::from(&placed));
            for (listing_id, lines) in order::stock_lines(&placed.lines) {
                let order_id = trade.order_id;
                let reserve = inventory::Reserve { listing_id, order_id, lines };
                let command = inventory::Command::Reserve(reserve);
                unit.inventories.push((listing_id, self.inventories.decide(listing_id, command)?));
            }
            let open = escrow::Command::Open(escrow::Open { trade, terms });
            unit.escrows.push((trade.order_id, self.escrows.decide(trade.order_id, open)?));
            let place = Box::new(order::Place { placed, line_quantity_max: 100 });
            let place = order::Command::Place(place);
            unit.orders.push((trade.order_id, self.orders.decide(trade.order_id, place)?));
        }
        Some(unit)
    }

    /// The order, its stock and its money together; `None` where a rule says no.
    pub(crate) fn cancel_into(
        &self,
        unit: &mut Unit,
        id: OrderId,
        reason: CancelReason,
        by: By,
    ) -> Option<()> {
        let cancel = order::Command::Cancel(order::Cancel { reason, by });
        let cancelled = self.orders.decide(id, cancel).filter(|events| !events.is_empty())?;
        unit.orders.push((id, cancelled));
        self.give_back_into(unit, id)
    }

    fn give_back_into(&self, unit: &mut Unit, order_id: OrderId) -> Option<()> {
        let (amount, reason) = (RefundAmount::Whole, RefundReason::OrderCancelled);
        let refund = escrow::Command::Refund(escrow::Refund { amount, reason });
        unit.escrows.push((order_id, self.escrows.decide(order_id, refund)?));
        for listing_id in self.orders.state(order_id).listings() {
            let release = inventory::Release { listing_id, order_id };
            let command = inventory::Command::Release(release);
            unit.inventories.push((listing_id, self.inventories.decide(listing_id, command)?));
        }
        Some(())
    }

    /// Its checkout asks for it no more.
    fn reduce_into(&self, unit: &mut Unit, trade: Trade) {
        let reduce = checkout::Reduce { order_id: trade.order_id };
        let reduced = self.checkouts.decide(trade.checkout_id, checkout::Command::Reduce(reduce));
        unit.checkouts.push((trade.checkout_id, reduced.unwrap_or_default()));
    }

    fn cancel(&self, order: u128, reason: CancelReason) -> Option<Unit> {
        let Trade { order_id, seller_id, buyer_id, .. } = trade(order);
        let by = match reason {
            CancelReason::BuyerChangedMind => By::Buyer(buyer_id),
            CancelReason::OutOfStock | CancelReason::SellerCannotSupply => By::Seller(seller_id),
            CancelReason::NotPaidInTime
            | CancelReason::PaymentDeclined
            | CancelReason::Observed => By::Staff,
        };
        let mut unit = Unit::default();
        self.cancel_into(&mut unit, order_id, reason, by)?;
        self.reduce_into(&mut unit, trade(order));
        Some(unit)
    }

    fn expire(&self, checkout: u128) -> Option<Unit> {
        let checkout_id = id(checkout, CheckoutId::new);
        let reason = EndReason::NotPaidInTime;
        let cancel = checkout::Command::Cancel(checkout::Cancel { reason });
        let events = self.checkouts.decide(checkout_id, cancel)?;
        let mut unit = Unit { checkouts: vec![(checkout_id, events)], ..Unit::default() };
        for seller in [0, 1] {
            let order_id = trade(checkout * 10 + seller).order_id;
            self.cancel_into(&mut unit, order_id, CancelReason::NotPaidInTime, By::Staff);
        }
        Some(unit)
    }

    fn step(&self, order: u128, step: Status) -> Option<Unit> {
        let Trade { order_id, seller_id, buyer_id, .. } = trade(order);
        let (by, buyer) = (By::Seller(seller_id), By::Buyer(buyer_id));
        let shipment_id = id(order, ShipmentId::new);
        let command = match step {
            Status::Preparing => order::Command::Prepare(order::Prepare { by }),
            Status::Shipped => order::Command::Ship(order::Ship { shipment_id, by }),
            Status::Delivered => order::Command::Deliver(order::Deliver { by }),
            Status::Confirmed => order::Command::Confirm(order::Confirm { by: buyer }),
            Status::Placed | Status::Paid | Status::Cancelled => return None,
        };
        let mut unit = Unit::default();
        unit.orders.push((order_id, self.orders.decide(order_id, command)?));
        if step == Status::Confirmed {
            let release = escrow::Command::Release(escrow::Release);
            unit.escrows.push((order_id, self.escrows.decide(order_id, release)?));
        }
        if step == Status::Shipped {
            let (carrier, tracking_number) = (Name::new("택배").unwrap(), None);
            let trade = trade(order);
            let register = shipment::Register { trade, shipment_id, carrier, tracking_number, by };
            let command = shipment::Command::Register(register);
            unit.shipments.push((shipment_id, self.shipments.decide(shipment_id, command)?));
        }
        Some(unit)
    }

    fn refund(&self, order: u128, amount: u64) -> Option<Unit> {
        let order_id = trade(order).order_id;
        let (amount, reason) = (RefundAmount::Part(won(amount)), RefundReason::GoodwillOfSeller);
        let refund = escrow::Command::Refund(escrow::Refund { amount, reason });
        let events = self.escrows.decide(order_id, refund)?;
        Some(Unit { escrows: vec![(order_id, events)], ..Unit::default() })
    }

    fn observe_order(&self, order: u128, status: Status, as_status: bool, early: bool) -> Unit {
        let trade = trade(order);
        let earlier = if early { PAY_UNTIL.plus_seconds(9) } else { OPENED_AT };
        let instants = Instants {
            approved_at: Some(earlier),
            handed_over_at: Some(PAY_UNTIL),
            delivered_at: Some(OPENED_AT),
        };
        let shipment_id = id(order, ShipmentId::new);
        let step = match status {
            Status::Placed | Status::Paid => order::Fact::Paid { amount: won(1) },
            Status::Preparing => order::Fact::Preparing,
            Status::Shipped => order::Fact::Shipped { shipment_id },
            Status::Delivered => order::Fact::Delivered,
            Status::Confirmed => order::Fact::Confirmed,
            Status::Cancelled => order::Fact::Cancelled,
        };
        let fact = if as_status { order::Fact::StatusReported { status } } else { step };
        let state = self.orders.state(trade.order_id);
        let events =
            observe_twice(&state, || order::Observation { trade, instants, fact: fact.clone() });
        let cancelled = events.iter().any(|event| matches!(event, order::Event::Cancelled(_)));
        let mut unit = Unit { orders: vec![(trade.order_id, events)], ..Unit::default() };
        // What was delivered all the same is still to be paid.
        let delivered =
            matches!(&state, Order::Known(known) if known.steps.contains(&Status::Delivered));
        if cancelled && !delivered {
            let _ = self.give_back_into(&mut unit, trade.order_id);
            self.reduce_into(&mut unit, trade);
        }
        unit
    }

    fn scan(&self, order: u128, report: u128, status: u8) -> Unit {
        let scan = match status {
            0 => Scan::PickedUp,
            1 => Scan::InTransit { place: None },
            2 => Scan::Delivered,
            _ => Scan::Lost,
        };
        let (trade, shipment_id) = (trade(order), id(order, ShipmentId::new));
        let observation_id = id(report, ObservationId::new);
        let scanned = Scanned { trade, shipment_id, observation_id, scan };
        let state = self.shipments.state(shipment_id);
        let seen = || shipment::Observation::Scanned(scanned.clone());
        let events = observe_twice(&state, seen);
        Unit { shipments: vec![(shipment_id, events)], ..Unit::default() }
    }
}
