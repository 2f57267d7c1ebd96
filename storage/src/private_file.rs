//! Files that only their owner may read: keys and secrets, made once and shared by all processes of
//! an installation.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::world::World;

/// Why a private file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("private file {0} cannot be read or written")]
    Io(PathBuf, #[source] io::Error),
    #[error("private file {0} may be read by others; make it private with chmod 600")]
    NotPrivate(PathBuf),
}

/// The bytes of the file.
///
/// # Errors
/// It is not there, cannot be read, or others may read it too.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::Io(path.to_owned(), error);
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::NotPrivate(path.to_owned()));
    }
    fs::read(path).map_err(failed)
}

/// The bytes of the file; on first use what `create` gives, durable before it is answered and
/// written whole or not at all, so that two processes that start together end with the same.
///
/// # Errors
/// As [`read`], or it cannot be made.
pub fn read_or_create(
    path: &Path,
    world: &World,
    create: impl FnOnce() -> Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::Io(path.to_owned(), error);
    if !path.try_exists().map_err(failed)? {
        write(path, world, &create()).map_err(failed)?;
    }
    // Another process may have made it, and not come to this.
    File::open(folder_of(path)).and_then(|folder| folder.sync_all()).map_err(failed)?;
    read(path)
}

fn write(path: &Path, world: &World, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", world.uuid()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    // A link, unlike a rename, never replaces what another process has put there meanwhile.
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A bare name has an empty parent, which cannot be opened.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    fn made(path: &Path, text: &str) -> Vec<u8> {
        read_or_create(path, &World::system(), || text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn it_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/secret");
        assert_eq!(made(&path, "first"), b"first");
        assert_eq!(made(&path, "second"), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn many_that_start_together_end_with_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let path = path.as_path();
        let read = std::thread::scope(|scope| {
            let make = |number: usize| scope.spawn(move || made(path, &number.to_string()));
            let threads: Vec<_> = (0..8).map(make).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(read.iter().all(|bytes| *bytes == read[0]), "{read:?}");
    }

    #[test]
    fn what_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        made(&path, "first");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read(&path), Err(Error::NotPrivate(_))));
    }

    #[test]
    fn a_bare_name_lies_in_the_working_folder() {
        for (path, folder) in [("secret", "."), ("data/secret", "data"), ("/secret", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder));
        }
    }
}
