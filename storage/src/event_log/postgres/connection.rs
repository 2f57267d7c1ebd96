//! Connections: time-outs, the role, and what is checked before the log is used.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::{Config, NoTls, Row};

use super::value::failed;
use super::{migration, pool};
use crate::event_log::Error;
use crate::event_log::failure::{Refused, unavailable};

const CONNECTIONS_MAX: usize = 16;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a call waits for a connection when all are busy.
const WAIT_TIMEOUT: Duration = Duration::from_millis(250);
/// Above the server's own limit on a statement, for a server that is silent.
const CALL_TIMEOUT: Duration = Duration::from_secs(7);
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
/// The append forbids plans by their cost, for which PostgreSQL would compile every call.
const SETTINGS: &str = "-c statement_timeout=5s -c idle_in_transaction_session_timeout=10s \
                        -c search_path=public -c jit=off";

#[derive(Clone, Debug)]
pub(crate) struct Connections(Pool);

/// The URL's configuration with our time-outs and settings.
pub(super) fn configure(url: &str, settings: &str) -> Result<Config, Error> {
    let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        // The URL may hold a password, so that it is not repeated.
        Error::Configuration(format!("the PostgreSQL URL does not read: {error}"))
    })?;
    let options = [config.get_options().unwrap_or_default(), settings].join(" ");
    config
        .options(options.trim())
        .application_name("jangteo event log")
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_user_timeout(TCP_USER_TIMEOUT)
        .keepalives_idle(Duration::from_secs(10));
    Ok(config)
}

impl Connections {
    pub(crate) fn open(url: &str) -> Result<Self, Error> {
        let config = configure(url, &format!("{SETTINGS} -c role=jangteo_app"))?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(CONNECTIONS_MAX)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT_TIMEOUT))
            .create_timeout(Some(CONNECT_TIMEOUT))
            .recycle_timeout(Some(CONNECT_TIMEOUT))
            .build()
            .map_err(|error| Error::Configuration(error.to_string()))?;
        Ok(Self(pool))
    }

    /// Runs one call on a connection. A connection that has fallen silent is thrown away.
    pub(super) async fn run<T>(
        &self,
        call: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<Result<T, tokio_postgres::Error>, Error> {
        let connection = self.0.get().await.map_err(unavailable)?;
        if let Ok(done) = tokio::time::timeout(CALL_TIMEOUT, call(&connection)).await {
            return Ok(done);
        }
        drop(Object::take(connection));
        Err(unavailable(Refused("the server does not answer")))
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
        self.run(call).await?.map_err(failed)
    }

    /// Every problem that would make the log unsafe to use.
    pub(super) async fn check(&self) -> Result<(), Error> {
        let connection = self.0.get().await.map_err(refused)?;
        let settings = connection.query_one(include_str!("settings.sql"), &[]).await;
        let settings = settings.map_err(failed)?;
        let mut problems = Vec::new();
        for (column, problem) in [
            (0, "synchronous_commit is off or local: set it to on"),
            (1, "fsync is off"),
            (2, "full_page_writes is off"),
            (3, "the server is a standby: give the primary"),
            (4, "the database's encoding is not UTF8"),
            (5, "default_transaction_isolation is not read committed, which appends rest on"),
        ] {
            if settings.try_get(column).map_err(failed)? {
                problems.push(problem.to_owned());
            }
        }
        match migration::level(&**connection).await {
            Ok(level) => problems.extend(migration::problem(level)),
            Err(error) => problems.push(error.to_string()),
        }
        if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
    }

    /// Tells the metrics how busy the pool of this name is.
    pub(super) fn measure(&self, pool: &'static str) {
        pool::measure(&self.0.status(), pool);
    }

    pub(super) fn close(&self) {
        self.0.close();
    }
}

/// The server's own refusal at the first connection is for the operator to mend.
fn refused(error: PoolError) -> Error {
    if let PoolError::Backend(backend) = &error
        && let Some(answer) = backend.as_db_error()
    {
        let hint = match answer.code().code() {
            "22023" | "42704" => ": run `jangteo migrate` first, which makes the role jangteo_app",
            "42501" => ": grant the role jangteo_app to this user",
            _ => "",
        };
        // A server that is starting, stopping or full answers too.
        if !matches!(answer.code().code().get(..2), Some("57" | "53")) {
            return Error::Configuration(format!("{}{hint}", answer.message()));
        }
    }
    unavailable(Arc::new(error))
}
