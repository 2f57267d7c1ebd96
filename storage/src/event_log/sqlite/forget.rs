//! Idempotency keys whose time is over.

use events_schema::time::Timestamp;
use rusqlite::{Connection, params};

use crate::event_log::bounds::{FORGOTTEN_MAX, KEY_LIFE_DAYS};

pub(super) fn forget_keys(connection: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    let before = now.plus_seconds(-KEY_LIFE_DAYS * 86_400);
    connection
        .prepare_cached(include_str!("forget/delete_commands.sql"))?
        .execute(params![before.as_unix_micros(), FORGOTTEN_MAX])
}
