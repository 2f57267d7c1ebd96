//! The secrets of an installation: files in the data folder that only their owner may read.

use std::fs;
use std::path::Path;

use edge::secret::Secret;
use edge::token::Keys;
use storage::world::World;

use crate::failure::Failure;

/// The key that signs tokens, made on first use.
///
/// # Errors
/// When the file cannot be used; the error names it.
pub fn token_keys(data: &Path, world: &World) -> Result<Keys, Failure> {
    fs::create_dir_all(data)?;
    Keys::load_or_create(&data.join("token-key.pem"), world).map_err(configuration)
}

/// What cursors and fingerprints are authenticated with, made on first use.
///
/// # Errors
/// When the file cannot be used; the error names it.
pub fn edge_secret(data: &Path, world: &World) -> Result<Secret, Failure> {
    fs::create_dir_all(data)?;
    Secret::load_or_create(&data.join("edge-secret"), world).map_err(configuration)
}

fn configuration(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::configuration(format!("--data: {:#}", anyhow::Error::from(error)))
}
