//! Idempotency keys whose time is over.

use super::connection::Connections;
use super::read::one;
use super::value::failed;
use crate::event_log::Error;
use crate::event_log::bounds::FORGOTTEN_MAX;

pub(super) async fn forget_keys(connections: &Connections) -> Result<u64, Error> {
    let row = one(connections, include_str!("forget/forget_keys.sql"), &[&FORGOTTEN_MAX]).await?;
    row.try_get(0).map(i64::unsigned_abs).map_err(failed)
}
