//! Putting, getting and removing blobs, and links to them.

use std::time::Duration;

use bytes::Bytes;
use futures::future::join_all;
use storage::blobs::{BLOB_BYTES_MAX, Blobs, Error, Key, Kind, LIFE_MAX, Link, SharedBlobs, Use};

/// A store of a test's own.
pub(crate) trait Place {
    fn open(&self) -> impl Future<Output = SharedBlobs> + Send;
    /// Does what a link says, as a client without an account does.
    fn follow(&self, link: &Link, body: Bytes) -> impl Future<Output = Answer> + Send;
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
}

/// Runs the whole contract on the places that a constructor makes.
macro_rules! run_on {
    ($make:path) => {
        $crate::contract::run_on! { $make:
            what_is_put_reads_back
            a_put_replaces_what_was_there
            what_is_not_there_is_none_and_removing_it_is_no_error
            a_blob_has_1_byte_to_5_mib
            readers_see_one_put_whole_while_many_write
            a_link_lets_whoever_has_it_put_and_get
            a_link_lives_1_s_to_1_h_and_is_for_no_blob_that_is_too_large
        }
    };
    ($make:path: $($name:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let place = $make().await;
            let blobs = $crate::contract::Place::open(&place).await;
            $crate::contract::$name(&place, &blobs).await;
        })*
    };
}
pub(crate) use run_on;

const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn key(text: &str) -> Key {
    text.parse().unwrap()
}

pub(crate) fn of_size(bytes: u64) -> Bytes {
    vec![7; usize::try_from(bytes).unwrap()].into()
}

fn is_invalid<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Invalid(_)))
}

pub(crate) async fn what_is_put_reads_back(place: &impl Place, blobs: &Blobs) {
    let keys =
        ["a.jpg", "a/b.jpg", "a.png", "listings/lst_01h455vb4pex5vsknk084sn02q/1-small.webp"];
    for (text, number) in keys.iter().zip(1_u8..) {
        blobs.put(&key(text), vec![number; number.into()].into()).await.unwrap();
    }
    let again = place.open().await;
    for (text, number) in keys.iter().zip(1_u8..) {
        let expected: Bytes = vec![number; number.into()].into();
        assert_eq!(again.get(&key(text)).await.unwrap(), Some(expected), "{text}");
        assert_eq!(again.size(&key(text)).await.unwrap(), Some(number.into()), "{text}");
    }
}

pub(crate) async fn a_put_replaces_what_was_there(_place: &impl Place, blobs: &Blobs) {
    for body in ["a longer one", "short"] {
        blobs.put(&key("a.jpg"), Bytes::from_static(body.as_bytes())).await.unwrap();
    }
    assert_eq!(blobs.get(&key("a.jpg")).await.unwrap(), Some(Bytes::from_static(b"short")));
    assert_eq!(blobs.size(&key("a.jpg")).await.unwrap(), Some(5));
}

pub(crate) async fn what_is_not_there_is_none_and_removing_it_is_no_error(
    _place: &impl Place,
    blobs: &Blobs,
) {
    for _ in 0..2 {
        assert_eq!(blobs.get(&key("a/b.jpg")).await.unwrap(), None);
        assert_eq!(blobs.size(&key("a/b.jpg")).await.unwrap(), None);
        blobs.remove(&key("a/b.jpg")).await.unwrap();
        blobs.put(&key("a/b.jpg"), of_size(1)).await.unwrap();
        blobs.put(&key("a/c.jpg"), of_size(1)).await.unwrap();
        blobs.remove(&key("a/b.jpg")).await.unwrap();
        assert_eq!(blobs.size(&key("a/c.jpg")).await.unwrap(), Some(1));
    }
}

pub(crate) async fn a_blob_has_1_byte_to_5_mib(_place: &impl Place, blobs: &Blobs) {
    let key = key("a.jpg");
    for bytes in [0, BLOB_BYTES_MAX + 1] {
        assert!(is_invalid(&blobs.put(&key, of_size(bytes)).await), "{bytes}");
        assert_eq!(blobs.size(&key).await.unwrap(), None);
    }
    for bytes in [1, BLOB_BYTES_MAX] {
        blobs.put(&key, of_size(bytes)).await.unwrap();
        assert_eq!(blobs.get(&key).await.unwrap(), Some(of_size(bytes)));
    }
}

pub(crate) async fn readers_see_one_put_whole_while_many_write(_place: &impl Place, blobs: &Blobs) {
    let key = key("a.jpg");
    blobs.put(&key, of_size(1 << 20)).await.unwrap();
    let write = |byte: u8| {
        let key = &key;
        async move { blobs.put(key, vec![byte; (1 << 20) - usize::from(byte)].into()).await }
    };
    let read = || async {
        let body = blobs.get(&key).await.unwrap().unwrap();
        assert!(body.iter().all(|byte| *byte == body[0]), "parts of several puts");
        if body[0] != 7 {
            assert_eq!(body.len(), (1 << 20) - usize::from(body[0]), "a part of a put");
        }
    };
    let writing = join_all((100..108).map(write));
    let reading = join_all((0..16).map(|_| read()));
    let (written, _read) = tokio::join!(writing, reading);
    written.into_iter().for_each(Result::unwrap);
    read().await;
}

pub(crate) async fn a_link_lets_whoever_has_it_put_and_get(place: &impl Place, blobs: &Blobs) {
    for kind in Kind::ALL {
        let key = key(&format!("a/b.{}", kind.ending()));
        let body = Bytes::from_static(b"an image");
        let link = blobs.link(&key, Use::Put { bytes: 8 }, MINUTE).await.unwrap();
        assert_eq!(link.method, "PUT");
        assert!(link.headers.contains(&("content-type", kind.content_type().to_owned())));
        assert_eq!(place.follow(&link, body.clone()).await.status, 200);
        assert_eq!(blobs.get(&key).await.unwrap(), Some(body.clone()));
        let link = blobs.link(&key, Use::Get, LIFE_MAX).await.unwrap();
        let content_type = kind.content_type().to_owned();
        let expected = Answer { status: 200, content_type, body };
        assert_eq!(place.follow(&link, Bytes::new()).await, expected);
    }
    let nothing = blobs.link(&key("none.jpg"), Use::Get, MINUTE).await.unwrap();
    assert_eq!(place.follow(&nothing, Bytes::new()).await.status, 404);
}

pub(crate) async fn a_link_lives_1_s_to_1_h_and_is_for_no_blob_that_is_too_large(
    _place: &impl Place,
    blobs: &Blobs,
) {
    let key = key("a.jpg");
    for life in [Duration::ZERO, Duration::from_millis(999), LIFE_MAX + MINUTE, Duration::MAX] {
        assert!(is_invalid(&blobs.link(&key, Use::Get, life).await), "{life:?}");
    }
    for bytes in [0, BLOB_BYTES_MAX + 1] {
        assert!(is_invalid(&blobs.link(&key, Use::Put { bytes }, MINUTE).await), "{bytes}");
    }
}
