//! `jangteo token`: a bearer token for one person.

use std::path::PathBuf;

use clap::Args;
use edge::token::{Caller, Keys};
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use serde::Serialize;
use storage::world::World;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::secrets;

/// Issue a bearer token, signed with the key in the data folder
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo token --role buyer
  jangteo token --role seller --seller sel_01h455vb4pex5vsknk084sn02q --hours 8
  curl -H \"Authorization: Bearer $(jangteo token --role admin)\" http://127.0.0.1:8080/orders")]
pub struct Options {
    /// Folder that holds the signing key; made on first use
    #[arg(long, value_name = "DIR", env = "JANGTEO_DATA", default_value = "./data")]
    data: PathBuf,

    /// May be given several times
    #[arg(long = "role", value_name = "ROLE", required = true, env = "JANGTEO_ROLE")]
    roles: Vec<Role>,

    /// Whose token it is [default: a person nobody has met]
    #[arg(long, value_name = "PERSON", env = "JANGTEO_PERSON")]
    person: Option<PersonId>,

    /// The seller for whom the person acts
    #[arg(long, value_name = "SELLER", env = "JANGTEO_SELLER")]
    seller: Option<SellerId>,

    /// How long it is valid
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=720), env = "JANGTEO_HOURS")]
    hours: u16,
}

#[derive(Debug, Serialize)]
struct Issued {
    token: String,
    person_id: PersonId,
    roles: Vec<Role>,
    seller_id: Option<SellerId>,
}

/// # Errors
/// When the signing key cannot be read or made.
pub fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let world = World::system();
    let keys = secrets::token_keys(&options.data, &world)?;
    let person_id = options.person.unwrap_or_else(|| PersonId::new(world.uuid()));
    let caller = Caller { person_id, roles: options.roles, seller_id: options.seller };
    let issued = Issued {
        token: issue(&keys, &caller, &world, options.hours)?,
        person_id,
        roles: caller.roles,
        seller_id: caller.seller_id,
    };
    output.answer(&issued, |issued| issued.token.clone())?;
    Ok(Outcome::Well)
}

/// # Errors
/// When the key does not sign.
pub fn issue(
    keys: &Keys,
    caller: &Caller,
    world: &World,
    hours: u16,
) -> Result<String, edge::token::Error> {
    keys.issue(caller, u32::from(hours) * 3_600, world.now())
}
