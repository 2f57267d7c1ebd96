//! Letters in the Kafka that `JANGTEO_TEST_KAFKA` names.

use std::collections::BTreeMap;
use std::time::Duration;

use events_schema::envelope::{Epoch, Payload, Recorded};
use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::message::OwnedMessage;
use rdkafka::{Message, TopicPartitionList};
use storage::bus::kafka::{KafkaBus, Publisher};
use storage::bus::letters::{Letter, SharedLetters};
use storage::bus::{Bus, Error};
use storage::event_log::SharedLog;

use super::log::{GivenLog, event};
use super::published::{Published, SHAPE, Topics, header};

fn letter<'a>(document: &'a str, event: &'a Recorded<Payload>) -> Letter<'a> {
    let (view, code, error) = ("listing_page", "poison", "listing was never drafted");
    Letter { view, generation: 7, document, code, error, epoch: Epoch(3), event }
}

impl Topics {
    fn parked(&self) -> String {
        format!("{}listing.events.parked", self.prefix())
    }

    /// The first letters that stand there.
    async fn letters(&self, count: usize) -> Vec<OwnedMessage> {
        let consumer: StreamConsumer = self
            .client()
            .set("group.id", "test")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap();
        let mut all = TopicPartitionList::new();
        all.add_partition_offset(&self.parked(), 0, rdkafka::Offset::Beginning).unwrap();
        consumer.assign(&all).unwrap();
        let mut letters = vec![];
        while letters.len() < count {
            let next = tokio::time::timeout(Duration::from_secs(20), consumer.recv()).await;
            letters.push(next.expect("a letter in time").unwrap().detach());
        }
        letters
    }
}

async fn letters_of(published: &Published) -> SharedLetters {
    published.reader().await.letters().unwrap()
}

#[tokio::test]
async fn a_letter_is_the_event_with_what_parked_its_document() {
    let published = Published::new(GivenLog::of(0));
    let (letters, event) = (letters_of(&published).await, event(5));
    letters.copy(letter("lst_1", &event)).await.unwrap();
    let copied = published.topics.letters(1).await.remove(0);
    assert_eq!(copied.payload(), Some(event.event.as_ref()));
    assert_eq!(copied.key(), Some(event.meta.partition_key.as_str().as_bytes()));
    for (name, value) in [
        ("view", "listing_page"),
        ("generation", "7"),
        ("document", "lst_1"),
        ("error-code", "poison"),
        ("error", "listing was never drafted"),
        ("position", "3.5"),
        ("type", "listing.priced"),
    ] {
        assert_eq!(header(&copied, name), Some(value), "{name}");
    }
    assert!(header(&copied, "envelope").unwrap().contains("\"stream\""));
}

#[tokio::test]
async fn letters_of_all_senders_keep_the_order_of_each_document() {
    let published = Published::new(GivenLog::of(0));
    let send = async |letters: SharedLetters, document: &str, positions: Vec<u64>| {
        for position in positions {
            letters.copy(letter(document, &event(position))).await.unwrap();
        }
    };
    // Two processes believe that a document is theirs; each has a client of its own.
    let (one, two) = (letters_of(&published).await, letters_of(&published).await);
    tokio::join!(
        send(one.clone(), "a", (1..=40).collect()),
        send(two.clone(), "a", (1..=40).collect()),
        send(one, "b", (41..=60).collect()),
        send(two, "c", (61..=80).collect()),
    );
    let mut first: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for copied in published.topics.letters(120).await {
        let position = header(&copied, "position").unwrap().split_once('.').unwrap().1;
        let position = position.parse().unwrap();
        let known = first.entry(header(&copied, "document").unwrap().to_owned()).or_default();
        if !known.contains(&position) {
            known.push(position);
        }
    }
    let expected = [("a", 1..=40), ("b", 41..=60), ("c", 61..=80)];
    let expected = expected.map(|(document, of)| (document.to_owned(), of.collect()));
    assert_eq!(first, BTreeMap::from(expected));
}

#[tokio::test]
async fn the_topics_of_letters_have_settings_of_their_own() {
    let published = Published::new(GivenLog::of(0));
    letters_of(&published).await.copy(letter("a", &event(1))).await.unwrap();
    let described = published.topics.described(&published.topics.parked()).await;
    for (name, value) in [
        ("cleanup.policy", "delete"),
        ("retention.ms", "2592000000"),
        ("message.timestamp.type", "LogAppendTime"),
        ("max.message.bytes", "2097152"),
        ("min.insync.replicas", "1"),
    ] {
        assert_eq!(described.get(name).unwrap().value.as_deref(), Some(value), "{name}");
    }
}

#[tokio::test]
async fn letters_that_would_lose_their_order_are_refused_with_the_way_out() {
    let published = Published::new(GivenLog::of(0));
    let (admin, parked) = (published.topics.admin(), published.topics.parked());
    let topic = NewTopic::new(&parked, 2, TopicReplication::Fixed(1));
    admin.create_topics([&topic], &AdminOptions::new()).await.unwrap()[0].as_ref().unwrap();
    let (url, log) = (published.topics.url(SHAPE), published.log.clone());
    for refused in [KafkaBus::open(&url, log).await.err(), Publisher::open(&url).await.err()] {
        let refused = refused.unwrap();
        assert!(matches!(refused, Error::Configuration(_)), "{refused}");
        assert!(refused.to_string().contains("delete it"), "{refused}");
    }
}

#[tokio::test]
async fn the_tail_has_no_place_for_letters() {
    let log: SharedLog = GivenLog::of(0);
    assert!(storage::bus::tail::TailBus::new(log).letters().is_none());
}
