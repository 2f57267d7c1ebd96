//! Requests as apps send them, answered in this process.

use anyhow::{Context, bail};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use edge::app::App;
use edge::token::Caller;
use events_schema::envelope::Role;
use events_schema::ids::{ObservationId, OptionId, PersonId};
use serde_json::Value;

/// The most bytes of an answer that are read.
const ANSWER_BYTES_MAX: usize = 1 << 20;
const TOKEN_SECONDS: u32 = 600;

#[derive(Debug)]
pub(super) struct Client<'a> {
    app: &'a App,
}

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub(super) struct Person(Caller);

/// What came back.
#[derive(Debug)]
pub(super) struct Answer(pub(super) Value);

impl Person {
    pub(super) fn with_shop(&self, seller_id: &str) -> anyhow::Result<Self> {
        let mut caller = self.0.clone();
        caller.roles = vec![Role::Seller];
        caller.seller_id = Some(seller_id.parse()?);
        Ok(Self(caller))
    }
}

impl Answer {
    pub(super) fn id(&self) -> anyhow::Result<String> {
        self.text("/id")
    }

    pub(super) fn text(&self, pointer: &str) -> anyhow::Result<String> {
        let value = self.0.pointer(pointer).and_then(Value::as_str);
        Ok(value.with_context(|| format!("the answer has no {pointer}"))?.to_owned())
    }
}

impl<'a> Client<'a> {
    pub(super) const fn new(app: &'a App) -> Self {
        Self { app }
    }

    fn somebody(&self, role: Role) -> Person {
        let person_id = PersonId::new(self.app.edge().world().uuid());
        Person(Caller { person_id, roles: vec![role], seller_id: None })
    }

    /// Somebody new who may buy.
    pub(super) fn person(&self) -> Person {
        self.somebody(Role::Buyer)
    }

    pub(super) fn admin(&self) -> Person {
        self.somebody(Role::Admin)
    }

    pub(super) fn option_id(&self) -> String {
        OptionId::new(self.app.edge().world().uuid()).to_string()
    }

    pub(super) fn observation_id(&self) -> String {
        ObservationId::new(self.app.edge().world().uuid()).to_string()
    }

    /// # Errors
    /// What the answer says, unless it is a success.
    pub(super) async fn post(
        &self,
        person: &Person,
        path: &str,
        body: Value,
    ) -> anyhow::Result<Answer> {
        let edge = self.app.edge();
        let token = edge.keys().issue(&person.0, TOKEN_SECONDS, edge.world().now())?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("Idempotency-Key", edge.world().uuid().to_string());
        let request = if body.is_null() {
            request.body(Body::empty())?
        } else {
            request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string()))?
        };
        let response = self.app.answer(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await?;
        if !status.is_success() {
            bail!("POST {path}: {status} {}", String::from_utf8_lossy(&bytes));
        }
        Ok(Answer(serde_json::from_slice(&bytes)?))
    }
}
