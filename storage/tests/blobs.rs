//! The contract of `blobs`, on every adapter.

#[cfg(test)]
#[path = "blobs/contract.rs"]
mod contract;
#[cfg(test)]
#[path = "blobs/folder.rs"]
mod folder;
#[cfg(test)]
#[cfg(all(feature = "s3", feature = "real"))]
#[path = "blobs/s3.rs"]
mod s3;
#[cfg(test)]
#[cfg(feature = "s3")]
#[path = "blobs/tls.rs"]
mod tls;
#[cfg(test)]
#[cfg(feature = "s3")]
#[path = "tls/server.rs"]
mod tls_server;
#[cfg(test)]
#[cfg(feature = "s3")]
#[path = "tls/trust.rs"]
mod trust;

#[cfg(test)]
mod opening {
    use storage::blobs::{Error, open};
    use storage::world::World;

    #[tokio::test]
    async fn what_cannot_be_opened_is_a_configuration_error() {
        for url in ["", "file", "file:", "file:/dev/null/blobs", "http://x", "s3:", "s3://x?y=z"] {
            let opened = open(url, World::system()).await;
            assert!(matches!(opened, Err(Error::Configuration(_))), "{url}: {opened:?}");
        }
    }
}
