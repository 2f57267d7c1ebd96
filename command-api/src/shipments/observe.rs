//! `POST /shipments/{shipment_id}/observations`: a carrier's scan. A delivery is the order's, too, in
//! the same append.

use async_trait::async_trait;
use axum::extract::State;
use domain::decider::{Refusal, RefusalKind};
use domain::order::{self, Instants, Order};
use domain::shipment::{Observation, Scan, Scanned, Shipment};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::{ObservationId, OrderId, ShipmentId};
use events_schema::text::Name;
use events_schema::time::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// As the carrier numbers it: a scan that comes twice is recorded once.
    observation_id: ObservationId,
    /// Whose parcel it is. Only asked for where nobody registered it.
    #[serde(default)]
    order_id: Option<OrderId>,
    /// When it was scanned; now, where it is left out.
    #[serde(default)]
    occurred_at: Option<Timestamp>,
    scan: ScanRequest,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
enum ScanRequest {
    PickedUp {},
    InTransit {
        #[serde(default)]
        place: Option<Name>,
    },
    Delivered {},
    Lost {},
}

documented! { Request = "ShipmentObservation" }

impl From<ScanRequest> for Scan {
    fn from(scan: ScanRequest) -> Self {
        match scan {
            ScanRequest::PickedUp {} => Self::PickedUp,
            ScanRequest::InTransit { place } => Self::InTransit { place },
            ScanRequest::Delivered {} => Self::Delivered,
            ScanRequest::Lost {} => Self::Lost,
        }
    }
}

/// Nobody registered it, and no order is named to whose trade it would belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("shipment does not exist")]
pub struct UnknownShipment;

impl Refusal for UnknownShipment {
    fn code(&self) -> &'static str {
        "shipment_not_found"
    }

    fn kind(&self) -> RefusalKind {
        RefusalKind::Absent
    }
}

/// Records what a carrier saw, also of a parcel that nobody registered.
#[derive(Clone, Debug)]
pub struct ObserveShipment {
    pub shipment_id: ShipmentId,
    /// Whose parcel it is, where the shipment does not say.
    pub order_id: Option<OrderId>,
    pub observation_id: ObservationId,
    pub scan: Scan,
}

/// Report what a carrier saw
#[utoipa::path(
    post, path = "/shipments/{shipment_id}/observations", tag = "shipments", request_body = Request,
    params(Wish, ("shipment_id" = String, Path, description = "`shp_…`")),
    responses((status = 201, body = Changed), (status = 404)),
)]
pub(crate) async fn observe(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(shipment_id): Path<ShipmentId>,
    Json { value, fingerprint }: Json<Request>,
) -> Result<Answer, CommandError> {
    let Request { observation_id, order_id, occurred_at, scan } = value;
    let command = ObserveShipment { shipment_id, order_id, observation_id, scan: scan.into() };
    Ok(api.execute(wish.of(occurred_at), fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for ObserveShipment {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { shipment_id, order_id, observation_id, scan } = self.clone();
        work.act_as(Role::Admin);
        let shipment = work.read::<Shipment>(shipment_id).await?;
        let trade = match (&*shipment, order_id) {
            (Shipment::Known(known), _) => Some(known.trade),
            (Shipment::Absent, Some(order_id)) => {
                work.read::<Order>(order_id).await?.trade().copied()
            }
            (Shipment::Absent, None) => None,
        };
        let trade = trade.ok_or(UnknownShipment).map_err(CommandError::refused)?;
        let is_delivered = scan == Scan::Delivered;
        let scanned = Scanned { trade, shipment_id, observation_id, scan };
        let version = work.observe(&shipment, Observation::Scanned(scanned));
        if is_delivered && version > shipment.version() {
            let order = work.read::<Order>(trade.order_id).await?;
            let (instants, fact) = (Instants::default(), order::Fact::Delivered);
            work.observe(&order, order::Observation { trade, instants, fact });
        }
        written(shipment_id, version)
    }
}
