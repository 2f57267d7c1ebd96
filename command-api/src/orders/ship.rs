//! `POST /orders/{order_id}/ship`

use async_trait::async_trait;
use axum::extract::State;
use domain::order::{self, Order, Ship};
use domain::shipment::{self, Register, Shipment};
use edge::documented;
use edge::extract::Path;
use edge::json::Json;
use edge::token::Caller;
use events_schema::ids::{OrderId, ShipmentId};
use events_schema::text::{Code, Name};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::execute::{Body, Handle, UnitOfWork};
use crate::party;
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

/// With whom the parcel travels.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    pub carrier: Name,
    #[serde(default)]
    pub tracking_number: Option<Code>,
}

/// Besides the order's own id and version, the parcel's.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Shipped {
    id: OrderId,
    version: u64,
    shipment_id: ShipmentId,
    position: u64,
}

#[derive(Serialize)]
struct Written {
    id: OrderId,
    version: u64,
    shipment_id: ShipmentId,
}

documented! { Parcel = "ShipOrder", Shipped = "Shipped" }

/// Hands the order to a carrier, and registers the parcel in the same append.
#[derive(Clone, Debug)]
pub struct ShipOrder {
    pub caller: Caller,
    pub order_id: OrderId,
    pub parcel: Parcel,
}

/// Hand the order to a carrier
#[utoipa::path(
    post, path = "/orders/{order_id}/ship", tag = "orders", request_body = Parcel,
    params(Wish, ("order_id" = String, Path, description = "`ord_…`")),
    responses((status = 200, body = Shipped), (status = 404), (status = 409), (status = 422)),
)]
pub(crate) async fn ship(
    State(api): State<CommandApi>,
    wish: Wish,
    Path(order_id): Path<OrderId>,
    Json { value: parcel, fingerprint }: Json<Parcel>,
) -> Result<Answer, CommandError> {
    let command = ShipOrder { caller: wish.caller.clone(), order_id, parcel };
    api.execute(wish, fingerprint, command).await
}

#[async_trait]
impl Handle for ShipOrder {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Parcel { carrier, tracking_number } = self.parcel.clone();
        let order = work.read::<Order>(self.order_id).await?;
        let by = party::side(&self.caller, order.trade(), work).await?;
        let shipment_id = work.id(ShipmentId::new);
        let ship = order::Command::Ship(Ship { shipment_id, by });
        let version = work.decide(&order, ship)?;
        if let Some(&trade) = order.trade() {
            let shipment = work.open::<Shipment>(shipment_id).await?;
            let register = Register { trade, shipment_id, carrier, tracking_number, by };
            work.decide(&shipment, shipment::Command::Register(register))?;
        }
        Body::of(&Written { id: self.order_id, version: version.0, shipment_id })
    }
}
