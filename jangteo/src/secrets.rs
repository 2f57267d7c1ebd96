//! The secrets of an installation: files in the data folder that only their owner may read.

use std::path::Path;

use edge::secret::Secret;
use edge::token::Keys;
use storage::world::World;

use crate::failure::{Failure, both};

const TOKEN_KEY: &str = "token-key.pem";
const EDGE_SECRET: &str = "edge-secret";

/// Looks for what is wrong with the secrets that are there, and makes none.
///
/// # Errors
/// Both at once.
pub fn check(data: &Path, world: &World) -> Result<(), Failure> {
    let is_there = |name| data.join(name).exists();
    let keys = if is_there(TOKEN_KEY) { token_keys(data, world).map(drop) } else { Ok(()) };
    let secret = if is_there(EDGE_SECRET) { edge_secret(data, world).map(drop) } else { Ok(()) };
    both(keys, secret).map(drop)
}

/// The key that signs tokens, made on first use.
///
/// # Errors
/// When the file cannot be used; the error names it.
pub fn token_keys(data: &Path, world: &World) -> Result<Keys, Failure> {
    Keys::load_or_create(&data.join(TOKEN_KEY), world).map_err(configuration)
}

/// What cursors and fingerprints are authenticated with, made on first use.
///
/// # Errors
/// When the file cannot be used; the error names it.
pub fn edge_secret(data: &Path, world: &World) -> Result<Secret, Failure> {
    Secret::load_or_create(&data.join(EDGE_SECRET), world).map_err(configuration)
}

fn configuration(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::configuration(format!("--data: {:#}", anyhow::Error::from(error)))
}
