//! A folder, and its links, followed as our own HTTP will.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use bytes::Bytes;
use storage::blobs::{BLOB_BYTES_MAX, Error, Link, SharedBlobs, Use, open};
use storage::world::World;
use tempfile::TempDir;

use crate::contract::{self, Answer, Place, key, of_size};

struct Folder {
    folder: TempDir,
    world: World,
}

async fn a_folder() -> Folder {
    let world = World::simulated(1, World::system().now());
    Folder { folder: TempDir::new().unwrap(), world }
}

impl Place for Folder {
    async fn open(&self) -> SharedBlobs {
        let url = format!("file:{}", self.folder.path().join("blobs").display());
        open(&url, self.world.clone()).await.unwrap()
    }

    async fn follow(&self, link: &Link, body: Bytes) -> Answer {
        let blobs = self.open().await;
        let answer = |status, content_type: &str, body| Answer {
            status,
            content_type: content_type.to_owned(),
            body,
        };
        match blobs.admit(link.method, &link.url) {
            None => answer(403, "", Bytes::new()),
            Some((key, Use::Get)) => match blobs.get(&key).await.unwrap() {
                Some(found) => answer(200, key.kind().content_type(), found),
                None => answer(404, "", Bytes::new()),
            },
            Some((key, Use::Put { .. })) => {
                blobs.put(&key, body).await.unwrap();
                answer(200, "", Bytes::new())
            }
        }
    }
}

contract::run_on!(a_folder);

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_link_is_for_one_key_one_use_and_its_life_alone() {
    let place = a_folder().await;
    let blobs = place.open().await;
    let get = blobs.link(&key("a/b.jpg"), Use::Get, MINUTE).await.unwrap();
    let put = blobs.link(&key("a/b.jpg"), Use::Put { bytes: 8 }, MINUTE).await.unwrap();
    assert!(get.url.starts_with("/blobs/a/b.jpg?"), "{}", get.url);
    assert_eq!(blobs.admit("GET", &get.url), Some((key("a/b.jpg"), Use::Get)));
    assert_eq!(blobs.admit("HEAD", &get.url), Some((key("a/b.jpg"), Use::Get)));
    assert_eq!(blobs.admit("PUT", &put.url), Some((key("a/b.jpg"), Use::Put { bytes: 8 })));
    for method in ["PUT", "POST", "DELETE", "get", ""] {
        assert_eq!(blobs.admit(method, &get.url), None, "{method}");
    }
    assert_eq!(blobs.admit("GET", &put.url), None);
    for (method, url) in [("GET", &get.url), ("PUT", &put.url)] {
        for place in 0..url.len() {
            let mut changed = url.clone().into_bytes();
            changed[place] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(blobs.admit(method, &changed), None, "{changed}");
        }
        for end in 0..url.len() {
            assert_eq!(blobs.admit(method, &url[..end]), None, "{end}");
        }
        assert_eq!(blobs.admit(method, &format!("{url}0")), None);
    }
    place.world.advance_to(place.world.now().plus_seconds(59));
    assert!(blobs.admit("GET", &get.url).is_some());
    place.world.advance_to(place.world.now().plus_seconds(1));
    assert_eq!(blobs.admit("GET", &get.url), None);
}

#[tokio::test]
async fn processes_of_one_installation_serve_each_others_links_and_no_strangers() {
    let (place, stranger) =
        (a_folder().await, Folder { world: World::system(), ..a_folder().await });
    let link = place.open().await.link(&key("a.jpg"), Use::Get, MINUTE).await.unwrap();
    assert!(place.open().await.admit("GET", &link.url).is_some());
    assert_eq!(stranger.open().await.admit("GET", &link.url), None);
}

#[tokio::test]
async fn folder_and_secret_are_for_their_owner_alone() {
    let place = a_folder().await;
    place.open().await.put(&key("a/b.jpg"), of_size(1)).await.unwrap();
    let path = |name: &str| place.folder.path().join(name);
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("blobs"), mode("blobs.links")), (0o700, 0o600));
    let stored: Vec<_> =
        fs::read_dir(path("blobs/a")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(stored, ["b.jpg"], "no draft is left");
    fs::write(path("blobs.links"), "short").unwrap();
    let opened = open(&format!("file:{}", path("blobs").display()), World::system()).await;
    assert!(matches!(opened, Err(Error::Configuration(why)) if why.contains("32 bytes")));
}

#[tokio::test]
async fn what_was_put_there_by_others_and_is_too_large_is_not_read() {
    let place = a_folder().await;
    let blobs = place.open().await;
    let path = place.folder.path().join("blobs/a.jpg");
    fs::File::create(path).unwrap().set_len(BLOB_BYTES_MAX + 1).unwrap();
    assert!(matches!(blobs.get(&key("a.jpg")).await, Err(Error::Invalid(_))));
    assert_eq!(blobs.size(&key("a.jpg")).await.unwrap(), Some(BLOB_BYTES_MAX + 1));
}
