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

    /// As [`Self::execute`], for a command that could perhaps not be sealed any more: a repeat of one
    /// that could be gets its answer all the same.
    pub(crate) async fn execute_sealed(
        &self,
        wish: Wish,
        fingerprint: Fingerprint,
        sealed: Result<impl Handle, CommandError>,
    ) -> Result<Answer, CommandError> {
        let refusal = match sealed {
            Ok(command) => return self.execute(wish, fingerprint, command).await,
            Err(refusal) => refusal,
        };
        let answered = self.executor.answer(&wish.intent(fingerprint)).await?;
        Answer::new(&answered.ok_or(refusal)?, self.executor.epoch().await?)
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
