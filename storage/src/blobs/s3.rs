//! Blobs in a bucket of S3 or of a server that speaks like it.

mod credentials;
mod sign;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::signer::{Method, Signer};
use object_store::{BackoffConfig, Certificate, ClientOptions, ObjectStore, RetryConfig};

use super::link::{Link, Links, Use};
use super::{Blobs, Error, Key, Kind, unavailable};
use crate::authority;
use crate::url_parameter::take;
use crate::world::World;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// A server that says it is overloaded is asked again so often, and for so long at most.
const ASKED_AGAIN_MAX: usize = 3;
const ASKED_AGAIN_FOR: Duration = Duration::from_secs(10);
const BACKOFF_MAX: Duration = Duration::from_secs(1);
/// What servers that know no regions expect.
const REGION_DEFAULT: &str = "us-east-1";
const PREFIX_BYTES_MAX: usize = 64;

pub(super) async fn open(url: &str, world: World) -> Result<Blobs, Error> {
    authority::encrypt_with_ring();
    let (url, endpoint) = take(url, "endpoint");
    let (url, region) = take(&url, "region");
    let (url, prefix) = take(&url, "prefix");
    let (url, file) = take(&url, "credentials");
    let (url, authority) = take(&url, "ca");
    let bucket = url.strip_prefix("s3://").filter(|name| is_bucket(name)).ok_or_else(|| {
        configuration(
            "the URL of blobs reads s3://BUCKET with the parameters endpoint, region, prefix, \
             credentials and ca; a bucket's name is 3 to 63 of a-z, 0-9, - and .",
        )
    })?;
    let prefix = match prefix {
        Some(prefix) if is_prefix(&prefix) => format!("{prefix}/"),
        Some(_) => return Err(configuration("prefix is 1 to 64 of a-z, 0-9, _ and -")),
        None => String::new(),
    };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    builder = credentials::set(builder, file, endpoint.is_some()).await?;
    if let Some(region) = region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    let region = builder.get_config_value(&AmazonS3ConfigKey::Region);
    let region = region.unwrap_or_else(|| REGION_DEFAULT.to_owned());
    let store = builder
        .with_region(&region)
        .with_client_options(client(authority.as_deref(), endpoint.as_deref())?)
        .with_retry(RetryConfig {
            backoff: BackoffConfig { max_backoff: BACKOFF_MAX, ..BackoffConfig::default() },
            max_retries: ASKED_AGAIN_MAX,
            retry_timeout: ASKED_AGAIN_FOR,
        })
        .build()
        .map_err(|error| configuration(&error.to_string()))?;
    let store = Arc::new(store);
    check(&store, bucket).await?;
    Ok(Blobs {
        objects: store.clone(),
        prefix,
        links: Box::new(TheirLinks { store, region, world }),
    })
}

fn client(authority: Option<&str>, endpoint: Option<&str>) -> Result<ClientOptions, Error> {
    let mut options = ClientOptions::new()
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout(CALL_TIMEOUT)
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")));
    for kind in Kind::ALL {
        options = options.with_content_type_for_suffix(kind.ending(), kind.content_type());
    }
    let Some(path) = authority else { return Ok(options) };
    let pem = authority::read(path).map_err(|why| configuration(&why))?;
    let found = Certificate::from_pem_bundle(&pem);
    let found = found.map_err(|error| configuration(&format!("ca {path}: {error}")))?;
    Ok(found.into_iter().fold(options, ClientOptions::with_root_certificate))
}

/// Whether the bucket is there and these credentials may use it.
async fn check(store: &AmazonS3, bucket: &str) -> Result<(), Error> {
    match store.list(None).next().await {
        None | Some(Ok(_)) => Ok(()),
        Some(Err(error)) if says(&error, "NoSuchBucket") => {
            Err(configuration(&format!("there is no bucket {bucket}: make it first")))
        }
        Some(Err(
            object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. },
        )) => Err(configuration(&format!(
            "the credentials may not list the bucket {bucket}: give others, or let them list it \
             and get, put and delete what is in it"
        ))),
        Some(Err(error)) => Err(unavailable(error)),
    }
}

fn says(error: &object_store::Error, code: &str) -> bool {
    std::iter::successors(error.source(), |cause| (**cause).source())
        .any(|cause| cause.to_string().contains(code))
}

fn is_bucket(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (3..=63).contains(&name.len()) && name.bytes().all(allowed)
}

fn is_prefix(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (1..=PREFIX_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed)
}

fn configuration(what: &str) -> Error {
    Error::Configuration(what.to_owned())
}

/// Links that the store serves. It refuses another length and another content type, as both are
/// signed.
struct TheirLinks {
    store: Arc<AmazonS3>,
    region: String,
    world: World,
}

impl fmt::Debug for TheirLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TheirLinks")
    }
}

#[async_trait]
impl Links for TheirLinks {
    async fn link(
        &self,
        (key, path): (&Key, &Path),
        purpose: Use,
        life: Duration,
    ) -> Result<Link, Error> {
        // Where an object is, is the store's to say.
        let mut url = self.store.signed_url(Method::GET, path, life).await.map_err(unavailable)?;
        let host = url.authority().to_owned();
        let credential = self.store.credentials().get_credential().await.map_err(unavailable)?;
        let (method, headers) = (purpose.method(), purpose.headers(key));
        let request =
            sign::Request { method, host: &host, path: url.path(), headers: &headers, life };
        let query = sign::query(&request, &credential, &self.region, self.world.now())?;
        url.set_query(Some(&query));
        Ok(Link { method, url: url.into(), headers })
    }

    fn admit(&self, _method: &str, _target: &str) -> Option<(Key, Use)> {
        None
    }
}
