//! Sealing at the edge: fields about a person become ciphertext under that person's key, and back.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use events_schema::ids::PersonId;
use events_schema::personal::{Content, Field, Personal, RetentionClass};
use moka::future::Cache;

use super::cipher::{self, NONCE_BYTES};
use super::{Current, DataKey, Error as KeysError, SharedKeys};
use crate::world::World;

/// The most persons whose keys are held, and how long: another process may have erased.
const RINGS_MAX: u64 = 10_000;
const RING_LIFE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person was erased: a command is refused with 409 `person_erased`.
    #[error("the person was erased")]
    Erased,
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error("field cannot be written as JSON")]
    Encoding(#[source] serde_json::Error),
}

/// Seals and opens fields, and holds the keys of lately seen persons. One a process.
#[derive(Debug)]
pub struct Sealer {
    keys: SharedKeys,
    world: World,
    rings: Cache<(PersonId, RetentionClass), Ring>,
    erasures: AtomicU64,
}

/// The keys of one person and class that were used lately.
#[derive(Clone, Debug, Default)]
struct Ring {
    current: Option<u32>,
    keys: Vec<(u32, DataKey)>,
}

impl Ring {
    fn key(&self, version: u32) -> Option<DataKey> {
        self.keys.iter().find(|(known, _)| *known == version).map(|(_, key)| key.clone())
    }

    fn add(&mut self, version: u32, key: &DataKey) {
        if self.key(version).is_none() {
            self.keys.push((version, key.clone()));
        }
    }
}

impl Sealer {
    #[must_use]
    pub fn new(keys: SharedKeys, world: World) -> Self {
        let rings = Cache::builder().max_capacity(RINGS_MAX).time_to_live(RING_LIFE).build();
        Self { keys, world, rings, erasures: AtomicU64::new(0) }
    }

    /// As [`Keys::measure`](super::Keys::measure).
    pub fn measure(&self) {
        self.keys.measure();
    }

    /// Whether the keys can be read.
    ///
    /// # Errors
    /// Where they are unavailable.
    pub async fn check(&self) -> Result<(), Error> {
        let nobody = PersonId::new(uuid::Uuid::nil());
        self.keys.get(nobody, RetentionClass::Account, 1).await?;
        Ok(())
    }

    /// Seals a field for a command.
    ///
    /// # Errors
    /// [`Error::Erased`] where the person's key of this class was destroyed.
    pub async fn seal<T: Field + Sync>(
        &self,
        person: PersonId,
        field: &T,
    ) -> Result<Personal<T>, Error> {
        let (version, key) = self.current(person, T::CLASS).await?.ok_or(Error::Erased)?;
        let plain = serde_json::to_vec(field).map_err(Error::Encoding)?;
        let mut nonce = [0; NONCE_BYTES];
        self.world.fill(&mut nonce);
        let bytes = cipher::seal(&key, nonce, &associated_data::<T>(person, version)?, &plain)?;
        Ok(Personal::new(person, Content::Sealed { key_version: version, bytes }))
    }

    /// Seals a field of an observation: of an erased person only that it was there.
    ///
    /// # Errors
    /// Where keys are unavailable or damaged.
    pub async fn seal_observed<T: Field + Sync>(
        &self,
        person: PersonId,
        field: &T,
    ) -> Result<Personal<T>, Error> {
        match self.seal(person, field).await {
            Err(Error::Erased) => Ok(Personal::new(person, Content::Erased)),
            other => other,
        }
    }

    /// Opens a field; `None` where it was erased.
    ///
    /// # Errors
    /// [`KeysError::Tampered`] where it is not what was sealed.
    pub async fn open<T: Field>(&self, field: &Personal<T>) -> Result<Option<T>, KeysError> {
        let (version, bytes) = match &field.content {
            Content::Erased => return Ok(None),
            Content::Sealed { key_version, bytes } => (*key_version, bytes),
        };
        let Some(key) = self.key(field.person_id, T::CLASS, version).await? else {
            return Ok(None);
        };
        let associated_data = associated_data::<T>(field.person_id, version)?;
        let plain = cipher::open(&key, &associated_data, bytes)
            .ok_or(KeysError::Tampered("a field does not open under its key"))?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|_| KeysError::Tampered("a field is not of its kind"))
    }

    /// Destroys the keys of a class for ever. Other processes forget theirs within a minute.
    ///
    /// # Errors
    /// Where keys are unavailable: then nothing is certain, and it has to be done again.
    pub async fn erase(&self, person: PersonId, class: RetentionClass) -> Result<(), KeysError> {
        let destroyed = self.keys.destroy(person, class).await;
        self.erasures.fetch_add(1, Ordering::SeqCst);
        self.rings.invalidate(&(person, class)).await;
        destroyed
    }

    async fn current(
        &self,
        person: PersonId,
        class: RetentionClass,
    ) -> Result<Option<(u32, DataKey)>, KeysError> {
        let ring = self.rings.get(&(person, class)).await.unwrap_or_default();
        if let Some(version) = ring.current
            && let Some(key) = ring.key(version)
        {
            return Ok(Some((version, key)));
        }
        let erasures = self.erasures.load(Ordering::SeqCst);
        match self.keys.current(person, class).await? {
            Current::Erased => Ok(None),
            Current::Key { version, key } => {
                self.keep(person, class, Ring { current: Some(version), ..ring }, (version, &key))
                    .await;
                self.forget_if_erased(person, class, erasures).await;
                Ok(Some((version, key)))
            }
        }
    }

    async fn key(
        &self,
        person: PersonId,
        class: RetentionClass,
        version: u32,
    ) -> Result<Option<DataKey>, KeysError> {
        let ring = self.rings.get(&(person, class)).await.unwrap_or_default();
        if let Some(key) = ring.key(version) {
            return Ok(Some(key));
        }
        let erasures = self.erasures.load(Ordering::SeqCst);
        let key = self.keys.get(person, class, version).await?;
        if let Some(key) = &key {
            self.keep(person, class, ring, (version, key)).await;
            self.forget_if_erased(person, class, erasures).await;
        }
        Ok(key)
    }

    async fn keep(
        &self,
        person: PersonId,
        class: RetentionClass,
        mut ring: Ring,
        (version, key): (u32, &DataKey),
    ) {
        ring.add(version, key);
        self.rings.insert((person, class), ring).await;
    }

    /// A key that was read before an erasure and kept after it must not stay.
    async fn forget_if_erased(&self, person: PersonId, class: RetentionClass, before: u64) {
        if self.erasures.load(Ordering::SeqCst) != before {
            self.rings.invalidate(&(person, class)).await;
        }
    }
}

fn associated_data<T: Field>(person: PersonId, version: u32) -> Result<Vec<u8>, KeysError> {
    cipher::associated_data(&[
        person.as_uuid().as_bytes(),
        T::CLASS.as_str().as_bytes(),
        &version.to_be_bytes(),
        T::KIND.as_bytes(),
    ])
}
