//! A real nginx with the configuration of `deploy/nginx`, a port of its own and a certificate that is
//! thrown away.

use std::fmt::Write;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;
use tests::http::Reply;
use tests::wait::eventually;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::tls::{self, Client};

const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nginx");
const CERTIFICATE: &str = "\
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = jangteo.test
[extensions]
subjectAltName = DNS:jangteo.test
basicConstraints = critical, CA:FALSE
";

/// It ends with the test.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    pub(crate) client: Client,
    folder: TempDir,
    child: Child,
}

impl Nginx {
    /// Before these command APIs and this query API.
    pub(crate) async fn before(commands: &[SocketAddr], queries: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for entry in fs::read_dir(CONFIGURATION).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), path.join(entry.file_name())).unwrap();
            }
        }
        let address = free_address();
        fs::write(path.join("upstreams.conf"), upstreams(commands, queries)).unwrap();
        fs::write(path.join("listener.conf"), listener(address)).unwrap();
        certificate(path).await;
        let configuration = path.join("nginx.conf");
        let child = Command::new("nginx")
            .args(["-e", "stderr", "-p", &format!("{}/", path.display()), "-c"])
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(File::create(path.join("access.log")).unwrap())
            .stderr(File::create(path.join("error.log")).unwrap())
            .spawn()
            .expect("nginx is installed, as ./check does");
        let client = tls::client(&fs::read(path.join("certificate.pem")).unwrap());
        let mut nginx = Self { address, client, folder, child };
        eventually("nginx listens", async || {
            let ended = nginx.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", nginx.said());
            TcpStream::connect(address).await.ok()
        })
        .await;
        nginx
    }

    pub(crate) async fn send(
        &self,
        route: (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        self.client.send(self.address, route, headers, body).await
    }

    /// What its log of errors says.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap()
    }

    /// The access log's lines so far; one that is being written is left out.
    pub(crate) fn accesses(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Nginx {
    /// Killed, it would leave its workers behind.
    fn drop(&mut self) {
        let id = self.child.id().map(|id| id.to_string());
        if let Some(id) = id {
            let _ = std::process::Command::new("kill").args(["-TERM", &id]).status();
        }
    }
}

/// nginx cannot be asked which port it took. Below those that the system gives away by itself, and
/// no two of this process the same.
fn free_address() -> SocketAddr {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    let next = || 10_000 + (std::process::id() + TAKEN.fetch_add(1, Ordering::Relaxed)) % 10_000;
    let addresses = std::iter::repeat_with(next)
        .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, u16::try_from(port).unwrap())));
    addresses.take(10_000).find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

fn upstreams(commands: &[SocketAddr], queries: SocketAddr) -> String {
    let mut text = String::new();
    for (name, servers) in [("command_api", commands), ("query_api", &[queries])] {
        writeln!(text, "upstream {name} {{ zone {name} 256k; keepalive 8;").unwrap();
        for server in servers {
            writeln!(text, "server {server} max_fails=1 fail_timeout=2s;").unwrap();
        }
        text.push_str("}\n");
    }
    text
}

/// A test is believed when it says whose request it sends.
fn listener(address: SocketAddr) -> String {
    format!(
        "listen {address} ssl http2;
        ssl_certificate certificate.pem;
        ssl_certificate_key key.pem;
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Test-Client;
        "
    )
}

async fn certificate(folder: &Path) {
    fs::write(folder.join("certificate.ini"), CERTIFICATE).unwrap();
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2".split(' '))
        .args("-config certificate.ini -keyout key.pem -out certificate.pem".split(' '))
        .current_dir(folder)
        .output()
        .await
        .expect("openssl is installed");
    assert!(made.status.success(), "{made:?}");
}
