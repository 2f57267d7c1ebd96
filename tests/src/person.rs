//! Those who send requests.

use edge::token::{Caller, Keys};
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use events_schema::time::Timestamp;
use storage::world::World;

const TOKEN_SECONDS: u32 = 3_600;

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct Person {
    pub caller: Caller,
    pub token: String,
}

impl Person {
    /// # Panics
    /// When the keys do not sign.
    #[must_use]
    pub fn new(keys: &Keys, caller: Caller, now: Timestamp) -> Self {
        let token = keys.issue(&caller, TOKEN_SECONDS, now).unwrap();
        Self { caller, token }
    }

    /// Somebody new with these roles.
    #[must_use]
    pub fn somebody(keys: &Keys, world: &World, roles: &[Role]) -> Self {
        let person_id = PersonId::new(world.uuid());
        let caller = Caller { person_id, roles: roles.to_vec(), seller_id: None };
        Self::new(keys, caller, world.now())
    }

    /// The same person, acting for a shop.
    ///
    /// # Panics
    /// When the id is no seller's.
    #[must_use]
    pub fn with_shop(&self, keys: &Keys, seller_id: &str, now: Timestamp) -> Self {
        let seller_id: SellerId = seller_id.parse().unwrap();
        let roles = vec![Role::Seller];
        Self::new(keys, Caller { seller_id: Some(seller_id), roles, ..self.caller.clone() }, now)
    }

    /// # Panics
    /// When the person has no shop.
    #[must_use]
    pub fn seller_id(&self) -> String {
        self.caller.seller_id.unwrap().to_string()
    }

    #[must_use]
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}
