//! TLS to a store of one's own: whom it is trusted by.

use storage::blobs::{Error, open};
use storage::world::World;

use crate::tls_server::serve;
use crate::trust::Trust;

#[tokio::test]
async fn a_store_is_trusted_by_the_authority_that_is_named_and_by_no_other() {
    let trust = Trust::new();
    let credentials = "aws_access_key_id = us\naws_secret_access_key = very-secret\n";
    trust.write("us", credentials);
    let bucket = "<ListBucketResult></ListBucketResult>".to_owned();
    let address = serve(&trust, "application/xml", bucket).await;
    let file = |name: &str| trust.path(name).display().to_string();
    let url = format!("s3://jangteo?endpoint=https://{address}&credentials={}", file("us"));
    open(&format!("{url}&ca={}", file("ours.pem")), World::system()).await.unwrap();
    for url in [format!("{url}&ca={}", file("theirs.pem")), url] {
        let opened = open(&url, World::system()).await;
        let Err(Error::Unavailable(why)) = opened else { panic!("{url}: {opened:?}") };
        assert!(format!("{why:?}").contains("InvalidCertificate"), "{why:?}");
    }
}
