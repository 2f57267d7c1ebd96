//! Say what one side thinks of a delivered order.

use events_schema::personal::{Comment, Personal};
use events_schema::review::{Rating, Side, Subject, Written};

use super::{Event, Rejection, Review, review_id};
use crate::ids::{PersonId, SellerId};
use crate::trade::Trade;

/// To be decided on the stream [`review_id`]`(trade.order_id, author's side)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Of the order, as it was read.
    pub trade: Trade,
    /// The order is delivered or confirmed.
    pub delivered: bool,
    pub author: Author,
    pub rating: Rating,
    pub comment: Option<Personal<Comment>>,
}

/// Who asks, and for which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    Buyer(PersonId),
    Seller(SellerId),
}

impl Author {
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Buyer(_) => Side::Buyer,
            Self::Seller(_) => Side::Seller,
        }
    }

    fn took_part_in(self, trade: &Trade) -> bool {
        match self {
            Self::Buyer(person_id) => person_id == trade.buyer_id,
            Self::Seller(seller_id) => seller_id == trade.seller_id,
        }
    }
}

pub(super) fn decide(review: &Review, command: Write) -> Result<Vec<Event>, Rejection> {
    let Write { trade, delivered, author, rating, comment } = command;
    if !author.took_part_in(&trade) {
        return Err(Rejection::OrderNotFound);
    }
    match review {
        Review::Written { rating: said, comment: told, .. } => {
            let same = (*said, told) == (rating, &comment);
            return if same { Ok(vec![]) } else { Err(Rejection::AlreadyReviewed) };
        }
        Review::Absent if !delivered => return Err(Rejection::NotDelivered),
        Review::Absent => (),
    }
    let side = author.side();
    let written = Written {
        review_id: review_id(trade.order_id, side),
        subject: Subject {
            checkout_id: trade.checkout_id,
            order_id: Some(trade.order_id),
            seller_id: Some(trade.seller_id),
            buyer_id: trade.buyer_id,
        },
        side,
        rating,
        comment,
        source: None,
    };
    Ok(vec![written.into()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Command;
    use crate::review::testing::{NOTHING, trade, written};
    use crate::testing::{given, id};

    fn buyer() -> Author {
        Author::Buyer(trade().buyer_id)
    }

    fn seller() -> Author {
        Author::Seller(trade().seller_id)
    }

    fn write(author: Author, stars: u8, delivered: bool) -> Command {
        let rating = Rating::new(stars).unwrap();
        Command::Write(Write { trade: trade(), delivered, author, rating, comment: None })
    }

    #[test]
    fn each_side_writes_under_its_own_id() {
        given::<Review>(NOTHING).when(write(buyer(), 5, true)).then([written(Side::Buyer, 5)]);
        given::<Review>(NOTHING).when(write(seller(), 1, true)).then([written(Side::Seller, 1)]);
    }

    #[test]
    fn does_nothing_when_it_says_so_already() {
        given::<Review>([written(Side::Buyer, 5)]).when(write(buyer(), 5, true)).then_nothing();
    }

    #[test]
    fn refuses_a_second_opinion() {
        given::<Review>([written(Side::Buyer, 5)])
            .when(write(buyer(), 4, true))
            .then_rejected(Rejection::AlreadyReviewed);
    }

    #[test]
    fn refuses_whoever_took_no_part() {
        for author in [Author::Buyer(id(9, PersonId::new)), Author::Seller(id(9, SellerId::new))] {
            given::<Review>(NOTHING)
                .when(write(author, 5, true))
                .then_rejected(Rejection::OrderNotFound);
        }
    }

    #[test]
    fn refuses_before_delivery() {
        given::<Review>(NOTHING)
            .when(write(buyer(), 5, false))
            .then_rejected(Rejection::NotDelivered);
    }

    #[test]
    fn refuses_permission_before_existence_before_state() {
        given::<Review>([written(Side::Buyer, 5)])
            .when(write(Author::Buyer(id(9, PersonId::new)), 4, false))
            .then_rejected(Rejection::OrderNotFound);
        given::<Review>([written(Side::Buyer, 5)])
            .when(write(buyer(), 4, false))
            .then_rejected(Rejection::AlreadyReviewed);
    }
}
