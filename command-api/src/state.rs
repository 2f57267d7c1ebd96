//! What the endpoints share.

use std::sync::Arc;

use edge::fingerprint::Fingerprint;
use events_schema::ids::PersonId;
use events_schema::personal::{Field, Personal};
use events_schema::time::Timestamp;
use storage::keys::seal::Sealer;

use crate::answer::Answer;
use crate::execute::{Executor, Handle};
use crate::problem::CommandError;
use crate::wish::Wish;

/// Runs commands and seals what is personal. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CommandApi {
    executor: Executor,
    sealer: Arc<Sealer>,
}

impl CommandApi {
    #[must_use]
    pub fn new(executor: Executor, sealer: Arc<Sealer>) -> Self {
        Self { executor, sealer }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.executor.world().now()
    }

    pub(crate) async fn execute(
        &self,
        wish: Wish,
        fingerprint: Fingerprint,
        command: impl Handle,
    ) -> Result<Answer, CommandError> {
        let submission = wish.submission(fingerprint, command, self.executor.world());
        let executed = self.executor.execute(submission).await?;
        Answer::new(&executed, self.executor.epoch().await?)
    }

    pub(crate) async fn seal<T: Field + Sync>(
        &self,
        person_id: PersonId,
        field: Option<T>,
    ) -> Result<Option<Personal<T>>, CommandError> {
        match field {
            None => Ok(None),
            Some(field) => Ok(Some(self.sealer.seal(person_id, &field).await?)),
        }
    }
}
