//! TLS to a store of one's own: whom it is trusted by.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use storage::blobs::{Error, open};
use storage::world::World;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

/// Answers everything as an empty bucket does; its address.
async fn an_empty_bucket(certified: &CertifiedKey<rcgen::KeyPair>) -> String {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    TaskTracker::new().spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Whoever does not trust the certificate goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let body = "<ListBucketResult></ListBucketResult>";
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n", body.len());
            let answer = format!("{head}Connection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    address
}

#[tokio::test]
async fn a_store_is_trusted_by_the_authority_that_is_named_and_by_no_other() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path.display().to_string()
    };
    let certified = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let another = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let credentials = write("us", "aws_access_key_id = us\naws_secret_access_key = very-secret\n");
    let address = an_empty_bucket(&certified).await;
    let url = format!("s3://jangteo?endpoint=https://{address}&credentials={credentials}");
    let ours = write("ours.pem", &certified.cert.pem());
    open(&format!("{url}&ca={ours}"), World::system()).await.unwrap();
    let theirs = write("theirs.pem", &another.cert.pem());
    for url in [format!("{url}&ca={theirs}"), url] {
        let opened = open(&url, World::system()).await;
        let Err(Error::Unavailable(why)) = opened else { panic!("{url}: {opened:?}") };
        assert!(format!("{why:?}").contains("InvalidCertificate"), "{why:?}");
    }
}
