//! An index that was opened to be read.

use storage::search::{Error, SharedSearch};

use super::contract::{all, an_entry, g, ids};

pub(crate) async fn a_reader_of_nothing_writes_nothing(reader: &SharedSearch) {
    for refused in [
        reader.search(g(1), &all()).await.map(drop),
        reader.suggest(g(1), "아이", 1).await.map(drop),
        reader.scan(g(1), None, 1).await.map(drop),
        reader.declare(g(1)).await,
        reader.put(g(1), vec![an_entry("a", 1, "아이폰")]).await,
        reader.drop_generation(g(1)).await,
    ] {
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}

pub(crate) async fn a_reader_sees_what_is_written(reader: &SharedSearch, writer: SharedSearch) {
    writer.declare(g(1)).await.unwrap();
    writer.put(g(1), vec![an_entry("a", 1, "아이폰")]).await.unwrap();
    assert_eq!(ids(reader, &all()).await, ["a"]);
    let refused = reader.drop_generation(g(1)).await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    assert_eq!(ids(reader, &all()).await, ["a"]);
}
