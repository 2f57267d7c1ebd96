//! Laws of sharing out a captured amount.

use domain::checkout::Share;
use domain::checkout::allocate::split_by_largest_remainder;
use domain::ids::{OrderId, SellerId};
use domain::money::{Currency, Money};
use uuid::Uuid;

use crate::for_all;

#[test]
fn shares_and_excess_are_the_amount_and_no_order_gets_more_than_it_lacks() {
    let amounts = (0_u64..2_000_000, proptest::collection::vec(0_u64..1_000_000, 0..8));
    for_all(2_000, &amounts, |(amount, lacking)| {
        let won = |minor| Money::from_minor(minor, Currency::Krw).unwrap();
        let lacking: Vec<_> = (0_u128..)
            .zip(lacking)
            .map(|(n, minor)| Share {
                order_id: OrderId::new(Uuid::from_u128(n)),
                seller_id: SellerId::new(Uuid::from_u128(n)),
                amount: won(minor),
            })
            .collect();
        let (shares, excess) = split_by_largest_remainder(won(amount), &lacking).unwrap();
        let given: u64 = shares.iter().map(|share| share.amount.amount_minor()).sum();
        let wanted: u64 = lacking.iter().map(|share| share.amount.amount_minor()).sum();
        assert_eq!(given + excess.amount_minor(), amount);
        assert_eq!(given, amount.min(wanted));
        for share in &shares {
            let asked = lacking.iter().find(|asked| asked.order_id == share.order_id).unwrap();
            let (asked, got) = (asked.amount.amount_minor(), share.amount.amount_minor());
            assert!(got > 0 && got <= asked);
            // Pro rata, and at most one unit beside it.
            let exact = u128::from(amount.min(wanted)) * u128::from(asked);
            let booked = u128::from(got) * u128::from(wanted);
            assert!(exact.abs_diff(booked) < u128::from(wanted), "{got} of {asked}");
        }
        Ok(())
    });
}
