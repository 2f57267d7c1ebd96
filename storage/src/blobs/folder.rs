//! Blobs in a folder. Links to them are for our own HTTP to serve, so that a client does the same on
//! either store; their secret lies beside the folder, in `FOLDER.links`.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;

use super::link::OurLinks;
use super::{Blobs, Error};
use crate::private_file;
use crate::world::World;

pub(super) async fn open(folder: PathBuf, world: World) -> Result<Blobs, Error> {
    let opening = tokio::task::spawn_blocking(move || make(&folder, world));
    opening.await.map_err(|error| Error::Unavailable(Box::new(error)))?
}

fn make(folder: &Path, world: World) -> Result<Blobs, Error> {
    if folder.as_os_str().is_empty() {
        return Err(Error::Configuration("file: needs a folder, as in file:data/blobs".to_owned()));
    }
    let cannot = |error: &dyn std::error::Error| {
        Error::Configuration(format!("{}: {error}", folder.display()))
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| cannot(&error))?;
    let objects = LocalFileSystem::new_with_prefix(folder).map_err(|error| cannot(&error))?;
    let mut secret = folder.as_os_str().to_owned();
    secret.push(".links");
    let secret = private_file::read_or_create(secret.as_ref(), &world, || {
        let mut secret = vec![0; 32];
        world.fill(&mut secret);
        secret
    });
    let secret = secret.map_err(|error| cannot(&error))?.try_into().map_err(|_| {
        Error::Configuration(format!("{}.links does not hold 32 bytes", folder.display()))
    })?;
    Ok(Blobs {
        objects: Arc::new(objects.with_fsync(true)),
        prefix: String::new(),
        links: Box::new(OurLinks { secret, world }),
    })
}
