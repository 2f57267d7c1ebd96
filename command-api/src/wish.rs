//! What every command over HTTP brings besides its own body: who, under which key, in which trace.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use edge::fingerprint::Fingerprint;
use edge::headers::{IDEMPOTENCY_KEY, IdempotencyKey};
use edge::problem::Problem;
use edge::state::Edge;
use edge::token::Caller;
use edge::trace::TraceContext;
use events_schema::envelope::{Actor, Origin, Role};
use events_schema::ids::CommandId;
use events_schema::time::Timestamp;
use storage::event_log::{Intent, Principal};
use storage::world::World;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::{IntoParams, PartialSchema};

use crate::execute::{Context, Handle, Submission};

/// Who wants it, and under which key: a POST brings one, anything else may.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) caller: Caller,
    key: String,
    trace_context: Option<TraceContext>,
    occurred_at: Option<Timestamp>,
}

impl<S: Sync> FromRequestParts<S> for Wish {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = <Caller as FromRequestParts<S>>::from_request_parts(parts, state).await?;
        let is_free = parts.method != Method::POST && !parts.headers.contains_key(IDEMPOTENCY_KEY);
        let key = if is_free {
            let edge = parts.extensions.get::<Edge>().ok_or_else(Problem::internal)?;
            format!("once-{}", edge.world().uuid())
        } else {
            IdempotencyKey::from_request_parts(parts, state).await?.as_str().to_owned()
        };
        let trace_context = parts.extensions.get().copied();
        Ok(Self { caller, key, trace_context, occurred_at: None })
    }
}

/// As the OpenAPI document tells it.
impl IntoParams for Wish {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "Of your own choice, 1 to 255 visible characters, for one wish: a repeat under the \
                 same key gets the first answer again, for 30 days. A POST must bring one.",
            ))
            .schema(Some(String::schema()));
        vec![key.build()]
    }
}

impl Wish {
    /// It happened then, and is reported now.
    pub(crate) fn of(self, occurred_at: Option<Timestamp>) -> Self {
        Self { occurred_at, ..self }
    }

    pub(crate) fn intent(&self, fingerprint: Fingerprint) -> Intent {
        let principal = Principal::Person(self.caller.person_id);
        Intent { principal, key: self.key.clone(), fingerprint: fingerprint.0 }
    }

    pub(crate) fn submission(
        self,
        fingerprint: Fingerprint,
        command: impl Handle,
        world: &World,
    ) -> Submission {
        let intent = self.intent(fingerprint);
        let now = world.now();
        let person_id = self.caller.person_id;
        let role = self.caller.roles.first().copied().unwrap_or(Role::Buyer);
        let actor = Actor::Person { person_id, role };
        let command_id = CommandId::new(world.uuid());
        let context = Context {
            trace_context: self.trace_context.map(|context| context.to_string()),
            occurred_at: self.occurred_at.unwrap_or(now),
            ..Context::new(actor, Origin::Http, command_id, now)
        };
        Submission { intent, context, command: Box::new(command) }
    }
}
