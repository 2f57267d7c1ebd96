//! Blobs: images, each at most 5 MiB, under keys that the product makes.
//!
//! What stores differ in is behind `object_store` already, so that there is one `Blobs` over both. A
//! put is seen as a whole or not at all, and durable when it is acknowledged; what stood under the
//! key before is replaced.

mod folder;
mod key;
mod link;
#[cfg(feature = "s3")]
mod s3;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

pub use self::key::{Key, Kind};
use self::link::Links;
pub use self::link::{LIFE_MAX, Link, Use};
use crate::world::World;

/// The most bytes of one blob. None is empty.
pub const BLOB_BYTES_MAX: u64 = 5 << 20;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("blob store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The caller broke this port's contract, or a limit.
    #[error("request is invalid: {0}")]
    Invalid(&'static str),
    #[error("blob store cannot be opened: {0}")]
    Configuration(String),
}

/// The port, on whichever store.
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    /// Before each key, with its `/`; empty where the store is ours alone.
    prefix: String,
    links: Box<dyn Links>,
}

/// A store that roles share.
pub type SharedBlobs = Arc<Blobs>;

impl Blobs {
    /// Stores a blob whole; a reader never sees a part of it.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is empty or larger than [`BLOB_BYTES_MAX`].
    pub async fn put(&self, key: &Key, bytes: Bytes) -> Result<(), Error> {
        check_size(size_of(&bytes))?;
        self.objects.put(&self.path(key), bytes.into()).await.map_err(unavailable)?;
        Ok(())
    }

    /// The blob; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Invalid`] where somebody else has put one here that is larger than
    /// [`BLOB_BYTES_MAX`]: none of it is read.
    pub async fn get(&self, key: &Key) -> Result<Option<Bytes>, Error> {
        let Some(found) = found(self.objects.get(&self.path(key)).await)? else { return Ok(None) };
        check_size(found.meta.size)?;
        found.bytes().await.map(Some).map_err(unavailable)
    }

    /// How many bytes it has; `None` where there is none.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn size(&self, key: &Key) -> Result<Option<u64>, Error> {
        Ok(found(self.objects.head(&self.path(key)).await)?.map(|meta| meta.size))
    }

    /// Removes the blob, if there is one.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn remove(&self, key: &Key) -> Result<(), Error> {
        found(self.objects.delete(&self.path(key)).await).map(drop)
    }

    /// A URL by which whoever has it may do this with the key, for so long. It needs no account of
    /// the store. One that begins with `/` is served by us, see [`Self::admit`].
    ///
    /// # Errors
    /// [`Error::Invalid`] where the life is not 1 s to [`LIFE_MAX`], or the blob to come would be
    /// empty or too large.
    pub async fn link(&self, key: &Key, purpose: Use, life: Duration) -> Result<Link, Error> {
        if !(Duration::from_secs(1)..=LIFE_MAX).contains(&life) {
            return Err(Error::Invalid("a link lives 1 s to 1 h"));
        }
        if let Use::Put { bytes } = purpose {
            check_size(bytes)?;
        }
        self.links.link((key, &self.path(key)), purpose, life).await
    }

    /// What a request to one of our own links may do: `method` and `target`, the path with its query.
    /// `None` for every request that no living link asks for.
    #[must_use]
    pub fn admit(&self, method: &str, target: &str) -> Option<(Key, Use)> {
        self.links.admit(method, target)
    }

    fn path(&self, key: &Key) -> Path {
        Path::from(format!("{}{key}", self.prefix))
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs").field("objects", &self.objects).finish_non_exhaustive()
    }
}

/// Opens the store that the URL's scheme names: `file:FOLDER`, or
/// `s3://BUCKET[?endpoint=URL][&region=NAME][&prefix=NAME][&credentials=FILE][&ca=FILE]`.
///
/// # Errors
/// [`Error::Configuration`] where no adapter has this scheme or the store cannot be used as
/// configured, [`Error::Unavailable`] where it does not answer.
pub async fn open(url: &str, world: World) -> Result<SharedBlobs, Error> {
    match url.split_once(':') {
        Some(("file", folder)) => Ok(Arc::new(folder::open(folder.into(), world).await?)),
        #[cfg(feature = "s3")]
        Some(("s3", _)) => Ok(Arc::new(s3::open(url, world).await?)),
        #[cfg(not(feature = "s3"))]
        Some(("s3", _)) => Err(Error::Configuration(
            "this build has no S3: build it with the cargo feature `s3`".to_owned(),
        )),
        Some(_) | None => {
            Err(Error::Configuration("the URL of blobs is file:FOLDER or s3://BUCKET".to_owned()))
        }
    }
}

fn check_size(bytes: u64) -> Result<(), Error> {
    let holds = (1..=BLOB_BYTES_MAX).contains(&bytes);
    if holds { Ok(()) } else { Err(Error::Invalid("a blob has 1 byte to 5 MiB")) }
}

fn size_of(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn found<T>(answer: object_store::Result<T>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(unavailable(error)),
    }
}

fn unavailable(error: object_store::Error) -> Error {
    Error::Unavailable(Box::new(error))
}
