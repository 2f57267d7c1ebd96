//! What a new installation begins with: the default policies, so that every order names the version
//! of the terms it was priced by.

use async_trait::async_trait;
use command_api::execute::{Body, Context, Executor, Handle, Submission, UnitOfWork};
use command_api::problem::CommandError;
use domain::policy::{DEFAULT_FEES, DEFAULT_LIMITS, Observation, Policy};
use events_schema::envelope::{Actor, Origin, Version};
use events_schema::ids::CommandId;
use events_schema::policy::{Recorded, Terms};
use storage::event_log::{Intent, Principal};
use storage::world::World;
use uuid::Uuid;

const PROCESS: &str = "bootstrap";

/// Records the default terms where none of their kind ever were.
#[derive(Debug)]
struct FirstTerms(Terms);

/// Once per installation, however often it is called.
///
/// # Errors
/// When the log does not take it.
pub(crate) async fn first_policies(executor: &Executor, world: &World) -> Result<(), CommandError> {
    for terms in [Terms::Fees(DEFAULT_FEES), Terms::Limits(DEFAULT_LIMITS)] {
        let key = format!("policy/{}", terms.kind().as_str());
        let command_id = CommandId::new(Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()));
        let actor = Actor::Process(PROCESS.into());
        let context = Context::new(actor, Origin::Process, command_id, world.now());
        let principal = Principal::Process(PROCESS.to_owned());
        let intent = Intent { principal, key, fingerprint: [0; 32] };
        let command = Box::new(FirstTerms(terms));
        executor.execute(Submission { intent, context, command }).await?;
    }
    Ok(())
}

#[async_trait]
impl Handle for FirstTerms {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let policy = work.read::<Policy>(self.0.kind()).await?;
        if policy.version() == Version(0) {
            let seen = Recorded { effective_from: work.now(), terms: self.0.clone() };
            work.observe(&policy, Observation::Seen(seen));
        }
        Body::of(&serde_json::json!({}))
    }
}
