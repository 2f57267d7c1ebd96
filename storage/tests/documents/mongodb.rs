//! MongoDB: what it says of a wrong URL, and the contract on the server that
//! `JANGTEO_TEST_MONGODB` names, as in `mongodb://127.0.0.1:27017`.

use storage::documents::{Error, open};

async fn refused(url: &str) -> Error {
    open(url).await.unwrap_err()
}

#[tokio::test]
async fn a_url_that_cannot_be_used_is_named_without_its_password() {
    for (url, reason) in [
        ("mongodb://", "cannot be read"),
        ("mongodb:///orders", "cannot be read"),
        ("mongodb://127.0.0.1:port/orders", "port"),
        ("mongodb://127.0.0.1:27017", "names no database"),
        ("mongodb://jangteo:hunter2@127.0.0.1:27017", "names no database"),
        ("mongodb://jangteo:hunter2/@127.0.0.1/orders", "percent-encoded"),
        ("mongodb://jangteo:hunter2@127.0.0.1:hunter2/orders", "percent-encoded"),
        ("mongodb://jangteo:hunter2@127.0.0.1/orders?tls=hunter2", "percent-encoded"),
    ] {
        let error = refused(url).await;
        assert!(matches!(error, Error::Configuration(_)), "{url}: {error:?}");
        assert!(error.to_string().contains(reason), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable_soon() {
    let url = "mongodb://jangteo:hunter2@127.0.0.1:1/orders?serverSelectionTimeoutMS=200";
    let error = refused(url).await;
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[cfg(feature = "real")]
#[path = "mongodb/commands.rs"]
mod commands;
#[cfg(feature = "real")]
#[path = "mongodb/proxy.rs"]
mod proxy;
#[cfg(feature = "real")]
#[path = "mongodb/real.rs"]
mod real;
