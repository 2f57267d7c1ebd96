//! A data key under the master key, bound to whose it is.

use events_schema::ids::PersonId;
use events_schema::personal::RetentionClass;

use super::cipher::{self, NONCE_BYTES};
use super::{DataKey, Error};
use crate::world::World;

/// What a new key would be. Drawn by whoever asks, so that a simulated run stays repeatable.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) key: DataKey,
    nonce: [u8; NONCE_BYTES],
}

impl Fresh {
    pub(super) fn draw(world: &World) -> Self {
        let mut fresh = Self { key: DataKey([0; 32]), nonce: [0; NONCE_BYTES] };
        world.fill(&mut fresh.key.0);
        world.fill(&mut fresh.nonce);
        fresh
    }
}

/// Whose key, and which of theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    pub(super) person: [u8; 16],
    pub(super) class: &'a str,
    pub(super) version: u32,
}

impl Slot<'_> {
    pub(super) fn new(person: PersonId, class: RetentionClass, version: u32) -> Self {
        Self { person: person.as_uuid().into_bytes(), class: class.as_str(), version }
    }

    pub(super) fn wrap(self, master: &DataKey, fresh: &Fresh) -> Result<Vec<u8>, Error> {
        cipher::seal(master, fresh.nonce, &self.associated_data()?, &fresh.key.0)
    }

    pub(super) fn unwrap(self, master: &DataKey, wrapped: &[u8]) -> Result<DataKey, Error> {
        cipher::open(master, &self.associated_data()?, wrapped)
            .and_then(|key| key.try_into().ok())
            .map(DataKey)
            .ok_or(Error::Tampered("a stored key does not open under this master key"))
    }

    fn associated_data(self) -> Result<Vec<u8>, Error> {
        let version = self.version.to_be_bytes();
        cipher::associated_data(&[b"data key", &self.person, self.class.as_bytes(), &version])
    }
}
