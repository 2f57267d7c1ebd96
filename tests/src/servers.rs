//! Servers of one test alone, for it kills them: `deploy/services` in a folder that is thrown away.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

/// They end with the test.
#[derive(Debug)]
pub struct Servers {
    folder: TempDir,
    names: Vec<&'static str>,
}

impl Servers {
    /// # Panics
    /// When one does not come up.
    pub async fn start(names: &[&'static str]) -> Self {
        let folder = tempfile::Builder::new().prefix("jangteo-servers-").tempdir().unwrap();
        // PostgreSQL runs as somebody else, who must reach it.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).unwrap();
        let servers = Self { folder, names: names.to_vec() };
        servers.up(names).await;
        servers
    }

    fn services(&self, action: &str, names: &[&str]) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut command = Command::new(root.join("deploy/services"));
        command.arg(action).args(names).arg("--dir").arg(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Returns once they answer.
    ///
    /// # Panics
    /// When one does not.
    pub async fn up(&self, names: &[&str]) {
        assert!(self.services("up", names).status().await.unwrap().success(), "{names:?}");
    }

    /// # Panics
    /// When it never came up.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        let urls = std::fs::read_to_string(self.folder.path().join("urls.env")).unwrap();
        let wanted = format!("JANGTEO_TEST_{}=", name.to_uppercase());
        let url = urls.lines().find_map(|line| line.strip_prefix(&wanted));
        url.unwrap_or_else(|| panic!("{name} is not in {urls}")).to_owned()
    }

    /// Where it listens, also while it is away.
    ///
    /// # Panics
    /// When it never came up.
    #[must_use]
    pub fn address(&self, name: &str) -> SocketAddr {
        let url = self.url(name);
        let place = url.rsplit(['@', '/']).find(|part| part.contains(':'));
        place.unwrap_or_else(|| panic!("{url}")).parse().unwrap()
    }

    /// The server's process, and those that it has started.
    fn processes(&self, name: &str) -> (String, Vec<String>) {
        let file = if name == "postgres" { "data/postmaster.pid" } else { "pid" };
        let text = std::fs::read_to_string(self.folder.path().join(name).join(file)).unwrap();
        let first = text.split_whitespace().next().unwrap().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{first}/task/{first}/children"));
        let children = children.unwrap_or_default();
        let children = children.split_whitespace().map(str::to_owned).collect();
        (first, children)
    }

    /// Sends `KILL`, `STOP` or `CONT` to all of a server. Nothing is told to anybody.
    ///
    /// # Panics
    /// When it does not run.
    pub async fn signal(&self, name: &str, signal: &str) {
        let (first, children) = self.processes(name);
        let signal = format!("-{signal}");
        let send = async |processes: &[String]| {
            Command::new("kill").arg(&signal).args(processes).output().await.unwrap()
        };
        assert!(send(&[first]).await.status.success(), "{name}");
        if !children.is_empty() {
            // Some may have ended since.
            let _gone = send(&children).await;
        }
    }

    /// As when the machine loses power.
    pub async fn kill(&self, name: &str) {
        self.signal(name, "KILL").await;
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.services("reset", &self.names).as_std_mut().status();
    }
}
