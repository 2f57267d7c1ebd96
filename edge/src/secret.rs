//! The secret from which cursors and fingerprints get their keys, and how secret files are kept.

use std::fmt;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use storage::world::World;

/// 256 bits that only the processes of one installation know.
#[derive(Clone)]
pub struct Secret([u8; 32]);

/// Why a secret file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("secret file {0} cannot be read or written")]
    Io(PathBuf, #[source] io::Error),
    #[error("secret file {0} may be read by others; make it private with chmod 600")]
    NotPrivate(PathBuf),
    #[error("secret file {0} does not hold what it should")]
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
        let bytes = read_or_create(path, || Self::generate(world).0.to_vec())?;
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

/// The bytes of a private file; on first use what `create` gives, written whole or not at all, so
/// that two processes that start together end with the same.
pub(crate) fn read_or_create(
    path: &Path,
    create: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::Io(path.to_owned(), error);
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
        Ok(bytes) => {
            let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
            let private = mode & 0o077 == 0;
            return if private { Ok(bytes) } else { Err(Error::NotPrivate(path.to_owned())) };
        }
    }
    let folder = folder_of(path);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    write_private(&draft, &create()).map_err(failed)?;
    // A link, unlike a rename, never replaces what another process has put there meanwhile.
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(failed)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
        Ok(()) | Err(_) => {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
            std::fs::read(path).map_err(failed)
        }
    }
}

/// A bare name has an empty parent, which cannot be opened.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    #[test]
    fn a_secret_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/secret");
        let first = Secret::load_or_create(&path, &world()).unwrap();
        let second = Secret::load_or_create(&path, &World::system()).unwrap();
        assert_eq!(first.0, second.0);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_bare_name_lies_in_the_working_folder() {
        for (path, folder) in [("secret", "."), ("data/secret", "data"), ("/secret", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder));
        }
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        Secret::load_or_create(&path, &world()).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let refused = Secret::load_or_create(&path, &world()).unwrap_err();
        assert!(matches!(refused, Error::NotPrivate(_)));
    }

    #[test]
    fn a_short_secret_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        write_private(&path, b"short").unwrap();
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
