//! Links: URLs that let whoever has them read or write one blob for a while.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use object_store::path::Path;
use sha2::Sha256;

use super::{Error, Key};
use crate::world::World;

/// Nothing takes a link back: it is short.
pub const LIFE_MAX: Duration = Duration::from_secs(3_600);
const FOLDER: &str = "/blobs/";

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Get,
    /// Exactly so many bytes.
    Put {
        bytes: u64,
    },
}

/// What to request, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub method: &'static str,
    pub url: String,
    /// The request must have these, as they are.
    pub headers: Vec<(&'static str, String)>,
}

#[async_trait]
pub(super) trait Links: fmt::Debug + Send + Sync {
    async fn link(&self, of: (&Key, &Path), purpose: Use, life: Duration) -> Result<Link, Error>;

    fn admit(&self, method: &str, target: &str) -> Option<(Key, Use)>;
}

impl Use {
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put { .. } => "PUT",
        }
    }

    pub(super) fn headers(self, key: &Key) -> Vec<(&'static str, String)> {
        match self {
            Self::Get => Vec::new(),
            Self::Put { bytes } => vec![
                ("content-length", bytes.to_string()),
                ("content-type", key.kind().content_type().to_owned()),
            ],
        }
    }
}

/// Links that we serve ourselves: a path, signed with a secret that the processes of an
/// installation share.
pub(super) struct OurLinks {
    pub(super) secret: [u8; 32],
    pub(super) world: World,
}

impl OurLinks {
    fn mac(&self, key: &Key, purpose: Use, until: i64) -> Hmac<Sha256> {
        let bytes = match purpose {
            Use::Get => 0,
            Use::Put { bytes } => bytes,
        };
        // A shorter key is padded with noughts to the block of the hash (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.secret);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        // No key holds a line feed.
        mac.update(format!("{}\n{bytes}\n{until}\n{key}", purpose.method()).as_bytes());
        mac
    }

    fn now(&self) -> i64 {
        self.world.now().as_unix_micros().div_euclid(1_000_000)
    }
}

#[async_trait]
impl Links for OurLinks {
    async fn link(
        &self,
        (key, _path): (&Key, &Path),
        purpose: Use,
        life: Duration,
    ) -> Result<Link, Error> {
        let life = i64::try_from(life.as_secs()).unwrap_or(0);
        let until = self.now().saturating_add(life);
        let tag = self.mac(key, purpose, until).finalize().into_bytes();
        let sign: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = match purpose {
            Use::Get => String::new(),
            Use::Put { bytes } => format!("bytes={bytes}&"),
        };
        let url = format!("{FOLDER}{key}?{bytes}until={until}&sign={sign}");
        Ok(Link { method: purpose.method(), url, headers: purpose.headers(key) })
    }

    fn admit(&self, method: &str, target: &str) -> Option<(Key, Use)> {
        let (path, query) = target.strip_prefix(FOLDER)?.split_once('?')?;
        let key: Key = path.parse().ok()?;
        let (purpose, rest) = match method {
            "GET" | "HEAD" => (Use::Get, query),
            "PUT" => {
                let (bytes, rest) = query.strip_prefix("bytes=")?.split_once('&')?;
                (Use::Put { bytes: bytes.parse().ok()? }, rest)
            }
            _ => return None,
        };
        let (until, sign) = rest.strip_prefix("until=")?.split_once("&sign=")?;
        let until: i64 = until.parse().ok()?;
        self.mac(&key, purpose, until).verify_slice(&from_hex(sign)?).ok()?;
        (self.now() < until).then_some((key, purpose))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let pairs = digits.chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

impl fmt::Debug for OurLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OurLinks")
    }
}
