//! Idempotency keys whose time is over.

use super::failed;
use super::read::one;
use crate::event_log::Error;
use crate::event_log::bounds::FORGOTTEN_MAX;
use crate::postgres::Connections;

pub(super) async fn forget_keys(connections: &Connections) -> Result<u64, Error> {
    let row = one(connections, include_str!("forget/forget_keys.sql"), &[&FORGOTTEN_MAX]).await?;
    row.try_get(0).map(i64::unsigned_abs).map_err(failed)
}
