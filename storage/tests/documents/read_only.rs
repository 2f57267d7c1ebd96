//! A store that was opened to be read.

use storage::documents::{Direction, Error, Find, SharedDocuments};

use super::contract::{ORDERS, a_document, checkpoint, g};

async fn every_write_is_refused(reader: &SharedDocuments) {
    let document = [a_document("o1", 9, "s1", 1)];
    for refused in [
        reader.declare(&ORDERS, g(1)).await,
        reader.put(&ORDERS, g(1), &document, Some(&checkpoint(9))).await,
        reader.serve(&ORDERS, g(1)).await,
        reader.drop_generation(&ORDERS, g(2)).await,
    ] {
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}

pub(crate) async fn what_is_not_there_reads_as_undeclared(reader: &SharedDocuments) {
    assert_eq!(reader.serving(&ORDERS).await.unwrap(), None);
    assert_eq!(reader.all_serving().await.unwrap(), [].into());
    assert_eq!(reader.checkpoint(&ORDERS, g(1)).await.unwrap(), None);
    let (direction, equals) = (Direction::Ascending, ["s1"].as_slice());
    let find = Find { index: "by_seller", equals, direction, after: None, limit: 1 };
    for refused in [
        reader.get(&ORDERS, g(1), &["o1"]).await.map(drop),
        reader.find(&ORDERS, g(1), &find).await.map(drop),
        reader.scan(&ORDERS, g(1), None, 1).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::Undeclared)), "{refused:?}");
    }
    every_write_is_refused(reader).await;
}

pub(crate) async fn a_reader_sees_what_is_written_and_writes_nothing(
    reader: &SharedDocuments,
    writer: SharedDocuments,
) {
    let document = a_document("o1", 1, "s1", 1);
    writer.declare(&ORDERS, g(1)).await.unwrap();
    writer.put(&ORDERS, g(1), std::slice::from_ref(&document), Some(&checkpoint(1))).await.unwrap();
    writer.serve(&ORDERS, g(1)).await.unwrap();
    every_write_is_refused(reader).await;
    assert_eq!(reader.serving(&ORDERS).await.unwrap(), Some(g(1)));
    assert_eq!(reader.checkpoint(&ORDERS, g(1)).await.unwrap(), Some(checkpoint(1)));
    assert_eq!(reader.scan(&ORDERS, g(1), None, 9).await.unwrap(), [document]);
}
