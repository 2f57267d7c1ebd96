//! Whose signature makes a server's certificate good: a file of certificates that a URL names as `ca`.

use std::error::Error;
use std::fs;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The certificates in a file, in PEM; or why they cannot be used.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, String> {
    let cannot = |error: &dyn Error| format!("ca {path}: {error}");
    let pem = fs::read(path).map_err(|error| cannot(&error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    if found.map_err(|error| cannot(&error))?.is_empty() {
        return Err(format!("ca {path} holds no certificate in PEM"));
    }
    Ok(pem)
}

/// Libraries that ask the process with what to encrypt find ring, as whoever else has chosen has.
#[cfg(any(feature = "redis", feature = "s3"))]
pub(crate) fn encrypt_with_ring() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
