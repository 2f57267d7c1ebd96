//! The master key: 64 hexadecimal digits in a file that only its owner may read.

use std::error::Error as _;
use std::path::Path;

use super::{DataKey, Error};
use crate::private_file;
use crate::world::World;

/// Reads the key, or makes it where `may_create`.
pub(super) fn load(path: &Path, world: &World, may_create: bool) -> Result<DataKey, Error> {
    let text = if may_create {
        private_file::read_or_create(path, world, || generate(world))
    } else {
        private_file::read(path)
    };
    let text = text.map_err(|error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        Error::Configuration(format!("master key: {error}{cause}"))
    })?;
    parse(text.trim_ascii()).ok_or_else(|| {
        Error::Configuration(format!(
            "master key: {} holds no 64 hexadecimal digits",
            path.display()
        ))
    })
}

fn generate(world: &World) -> Vec<u8> {
    let mut key = [0; 32];
    world.fill(&mut key);
    let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}\n").into_bytes()
}

fn parse(digits: &[u8]) -> Option<DataKey> {
    let mut key = [0; 32];
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(DataKey(key))
}
