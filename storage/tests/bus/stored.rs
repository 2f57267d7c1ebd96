//! What stands in the Kafka that `JANGTEO_TEST_KAFKA` names, read without our own reader.

use std::time::Duration;

use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::{Offset, TopicPartitionList};

use super::log::GivenLog;
use super::published::{PARTITIONS, Published, Topics, begun, header};

const PATIENCE: Duration = Duration::from_secs(20);

impl Topics {
    /// The position of every message that is an event, in no order.
    async fn events(&self) -> Vec<u64> {
        let consumer: StreamConsumer = self.client().set("group.id", "test").create().unwrap();
        let (mut all, mut left) = (TopicPartitionList::new(), 0);
        for topic in self.names() {
            for number in 0..PARTITIONS {
                let (low, high) = consumer.fetch_watermarks(&topic, number, PATIENCE).unwrap();
                left += high - low;
                all.add_partition_offset(&topic, number, Offset::Beginning).unwrap();
            }
        }
        consumer.assign(&all).unwrap();
        let mut events = vec![];
        for _ in 0..left {
            let next = tokio::time::timeout(PATIENCE, consumer.recv()).await;
            let message = next.expect("a message in time").unwrap();
            if header(&message, "type").is_some() {
                let position = header(&message, "position").unwrap();
                events.push(position.split_once('.').unwrap().1.parse().unwrap());
            }
        }
        events.sort_unstable();
        events
    }
}

#[tokio::test]
async fn a_new_leader_reads_where_kafka_ends_and_repeats_nothing() {
    let log = GivenLog::of(0);
    let published = Published::new(log.clone());
    for (begin, end) in [(1, 300), (301, 301), (302, 700)] {
        log.grow(begin..=end);
        // It has heard of nothing that was published before.
        let publisher = published.publisher().await;
        let mut publication = begun(&publisher, 1, 0).await;
        while publication.step(&published.log).await.unwrap() {}
        publication.flush().await.unwrap();
        assert_eq!(published.topics.events().await, (1..=end).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn topics_are_made_as_the_url_says() {
    let published = Published::new(GivenLog::of(0));
    begun(&published.publisher().await, 1, 0).await;
    let admin = published.topics.admin();
    for topic in published.topics.names() {
        let metadata = admin.inner().fetch_metadata(Some(&topic), PATIENCE).unwrap();
        let partitions = metadata.topics()[0].partitions();
        assert_eq!(partitions.iter().map(|of| of.replicas().len()).collect::<Vec<_>>(), [1; 4]);
        let described = published.topics.described(&topic).await;
        for (name, value) in [
            ("cleanup.policy", "delete"),
            ("retention.ms", "3600000000000"),
            ("message.timestamp.type", "CreateTime"),
            ("max.message.bytes", "2097152"),
            ("min.insync.replicas", "1"),
        ] {
            let entry = described.get(name).unwrap();
            assert_eq!(entry.value.as_deref(), Some(value), "{name}");
            // Not what the server would take anyway.
            assert!(!entry.is_default, "{name}");
        }
    }
}
