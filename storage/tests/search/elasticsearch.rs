//! Elasticsearch: what it says of a wrong URL, and the contract on the servers that
//! `JANGTEO_TEST_ELASTICSEARCH` and, where it is set, `JANGTEO_TEST_OPENSEARCH` name, as in
//! `http://127.0.0.1:9200`.

use storage::search::{Error, open};

#[tokio::test]
async fn a_url_that_cannot_be_used_is_named_without_its_password() {
    for (url, reason) in [
        ("http://", "http(s)://"),
        ("http://u:hunter2@host:port", "http(s)://"),
        ("http://u:hunter2@host?prefix=Big", "the prefix of search"),
        ("http://u:hunter2@host?refresh=1", "http(s)://"),
        ("http://u:hunter2@host?lexicon=/nowhere/at/all", "/nowhere/at/all"),
    ] {
        let error = open(url).await.unwrap_err();
        assert!(matches!(error, Error::Configuration(_)), "{url}: {error:?}");
        assert!(error.to_string().contains(reason), "{url}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let error = open("http://u:hunter2@127.0.0.1:1").await.unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[cfg(feature = "real")]
#[path = "elasticsearch/real.rs"]
mod real;
