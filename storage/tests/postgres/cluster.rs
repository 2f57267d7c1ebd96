//! A cluster of a test's own, which others do not miss when it is stopped or changed.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

pub(crate) struct Cluster(TempDir);

impl Cluster {
    pub(crate) fn make() -> Self {
        let folder = TempDir::new().unwrap();
        // The server's user must reach it.
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        Self(folder)
    }

    pub(crate) fn run(&self, action: &str) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/postgres-cluster");
        let ended = Command::new(script).arg(action).arg(self.0.path()).output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).unwrap().trim().to_owned()
    }

    /// Of a file beside the server's data.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file of the server, once it was started, for its user alone.
    pub(crate) fn configure(&self, name: &str, text: &str) {
        let data = self.0.path().join("data");
        let path = data.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let owner = fs::metadata(&data).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("stop");
    }
}
