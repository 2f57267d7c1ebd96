//! From a URL to a server that has not been asked anything yet.

use std::path::PathBuf;

use elasticsearch::auth::Credentials;
use elasticsearch::cert::{Certificate, CertificateValidation};
use elasticsearch::http::Url;
use elasticsearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};

use super::super::Error;
use super::server::CALL_TIMEOUT;
use crate::authority;

const PREFIX_DEFAULT: &str = "jangteo";
const PREFIX_BYTES_MAX: usize = 64;
const RULE: &str = "the URL of search is http(s)://[USER:PASSWORD@]HOST[:PORT][?prefix=NAME]\
                    [&lexicon=FILE][&ca=FILE], with user and password percent-encoded";

/// What a URL says.
pub(super) struct Address {
    pub(super) transport: Transport,
    /// Begins the names of all indices of this installation.
    pub(super) prefix: String,
    /// Names beside the built-in ones.
    pub(super) lexicon: Option<PathBuf>,
}

impl Address {
    /// The words of a failure never repeat the URL, which may hold a password.
    pub(super) fn read(url: &str) -> Result<Self, Error> {
        let invalid = || Error::Configuration(RULE.to_owned());
        let mut url = Url::parse(url).map_err(|_| invalid())?;
        let (mut prefix, mut lexicon, mut authority) = (PREFIX_DEFAULT.to_owned(), None, None);
        for (name, value) in url.query_pairs() {
            match &*name {
                "prefix" => prefix = value.into_owned(),
                "ca" => authority = Some(value.into_owned()),
                "lexicon" => lexicon = Some(PathBuf::from(&*value)),
                _ => return Err(invalid()),
            }
        }
        if !is_prefix(&prefix) {
            let rule = "the prefix of search is 1 to 64 of a to z, 0 to 9, - and _, a letter first";
            return Err(Error::Configuration(rule.to_owned()));
        }
        let credentials = credentials(&url).ok_or_else(invalid)?;
        url.set_query(None);
        url.set_fragment(None);
        url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| invalid())?;
        // The library would ask a proxy that the environment names, even for loopback.
        let builder = TransportBuilder::new(SingleNodeConnectionPool::new(url)).disable_proxy();
        let builder = match credentials {
            (user, _) if user.is_empty() => builder,
            (user, password) => builder.auth(Credentials::Basic(user, password)),
        };
        let builder = match authority {
            Some(path) => builder.cert_validation(trusted(&path).map_err(Error::Configuration)?),
            None => builder,
        };
        let transport = builder.timeout(CALL_TIMEOUT).build();
        let transport = transport.map_err(|error| Error::Configuration(error.to_string()))?;
        Ok(Self { transport, prefix, lexicon })
    }
}

fn is_prefix(text: &str) -> bool {
    let named =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    text.len() <= PREFIX_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(named)
}

/// What the file says is trusted, beside the authorities that browsers know.
fn trusted(path: &str) -> Result<CertificateValidation, String> {
    let found = Certificate::from_pem(&authority::read(path)?);
    found.map(CertificateValidation::Full).map_err(|error| format!("ca {path}: {error}"))
}

fn credentials(url: &Url) -> Option<(String, String)> {
    Some((decoded(url.username())?, decoded(url.password().unwrap_or_default())?))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_server_prefix_and_names() {
        let address = Address::read("http://127.0.0.1:9200").ok().unwrap();
        assert_eq!((address.prefix.as_str(), address.lexicon), ("jangteo", None));
        let address = Address::read("https://u:p%40ss@host/?prefix=a-1&lexicon=/etc/names");
        let address = address.ok().unwrap();
        assert_eq!((address.prefix.as_str(), address.lexicon), ("a-1", Some("/etc/names".into())));
        assert_eq!(decoded("p%40%ec%9e%a5").as_deref(), Some("p@장"));
    }

    #[test]
    fn a_url_that_does_not_read_is_refused_without_its_password() {
        for rest in ["", "host:x", "host?x=1", "host?prefix=", "host?prefix=Ab", "host?prefix=_a"] {
            let refused = Address::read(&format!("http://u:hunter2@{rest}")).err().unwrap();
            assert!(matches!(refused, Error::Configuration(_)), "{rest}");
            assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused:?}");
        }
        assert!(Address::read("http://u:%zz@host").is_err());
    }
}
