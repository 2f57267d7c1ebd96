//! TLS to PostgreSQL, as libpq documents `sslmode` and `sslrootcert`, with rustls and ring.
//!
//! Two things differ. Without `sslrootcert`, `verify-full` and `verify-ca` trust what the system
//! trusts, and no file in the home folder is looked for. `allow` is not known.

mod lenient;

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use self::lenient::Lenient;
use super::Error;

/// How far the server is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Never encrypted.
    Disable,
    /// Encrypted where the server offers it.
    Prefer,
    /// Encrypted; the certificate is looked at only where `sslrootcert` is given.
    Require,
    /// A certificate that the named authority signed, for whatever host.
    VerifyCa,
    /// A certificate that the named authority signed for this host.
    VerifyFull,
}

/// Whose signature makes a certificate good.
pub(super) enum Roots {
    System,
    File(String),
}

impl Mode {
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        Ok(match text {
            "disable" => Self::Disable,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(Error::Configuration(
                    "sslmode is disable, prefer, require, verify-ca or verify-full".to_owned(),
                ));
            }
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    pub(super) const fn of_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

impl Roots {
    pub(super) fn read(text: String) -> Self {
        if text == "system" { Self::System } else { Self::File(text) }
    }

    fn load(&self) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        match self {
            Self::System => {
                let found = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(found.certs);
            }
            Self::File(path) => {
                let cannot = |error: &dyn StdError| {
                    Error::Configuration(format!("sslrootcert {path} cannot be used: {error}"))
                };
                for found in CertificateDer::pem_file_iter(path).map_err(|error| cannot(&error))? {
                    let found = found.map_err(|error| cannot(&error))?;
                    roots.add(found).map_err(|error| cannot(&error))?;
                }
            }
        }
        if !roots.is_empty() {
            return Ok(roots);
        }
        Err(Error::Configuration(match self {
            Self::System => "this system trusts no certificate: install ca-certificates or give \
                             sslrootcert=FILE"
                .to_owned(),
            Self::File(path) => format!("sslrootcert {path} holds no certificate in PEM"),
        }))
    }
}

pub(super) fn connector(mode: Mode, roots: Option<&Roots>) -> Result<MakeRustlsConnect, Error> {
    if matches!(roots, Some(Roots::System)) && mode != Mode::VerifyFull {
        let rule = "sslrootcert=system goes with sslmode=verify-full alone: anybody can have a \
                    certificate that the system trusts";
        return Err(Error::Configuration(rule.to_owned()));
    }
    let provider = Arc::new(ring::default_provider());
    let cannot = |error: &dyn StdError| Error::Configuration(format!("TLS: {error}"));
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| cannot(&error))?;
    let mut config = match (mode, roots) {
        (Mode::Disable, _) | (Mode::Prefer | Mode::Require, None) => {
            config.dangerous().with_custom_certificate_verifier(Arc::new(Lenient::any(provider)))
        }
        (Mode::Prefer | Mode::Require | Mode::VerifyCa, roots) => {
            let chain = verifier(roots.unwrap_or(&Roots::System), &provider)?;
            let any_host = Lenient::any_host(provider, chain);
            config.dangerous().with_custom_certificate_verifier(Arc::new(any_host))
        }
        (Mode::VerifyFull, roots) => {
            config.with_webpki_verifier(verifier(roots.unwrap_or(&Roots::System), &provider)?)
        }
    }
    .with_no_client_auth();
    // Newer servers ask for it where TLS is spoken from the first byte on.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(
    roots: &Roots,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots.load()?), Arc::clone(provider))
        .build()
        .map_err(|error| Error::Configuration(format!("TLS: {error}")))
}

/// What an operator can do about a connection that was not encrypted as it must be.
pub(super) fn advice(error: &tokio_postgres::Error, mode: Mode) -> Option<String> {
    let cause = error.source()?;
    if cause.to_string() == "server does not support TLS" {
        return Some(format!(
            "the server offers no TLS, and sslmode={} asks for it: set ssl = on at the server, or \
             give sslmode=disable where nobody can listen on the way",
            mode.name()
        ));
    }
    let inner = cause.downcast_ref::<io::Error>()?.get_ref()?;
    let refusal = inner.downcast_ref::<rustls::Error>()?;
    // Two authorities of one name differ in what they sign.
    let is_stranger = matches!(
        refusal,
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature
        )
    );
    let is_elsewhere = matches!(
        refusal,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    );
    let advice = if is_stranger {
        "give sslrootcert=FILE with the certificate of the authority that signed the server's"
    } else if is_elsewhere {
        "connect by a name that the certificate is for, or give sslmode=verify-ca"
    } else {
        "look at the server's certificate, at the clocks and at the server's log"
    };
    Some(format!("the server's TLS is refused: {refusal}: {advice}"))
}
