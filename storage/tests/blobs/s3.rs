//! S3: a bucket a test on the server that `JANGTEO_TEST_S3` names, as in `http://127.0.0.1:9000`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::{ObjectStore, ObjectStoreExt};
use storage::blobs::{BLOB_BYTES_MAX, Error, Link, SharedBlobs, Use, open};
use storage::world::World;
use tempfile::TempDir;

use crate::contract::{self, Answer, Place, key, of_size};

const MINUTE: Duration = Duration::from_secs(60);
const CREDENTIALS: &str =
    "[default]\naws_access_key_id = us\naws_secret_access_key = very-secret\n";

/// A bucket of its own, removed at the end.
struct Bucket {
    name: String,
    folder: TempDir,
}

fn server() -> String {
    std::env::var("JANGTEO_TEST_S3")
        .expect("JANGTEO_TEST_S3 names no server: run ./check --real, which starts one")
}

fn client() -> reqwest::Client {
    // Only the first to choose does.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

async fn a_bucket() -> Bucket {
    let mut unique = [0; 8];
    getrandom::fill(&mut unique).unwrap();
    let name = format!("jangteo-{:016x}", u64::from_be_bytes(unique));
    let made = client().put(format!("{}/{name}", server())).send().await.unwrap();
    assert!(made.status().is_success(), "{made:?}");
    let bucket = Bucket { name, folder: TempDir::new().unwrap() };
    bucket.write("credentials", CREDENTIALS);
    bucket
}

impl Bucket {
    /// A file that only its owner may read; its path.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path.display().to_string()
    }

    fn url(&self, more: &str) -> String {
        let credentials = self.folder.path().join("credentials");
        let start = format!("s3://{}?endpoint={}&region=us-east-1", self.name, server());
        format!("{start}&credentials={}{more}", credentials.display())
    }

    async fn open_with(&self, more: &str) -> Result<SharedBlobs, Error> {
        open(&self.url(more), World::system()).await
    }

    /// Beside the port.
    fn objects(&self) -> AmazonS3 {
        let builder = AmazonS3Builder::new().with_endpoint(server()).with_allow_http(true);
        let builder = builder.with_access_key_id("us").with_secret_access_key("very-secret");
        builder.with_region("us-east-1").with_bucket_name(&self.name).build().unwrap()
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let (objects, url) = (self.objects(), format!("{}/{}", server(), self.name));
        let removed = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let stored: Vec<_> = objects.list(None).try_collect().await.unwrap();
                for object in stored {
                    objects.delete(&object.location).await.unwrap();
                }
                client().delete(url).send().await.unwrap();
            });
        });
        // A second panic would hide the first.
        drop(removed.join());
    }
}

impl Place for Bucket {
    async fn open(&self) -> SharedBlobs {
        self.open_with("").await.unwrap()
    }

    async fn follow(&self, link: &Link, body: Bytes) -> Answer {
        let method = link.method.parse().unwrap();
        let mut request = client().request(method, &link.url).body(body);
        for (name, value) in &link.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.unwrap();
        let content_type = answer.headers().get("content-type");
        Answer {
            status: answer.status().as_u16(),
            content_type: content_type.map_or("", |value| value.to_str().unwrap()).to_owned(),
            body: answer.bytes().await.unwrap(),
        }
    }
}

contract::run_on!(a_bucket);

#[tokio::test]
async fn installations_with_a_prefix_share_a_bucket() {
    let bucket = a_bucket().await;
    let one = bucket.open_with("&prefix=one").await.unwrap();
    let other = bucket.open_with("&prefix=other").await.unwrap();
    one.put(&key("a/b.jpg"), of_size(3)).await.unwrap();
    assert_eq!(other.size(&key("a/b.jpg")).await.unwrap(), None);
    let stored: Vec<_> = bucket.objects().list(None).try_collect().await.unwrap();
    assert_eq!(stored[0].location.as_ref(), "one/a/b.jpg");
    let link = one.link(&key("a/b.jpg"), Use::Get, MINUTE).await.unwrap();
    assert_eq!(bucket.follow(&link, Bytes::new()).await.body, of_size(3));
}

#[tokio::test]
async fn a_link_signs_length_type_and_life_and_tells_no_secret() {
    let bucket = a_bucket().await;
    let blobs = bucket.open().await;
    let link = blobs.link(&key("a.jpg"), Use::Put { bytes: 8 }, MINUTE).await.unwrap();
    for part in ["X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost", "X-Amz-Expires=60"] {
        assert!(link.url.contains(part), "{}", link.url);
    }
    assert!(!format!("{link:?} {blobs:?}").contains("very-secret"));
    assert_eq!(blobs.admit("PUT", &link.url), None);
}

#[tokio::test]
async fn what_was_put_there_by_others_and_is_too_large_is_not_read() {
    let bucket = a_bucket().await;
    let large = of_size(BLOB_BYTES_MAX + 1).into();
    bucket.objects().put(&"a.jpg".into(), large).await.unwrap();
    let blobs = bucket.open().await;
    assert!(matches!(blobs.get(&key("a.jpg")).await, Err(Error::Invalid(_))));
    assert_eq!(blobs.size(&key("a.jpg")).await.unwrap(), Some(BLOB_BYTES_MAX + 1));
}

#[tokio::test]
async fn what_is_wrong_with_the_configuration_is_named() {
    let bucket = a_bucket().await;
    let empty = bucket.write("empty", "[default]\n");
    let ca = bucket.write("ca", "no certificate");
    let url = bucket.url("");
    let absent = url.replace(&bucket.name, "jangteo-there-is-none");
    let without = url.split("&credentials").next().unwrap();
    for (url, told) in [
        (absent, "no bucket jangteo-there-is-none"),
        (without.to_owned(), "credentials=FILE"),
        (format!("{without}&credentials=/nowhere"), "/nowhere"),
        (format!("{without}&credentials={empty}"), "aws_secret_access_key"),
        (format!("{url}&ca={ca}"), "ca"),
        (format!("{url}&ca=/nowhere"), "/nowhere"),
        (format!("{url}&prefix=A/"), "prefix"),
        (format!("{url}&acl=x"), "parameters"),
        (url.replace(&bucket.name, "A"), "s3://BUCKET"),
    ] {
        let opened = open(&url, World::system()).await;
        let Err(Error::Configuration(why)) = opened else { panic!("{url}: {opened:?}") };
        assert!(why.contains(told) && !why.contains("very-secret"), "{url}: {why}");
    }
    fs::set_permissions(&empty, PermissionsExt::from_mode(0o644)).unwrap();
    let opened = open(&format!("{without}&credentials={empty}"), World::system()).await;
    assert!(matches!(opened, Err(Error::Configuration(why)) if why.contains("chmod 600")));
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let bucket = a_bucket().await;
    let away = bucket.url("").replace(&server(), "http://127.0.0.1:1");
    let opened = open(&away, World::system()).await;
    assert!(matches!(opened, Err(Error::Unavailable(_))), "{opened:?}");
}
