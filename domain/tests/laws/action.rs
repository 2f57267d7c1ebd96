//! What may happen next, well ordered or not.

use domain::order::{CancelReason, Status};
use proptest::collection::SizeRange;
use proptest::prelude::{Just, Strategy, any as arbitrary, prop_oneof};
use proptest::sample::select;

/// Checkouts, sellers, listings and tenders by small numbers, so that they meet.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Restock { listing: u128, pieces: u32 },
    Buy { checkout: u128, picks: Vec<(u128, u32)>, tenders: u64 },
    Pay { checkout: u128, tender: u128, report: Report },
    CancelOrder { order: u128, reason: CancelReason },
    CancelCheckout { checkout: u128 },
    Step { order: u128, step: Status },
    Refund { order: u128, amount: u64 },
    ObserveOrder { order: u128, status: Status, as_status: bool, early: bool },
    Scan { order: u128, report: u128, status: u8 },
}

/// How a tender ends: by command, or as the gateway reports it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Report {
    Authorised,
    Captured,
    Declined,
    Lost,
    SeenAuthorised,
    SeenCaptured { more: u64, late: bool },
    SeenDeclined,
    SeenLost,
    Settled,
}

/// Stocked shelves, some purchases, and then whatever comes.
pub(crate) fn history(more: impl Into<SizeRange>) -> impl Strategy<Value = Vec<Action>> {
    let buys = proptest::collection::vec(buy(), 4);
    (buys, proptest::collection::vec(any(), more)).prop_map(|(buys, more)| {
        let shelves = (0..4).map(|listing| Action::Restock { listing, pieces: 8 });
        shelves.chain(buys).chain(more).collect()
    })
}

fn buy() -> impl Strategy<Value = Action> {
    let picks = proptest::collection::vec((0_u128..4, 1_u32..4), 1..4);
    (1_u128..4, picks, 1_u64..4).prop_map(|(checkout, picks, tenders)| Action::Buy {
        checkout,
        picks,
        tenders,
    })
}

fn any() -> impl Strategy<Value = Action> {
    let order = || (1_u128..4, 0_u128..2).prop_map(|(checkout, seller)| checkout * 10 + seller);
    let reason = select(vec![
        CancelReason::BuyerChangedMind,
        CancelReason::OutOfStock,
        CancelReason::NotPaidInTime,
    ]);
    prop_oneof![
        2 => (0_u128..4, 1_u32..9).prop_map(|(listing, pieces)| Action::Restock { listing, pieces }),
        2 => buy(),
        8 => (1_u128..4, 0_u128..3, report())
            .prop_map(|(checkout, tender, report)| Action::Pay { checkout, tender, report }),
        1 => (order(), reason).prop_map(|(order, reason)| Action::CancelOrder { order, reason }),
        1 => (1_u128..4).prop_map(|checkout| Action::CancelCheckout { checkout }),
        20 => (order(), step()).prop_map(|(order, step)| Action::Step { order, step }),
        1 => (order(), 1_u64..60_000).prop_map(|(order, amount)| Action::Refund { order, amount }),
        2 => (order(), status(), arbitrary::<bool>(), arbitrary::<bool>()).prop_map(
            |(order, status, as_status, early)| Action::ObserveOrder {
                order,
                status,
                as_status,
                early,
            }
        ),
        2 => (order(), 0_u128..6, 0_u8..4)
            .prop_map(|(order, report, status)| Action::Scan { order, report, status }),
    ]
}

fn step() -> impl Strategy<Value = Status> {
    select(vec![Status::Preparing, Status::Shipped, Status::Delivered, Status::Confirmed])
}

fn status() -> impl Strategy<Value = Status> {
    select(Status::ALL.to_vec())
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        1 => Just(Report::Authorised),
        14 => Just(Report::Captured),
        1 => Just(Report::Declined),
        1 => Just(Report::Lost),
        1 => Just(Report::SeenAuthorised),
        3 => (select(vec![0_u64, 0, 0, 700]), arbitrary::<bool>())
            .prop_map(|(more, late)| Report::SeenCaptured { more, late }),
        1 => Just(Report::SeenDeclined),
        1 => Just(Report::SeenLost),
        1 => Just(Report::Settled),
    ]
}
