//! The secret from which cursors and fingerprints get their keys.

use std::fmt;
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use storage::private_file;
use storage::world::World;

/// 256 bits that only the processes of one installation know.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// Why the secret cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] private_file::Error),
    #[error("private file {0} does not hold 32 bytes")]
    Malformed(PathBuf),
}

impl Secret {
    #[must_use]
    pub fn generate(world: &World) -> Self {
        let mut bytes = [0; 32];
        world.fill(&mut bytes);
        Self(bytes)
    }

    /// Reads the file, or makes it on first use. All processes of an installation share it.
    ///
    /// # Errors
    /// The file cannot be used; the error names it.
    pub fn load_or_create(path: &Path, world: &World) -> Result<Self, Error> {
        let bytes = private_file::read_or_create(path, world, || Self::generate(world).0.to_vec())?;
        let bytes = bytes.try_into().map_err(|_| Error::Malformed(path.to_owned()))?;
        Ok(Self(bytes))
    }

    /// A key for one purpose. Keys of two purposes say nothing about each other.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        Self(self.authenticate(&[purpose.as_bytes()]))
    }

    /// HMAC-SHA-256 over the parts, each with its length before it.
    #[must_use]
    pub fn authenticate(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is how [`Self::authenticate`]'s answer begins, in constant time. The caller
    /// fixes the length of the tag.
    #[must_use]
    pub fn verifies_truncated(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.mac(parts).verify_truncated_left(tag).is_ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // A shorter key is padded with noughts to the block of the hash (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    #[test]
    fn a_secret_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let first = Secret::load_or_create(&path, &world()).unwrap();
        let second = Secret::load_or_create(&path, &World::system()).unwrap();
        assert_eq!(first.0, second.0);
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        private_file::read_or_create(&path, &world(), || b"short".to_vec()).unwrap();
        let refused = Secret::load_or_create(&path, &world()).unwrap_err();
        assert!(matches!(refused, Error::Malformed(_)));
    }

    #[test]
    fn where_one_part_ends_and_the_next_begins_matters() {
        let secret = Secret::generate(&world());
        assert_ne!(secret.authenticate(&[b"ab", b"c"]), secret.authenticate(&[b"a", b"bc"]));
        assert_ne!(secret.derive("a").0, secret.derive("b").0);
    }
}
