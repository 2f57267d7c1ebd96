//! A pool of connections in one role, with time-outs.

use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::Row;

use super::tls::{self, Mode};
use super::url::{CONNECT_TIMEOUT, Target};
use super::{Error, pool};

const CONNECTIONS_MAX: usize = 16;
/// Above the server's own limit on a statement, for a server that is silent.
const CALL_TIMEOUT: Duration = Duration::from_secs(7);
/// The append forbids plans by their cost, for which PostgreSQL would compile every call.
const SETTINGS: &str = "-c statement_timeout=5s -c idle_in_transaction_session_timeout=10s \
                        -c search_path=public -c jit=off";

#[derive(Debug, thiserror::Error)]
#[error("the server does not answer")]
struct Silent;

/// As what a store connects.
#[derive(Debug)]
pub(crate) struct Login {
    /// What the server's list of connections shows.
    pub(crate) application: &'static str,
    pub(crate) role: &'static str,
    /// How long a call waits for a connection when all are busy.
    pub(crate) wait_max: Duration,
    pub(crate) needs: Needs,
}

/// What a role must be allowed: to read tables, and to call functions.
#[derive(Debug)]
pub(crate) struct Needs {
    pub(crate) tables: &'static [&'static str],
    pub(crate) functions: &'static [&'static str],
}

#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pool: Pool,
    pub(super) login: &'static Login,
    mode: Mode,
}

impl Connections {
    /// Connects with the first call, as whom the URL names, and works in the login's role.
    pub(crate) fn open(url: &str, login: &'static Login) -> Result<Self, Error> {
        let settings = format!("{SETTINGS} -c role={}", login.role);
        let target = Target::read(url, login.application, &settings)?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(target.config, target.tls, recycling))
            .max_size(CONNECTIONS_MAX)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(login.wait_max))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .recycle_timeout(Some(CONNECT_TIMEOUT))
            .build()
            .map_err(|error| Error::Configuration(error.to_string()))?;
        Ok(Self { pool, login, mode: target.mode })
    }

    /// Runs one call on a connection. A connection that has fallen silent is thrown away.
    pub(crate) async fn run<T>(
        &self,
        call: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<Result<T, tokio_postgres::Error>, Error> {
        let connection = self.pool.get().await.map_err(Error::unavailable)?;
        if let Ok(done) = tokio::time::timeout(CALL_TIMEOUT, call(&connection)).await {
            return Ok(done);
        }
        drop(Object::take(connection));
        Err(Error::unavailable(Silent))
    }

    pub(crate) async fn query(
        &self,
        sql: &str,
        values: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<Vec<Row>, Error> {
        let call = async |connection: &Object| {
            let statement = connection.prepare_cached(sql).await?;
            connection.query(&statement, values).await
        };
        Ok(self.run(call).await??)
    }

    /// The first connection: what the server says against it is for the operator to mend.
    pub(super) async fn first(&self) -> Result<Object, Error> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(backend) => refused(backend, self.mode, Some(self.login.role)),
            PoolError::Timeout(_)
            | PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(_) => Error::unavailable(error),
        })
    }

    /// Tells the metrics how busy the pool of this name is.
    pub(crate) fn measure(&self, pool: &'static str) {
        pool::measure(&self.pool.status(), pool);
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

/// Why the server, or its certificate, does not let us in.
pub(super) fn refused(error: tokio_postgres::Error, mode: Mode, role: Option<&str>) -> Error {
    if let Some(advice) = tls::advice(&error, mode) {
        return Error::Configuration(advice);
    }
    if let Some(answer) = error.as_db_error() {
        let hint = role.map_or(String::new(), |role| match answer.code().code() {
            "22023" | "42704" => {
                format!(": run `jangteo migrate` first, which makes the role {role}")
            }
            "42501" => format!(": grant the role {role} to this user"),
            _ => String::new(),
        });
        // A server that is starting, stopping or full answers too.
        if !matches!(answer.code().code().get(..2), Some("57" | "53")) {
            return Error::Configuration(format!("{}{hint}", answer.message()));
        }
    }
    error.into()
}
