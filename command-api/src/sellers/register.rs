//! `POST /sellers`

use async_trait::async_trait;
use axum::extract::State;
use domain::seller::{Command, Register, Seller};
use edge::documented;
use edge::json::Json;
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use events_schema::personal::{Contact, Personal};
use events_schema::text::{Code, Name};
use events_schema::trade::SellerKind;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::answer::{Answer, Changed, written};
use crate::execute::{Body, Handle, UnitOfWork};
use crate::problem::CommandError;
use crate::state::CommandApi;
use crate::wish::Wish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    seller_kind: SellerKind,
    name: Name,
    #[serde(default)]
    registration_number: Option<Code>,
    #[serde(default)]
    contact: Option<Contact>,
}

documented! { Request = "RegisterSeller" }

/// Opens a shop of one's own.
#[derive(Clone, Debug)]
pub struct RegisterSeller {
    pub owner_id: PersonId,
    pub seller_kind: SellerKind,
    pub name: Name,
    pub registration_number: Option<Code>,
    pub contact: Option<Personal<Contact>>,
}

/// Open a shop of your own
#[utoipa::path(
    post, path = "/sellers", tag = "sellers", request_body = Request,
    params(Wish),
    responses((status = 201, body = Changed)),
)]
pub(crate) async fn register(
    State(api): State<CommandApi>,
    wish: Wish,
    Json { value: Request { seller_kind, name, registration_number, contact }, fingerprint }: Json<
        Request,
    >,
) -> Result<Answer, CommandError> {
    let owner_id = wish.caller.person_id;
    let sealed = api.seal(owner_id, contact).await;
    let command = sealed.map(|contact| RegisterSeller {
        owner_id,
        seller_kind,
        name,
        registration_number,
        contact,
    });
    Ok(api.execute_sealed(wish, fingerprint, command).await?.created())
}

#[async_trait]
impl Handle for RegisterSeller {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let Self { owner_id, seller_kind, name, registration_number, contact } = self.clone();
        let seller_id = work.id(SellerId::new);
        work.act_as(Role::Seller);
        let seller = work.open::<Seller>(seller_id).await?;
        let register =
            Register { seller_id, owner_id, seller_kind, name, registration_number, contact };
        written(seller_id, work.decide(&seller, Command::Register(register))?)
    }
}
