//! A client that speaks TLS and believes one certificate.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tests::http::{self, Reply};
use tests::wait::PATIENCE;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

/// Speaks TLS 1.3, or 1.2 where it is told to.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    roots: Arc<RootCertStore>,
}

pub(crate) fn client(certificate: &[u8]) -> Client {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(certificate).unwrap()).unwrap();
    Client { roots: Arc::new(roots) }
}

impl Client {
    pub(crate) async fn connect(&self, address: SocketAddr) -> io::Result<TlsStream<TcpStream>> {
        self.connect_by(&TLS13, address).await
    }

    /// As a client that knows nothing newer.
    pub(crate) async fn connect_by_1_2(
        &self,
        address: SocketAddr,
    ) -> io::Result<TlsStream<TcpStream>> {
        self.connect_by(&TLS12, address).await
    }

    async fn connect_by(
        &self,
        version: &'static SupportedProtocolVersion,
        address: SocketAddr,
    ) -> io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let name = ServerName::try_from("jangteo.test").unwrap();
        let stream = TcpStream::connect(address).await?;
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Sends a request on a connection of its own.
    pub(crate) async fn send(
        &self,
        address: SocketAddr,
        route: (&str, &str),
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let exchange = async {
            let stream = self.connect(address).await?;
            http::converse(stream, &http::request(route, headers, body)).await
        };
        let answered = timeout(PATIENCE, exchange).await;
        answered.expect("nginx answers in time").expect("nginx answers")
    }
}
