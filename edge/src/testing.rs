//! What the tests of this crate share.

use events_schema::envelope::Role;
use events_schema::ids::PersonId;
use events_schema::time::Timestamp;
use storage::world::World;
use uuid::Uuid;

use crate::secret::Secret;
use crate::state::{Config, Edge};
use crate::token::{Caller, Keys};

pub(crate) const NOON: Timestamp = Timestamp::from_unix_micros(1_700_000_000_000_000);

pub(crate) fn world() -> World {
    World::simulated(1, NOON)
}

pub(crate) fn buyer() -> Caller {
    let person_id = PersonId::new(Uuid::from_u128(7));
    Caller { person_id, roles: vec![Role::Buyer], seller_id: None }
}

pub(crate) fn edge(config: Config) -> Edge {
    let world = world();
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::load_or_create(&folder.path().join("key.pem"), &world).unwrap();
    let secret = Secret::generate(&world);
    Edge::new(world, keys, &secret, config)
}

/// The `Authorization` header of a caller with these roles.
pub(crate) fn bearer(edge: &Edge, roles: &[Role]) -> String {
    let caller = Caller { roles: roles.to_vec(), ..buyer() };
    format!("Bearer {}", edge.keys().issue(&caller, 60, NOON).unwrap())
}
