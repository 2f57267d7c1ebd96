//! The two dates that a foreign order has of its parcels.

use command_api::execute::UnitOfWork;
use command_api::problem::CommandError;
use domain::decider::Observer;
use domain::order::{self, Order};
use domain::shipment::{self, Registered, Scan, Scanned, Shipment};
use events_schema::trade::Trade;

use super::super::ids;
use super::{Applied, name, trades};

/// The source does not say who carried it.
const CARRIER: &str = "unknown";

impl Applied {
    pub(super) async fn handed_over(&self, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
        for (seller_id, trade) in trades(&self.order) {
            let shipment_id = ids::shipment(&self.order.id, seller_id);
            let carrier = name(CARRIER);
            let registered = Registered { trade, shipment_id, carrier, tracking_number: None };
            let shipment = work.read::<Shipment>(shipment_id).await?;
            let observation = shipment::Observation::Registered(registered);
            work.observe(&shipment, observation);
            self.scanned(work, trade, seller_id, ("picked_up", Scan::PickedUp)).await?;
            self.order_observed(work, trade, order::Fact::Shipped { shipment_id }).await?;
        }
        Ok(())
    }

    pub(super) async fn delivered(&self, work: &mut UnitOfWork<'_>) -> Result<(), CommandError> {
        for (seller_id, trade) in trades(&self.order) {
            self.scanned(work, trade, seller_id, ("delivered", Scan::Delivered)).await?;
            self.order_observed(work, trade, order::Fact::Delivered).await?;
        }
        Ok(())
    }

    async fn scanned(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
        seller_id: &str,
        (kind, scan): (&str, Scan),
    ) -> Result<(), CommandError> {
        let shipment_id = ids::shipment(&self.order.id, seller_id);
        let observation_id = ids::scan(&self.order.id, seller_id, kind);
        let shipment = work.read::<Shipment>(shipment_id).await?;
        let scanned = Scanned { trade, shipment_id, observation_id, scan };
        work.observe(&shipment, shipment::Observation::Scanned(scanned));
        Ok(())
    }

    pub(super) async fn order_observed(
        &self,
        work: &mut UnitOfWork<'_>,
        trade: Trade,
        fact: order::Fact,
    ) -> Result<Vec<order::Event>, CommandError> {
        let order = work.read::<Order>(trade.order_id).await?;
        let events = order.observe(self.order_observation(trade, fact));
        work.write(&order, events.clone());
        Ok(events)
    }
}
