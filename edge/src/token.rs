//! Bearer tokens: who calls, and in which roles. Signed with Ed25519, nothing else is believed.
//!
//! Limits: 4,096 bytes of text; clocks may differ by 30 s. The key is found by `kid` among our own;
//! a key that a token brings or points to (`jwk`, `jku`, `x5u`) is never looked at.

mod key_file;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use events_schema::time::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use storage::private_file;
use storage::world::World;

const TYPE: &str = "at+jwt";
const TEXT_BYTES_MAX: usize = 4_096;
const LEEWAY_SECONDS: i64 = 30;

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub person_id: PersonId,
    pub roles: Vec<Role>,
    /// The seller for whom the person acts.
    pub seller_id: Option<SellerId>,
}

impl Caller {
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Why there is no key, or no token.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] private_file::Error),
    #[error("the token key is no Ed25519 private key")]
    Key(#[source] jsonwebtoken::errors::Error),
    #[error("the token cannot be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
}

/// The token is not believed. The cause is for the log, not for the caller.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

#[derive(Deserialize, Serialize)]
struct Claims {
    iss: String,
    sub: PersonId,
    aud: String,
    exp: i64,
    iat: i64,
    roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seller_id: Option<SellerId>,
}

/// The keys of one installation: one that signs, and all that are believed, by `kid`.
pub struct Keys {
    signing: EncodingKey,
    kid: String,
    believed: HashMap<String, DecodingKey>,
    validation: Validation,
    name: &'static str,
}

impl Keys {
    /// Reads the private key (PKCS 8, PEM) or makes it on first use.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn load_or_create(path: &Path, world: &World) -> Result<Self, Error> {
        let pem = private_file::read_or_create(path, world, || key_file::generate(world))?;
        Self::from_pem(&pem)
    }

    /// # Errors
    /// The text is no Ed25519 private key.
    pub fn from_pem(pem: &[u8]) -> Result<Self, Error> {
        let signing = EncodingKey::from_ed_pem(pem).map_err(Error::Key)?;
        let public = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).map_err(Error::Key)?;
        let believed = DecodingKey::from_jwk(&public).map_err(Error::Key)?;
        let kid = kid_of(believed.try_get_as_bytes().map_err(Error::Key)?);
        let name = "jangteo";
        Ok(Self {
            signing,
            believed: HashMap::from([(kid.clone(), believed)]),
            kid,
            validation: validation(name),
            name,
        })
    }

    /// A token for `caller`, good for so many seconds from `now`.
    ///
    /// # Errors
    /// The key cannot sign, which is a bug.
    pub fn issue(&self, caller: &Caller, seconds: u32, now: Timestamp) -> Result<String, Error> {
        let iat = seconds_of(now);
        let claims = Claims {
            iss: self.name.to_owned(),
            sub: caller.person_id,
            aud: self.name.to_owned(),
            exp: iat.saturating_add(seconds.into()),
            iat,
            roles: caller.roles.clone(),
            seller_id: caller.seller_id,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::Sign)
    }

    /// # Errors
    /// The token is not ours, not for us, or not for this time.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Caller, Refused> {
        if token.len() > TEXT_BYTES_MAX {
            return Err(refused("too long"));
        }
        let header = jsonwebtoken::decode_header(token).map_err(refused)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(refused("of another type"));
        }
        if header.crit.is_some() {
            return Err(refused("with an extension that we do not know"));
        }
        let key = header.kid.as_ref().and_then(|kid| self.believed.get(kid));
        let key = key.ok_or_else(|| refused("signed with a key that is not ours"))?;
        let claims =
            jsonwebtoken::decode::<Claims>(token, key, &self.validation).map_err(refused)?.claims;
        let now = seconds_of(now);
        if claims.exp <= now.saturating_sub(LEEWAY_SECONDS) {
            return Err(refused("expired"));
        }
        if claims.iat > now.saturating_add(LEEWAY_SECONDS) {
            return Err(refused("issued in the future"));
        }
        Ok(Caller { person_id: claims.sub, roles: claims.roles, seller_id: claims.seller_id })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// The library reads the clock by itself, so times are left to us. It lets a claim that is not
/// named as required be absent, even the audience.
fn validation(name: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    validation.set_audience(&[name]);
    validation.set_issuer(&[name]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn kid_of(public_key: &[u8]) -> String {
    Sha256::digest(public_key).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn seconds_of(now: Timestamp) -> i64 {
    now.as_unix_micros().div_euclid(1_000_000)
}

fn refused(cause: impl ToString) -> Refused {
    Refused(cause.to_string())
}

#[cfg(test)]
#[path = "token/tests.rs"]
mod tests;
