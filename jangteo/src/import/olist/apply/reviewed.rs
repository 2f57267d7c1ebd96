//! What a foreign buyer thought of it.

use command_api::execute::UnitOfWork;
use command_api::problem::CommandError;
use domain::review::{self, Delivery, Review};
use events_schema::review::{Rating, Side, Subject, Written};

use super::super::{ids, source};
use super::{Applied, source_of, trades};

impl Applied {
    pub(super) async fn reviewed(
        &self,
        work: &mut UnitOfWork<'_>,
        index: usize,
    ) -> Result<(), CommandError> {
        let Some(written) = self.order.reviews.get(index) else { return Ok(()) };
        let trades = trades(&self.order);
        // A review of several sellers speaks of none of them alone.
        let only = match trades.as_slice() {
            [(_, trade)] => Some(trade),
            _ => None,
        };
        let review_id = ids::review(&written.id, &self.order.id);
        let observed = review::Observed {
            written: Written {
                review_id,
                subject: Subject {
                    checkout_id: ids::checkout(&self.order.id),
                    order_id: only.map(|trade| trade.order_id),
                    seller_id: only.map(|trade| trade.seller_id),
                    buyer_id: self.buyer_id,
                },
                side: Side::Buyer,
                rating: Rating::new(written.score).map_err(CommandError::bug)?,
                comment: self.comment.clone(),
                source: Some(source_of(&written.id, None)),
            },
            delivery: self.delivery(written),
            again: index > 0,
            several_sellers: trades.len() > 1,
        };
        let review = work.open::<Review>(review_id).await?;
        work.observe(&review, review::Observation::Written(observed));
        Ok(())
    }

    /// Whether it was delivered is the source's status; when, its date.
    fn delivery(&self, written: &source::Review) -> Delivery {
        if self.order.status != "delivered" {
            return Delivery::Never;
        }
        match self.order.delivered_at {
            Some(at) if written.answered_at < at => Delivery::Later,
            Some(_) | None => Delivery::Before,
        }
    }
}
