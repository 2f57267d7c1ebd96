//! The master key: 64 hexadecimal digits in a file that only its owner may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{DataKey, Error};
use crate::world::World;

/// Reads the key, or makes it where `may_create`.
pub(super) fn load(path: &Path, world: &World, may_create: bool) -> Result<DataKey, Error> {
    let fault = |what: &dyn std::fmt::Display| {
        Error::Configuration(format!("master key {}: {what}", path.display()))
    };
    if may_create && !path.try_exists().map_err(|error| fault(&error))? {
        create(path, world).map_err(|error| fault(&error))?;
    }
    let text = fs::read_to_string(path).map_err(|error| fault(&error))?;
    parse(text.trim()).ok_or_else(|| fault(&"is not 64 hexadecimal digits"))
}

fn parse(text: &str) -> Option<DataKey> {
    let mut key = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(DataKey(key))
}

/// Durable before anything is wrapped with it. The last step is a link, which leaves the key of
/// another process that was first.
fn create(path: &Path, world: &World) -> io::Result<()> {
    let mut key = [0; 32];
    world.fill(&mut key);
    let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}", world.uuid()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
