//! Instants on the wire.

use std::error::Error as StdError;

use events_schema::time::Timestamp;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// 2000-01-01, where PostgreSQL counts its microseconds from.
const SERVER_EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A `timestamptz`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(pub(crate) Timestamp);

impl ToSql for Instant {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.as_unix_micros().saturating_sub(SERVER_EPOCH_MICROS).to_sql(ty, out)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn StdError + Sync + Send>> {
        let micros = i64::from_sql(ty, raw)?.saturating_add(SERVER_EPOCH_MICROS);
        Ok(Self(Timestamp::from_unix_micros(micros)))
    }

    accepts!(TIMESTAMPTZ);
}
