//! A certificate of a test's own, and files that say whom to trust.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;

/// A folder in which `ours.pem` is the server's certificate, `ours.key` its key, and `theirs.pem` the
/// certificate of somebody else of the same name.
pub(crate) struct Trust {
    folder: TempDir,
    pub(crate) ours: CertifiedKey<KeyPair>,
}

impl Trust {
    pub(crate) fn new() -> Self {
        let certified = || generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let (ours, theirs) = (certified(), certified());
        let trust = Self { folder: TempDir::new().unwrap(), ours };
        trust.write("ours.pem", &trust.ours.cert.pem());
        trust.write("ours.key", &trust.ours.signing_key.serialize_pem());
        trust.write("theirs.pem", &theirs.cert.pem());
        trust
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Nobody else may read it.
    pub(crate) fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}
