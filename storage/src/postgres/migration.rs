//! What an operator does, as the owner of the tables: migrations, and who may do what.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{Client, GenericClient};
use tokio_util::task::TaskTracker;

use super::Error;
use super::connections::refused;
use super::url::Target;

const SETTINGS: &str = "-c lock_timeout=30s -c search_path=public";
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The tables of one store.
#[derive(Debug)]
pub(crate) struct Migrations {
    /// Only ever appended to.
    pub(crate) steps: &'static [&'static str],
    /// Roles and what they are granted. Run each time, so that what a restored dump has lost comes
    /// back.
    pub(crate) privileges: &'static str,
}

impl Migrations {
    /// The number of the last migration that was applied.
    pub(super) async fn level(
        &self,
        client: &impl GenericClient,
    ) -> Result<usize, tokio_postgres::Error> {
        let known = client.query_one(include_str!("migration/is_migrated.sql"), &[]).await?;
        if !known.try_get(0)? {
            return Ok(0);
        }
        let last = client.query_one(include_str!("migration/select_level.sql"), &[]).await?;
        Ok(usize::try_from(last.try_get::<_, i32>(0)?).unwrap_or(0))
    }

    /// Why the store cannot be used at this level.
    pub(super) fn problem(&self, level: usize) -> Option<String> {
        let expected = self.steps.len();
        (level != expected).then(|| {
            let advice =
                if level < expected { "run `jangteo migrate`" } else { "use a newer program" };
            format!("the tables are at level {level}, this program needs {expected}: {advice}")
        })
    }

    /// Applies what is missing, all or none. Safe to run from several places at once.
    pub(crate) async fn apply(&self, url: &str, application: &str) -> Result<(), Error> {
        let mut operator = Operator::connect(url, application).await?;
        let result = self.apply_as(&mut operator.client).await;
        operator.disconnect().await;
        result
    }

    async fn apply_as(&self, client: &mut Client) -> Result<(), Error> {
        let transaction = client.transaction().await.map_err(cannot)?;
        let encoding = transaction.query_one(include_str!("migration/encoding.sql"), &[]).await;
        if encoding.map_err(cannot)?.try_get::<_, &str>(0)? != "UTF8" {
            let advice = "the database's encoding is not UTF8: make it with ENCODING 'UTF8'";
            return Err(Error::Configuration(advice.to_owned()));
        }
        transaction.batch_execute(include_str!("migration/begin.sql")).await.map_err(cannot)?;
        let done = self.level(&transaction).await.map_err(cannot)?;
        if done > self.steps.len() {
            return Err(Error::Configuration(format!("the tables are at level {done}, too new")));
        }
        for (step, number) in self.steps.iter().zip(1_i32..).skip(done) {
            transaction.batch_execute(step).await.map_err(cannot)?;
            let record = include_str!("migration/insert_level.sql");
            transaction.execute(record, &[&number]).await.map_err(cannot)?;
        }
        transaction.batch_execute(self.privileges).await.map_err(cannot)?;
        transaction.commit().await.map_err(cannot)
    }
}

fn cannot(error: tokio_postgres::Error) -> Error {
    match error.as_db_error() {
        Some(answer) => Error::Configuration(format!("migration failed: {}", answer.message())),
        None => error.into(),
    }
}

/// One connection, as whom the URL names.
pub(crate) struct Operator {
    pub(crate) client: Client,
    connection: JoinHandle<()>,
}

impl Operator {
    pub(crate) async fn connect(url: &str, application: &str) -> Result<Self, Error> {
        let Target { config, tls, mode } = Target::read(url, application, SETTINGS)?;
        let (client, connection) =
            config.connect(tls).await.map_err(|error| refused(error, mode, None))?;
        let connection = TaskTracker::new().spawn(async move {
            // What breaks the connection also fails the call that waits for it.
            let _ = connection.await;
        });
        Ok(Self { client, connection })
    }

    pub(crate) async fn disconnect(self) {
        drop(self.client);
        // The server has all it needs; a late good-bye is no failure.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.connection).await;
    }
}
