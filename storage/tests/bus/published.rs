//! A given log, published to topics of its own.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Meta, Position};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, ConfigResource, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::Headers;
use rdkafka::{Message, Offset, TopicPartitionList};
use storage::bus::kafka::{KafkaBus, Publication, Publisher, Settings};
use storage::bus::{Bus, Error, Starts, Subscription};
use storage::event_log::SharedLog;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// The given log is of some years ago: Kafka would remove its messages.
pub(crate) const SHAPE: &str = "partitions=4&retention_hours=1000000";
/// Of each topic.
pub(crate) const PARTITIONS: i32 = 4;
const TOPICS: [&str; 3] = ["transaction.events", "listing.events", "user.events"];

/// The text of a header.
pub(crate) fn header<'a>(message: &'a impl Message, name: &str) -> Option<&'a str> {
    let found = message.headers()?.iter().find(|found| found.key == name)?;
    found.value.and_then(|value| std::str::from_utf8(value).ok())
}

/// Topics of a prefix of their own, removed at the end. A folder lends them a name that no other has.
#[derive(Debug)]
pub(crate) struct Topics {
    server: String,
    folder: TempDir,
}

impl Topics {
    fn new() -> Self {
        let server = std::env::var("JANGTEO_TEST_KAFKA").unwrap();
        let folder = tempfile::Builder::new().prefix("jangteo_").tempdir().unwrap();
        Self { server, folder }
    }

    pub(crate) fn url(&self, rest: &str) -> String {
        let name = self.folder.path().file_name().unwrap().to_str().unwrap();
        format!("{}?prefix={name}&{rest}", self.server)
    }

    fn settings(&self) -> Settings {
        Settings::parse(&self.url(SHAPE)).unwrap()
    }

    pub(crate) fn prefix(&self) -> String {
        self.settings().prefix
    }

    pub(crate) fn client(&self) -> ClientConfig {
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", self.settings().brokers);
        client
    }

    pub(crate) fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().unwrap()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        TOPICS.iter().map(|topic| format!("{}{topic}", self.prefix())).collect()
    }

    /// How the server describes a topic.
    pub(crate) async fn described(&self, topic: &str) -> ConfigResource {
        let resources = [ResourceSpecifier::Topic(topic)];
        let described = self.admin().describe_configs(&resources, &AdminOptions::new()).await;
        described.unwrap().into_iter().next().unwrap().unwrap()
    }

    pub(crate) async fn delete(&self) {
        let mut names = self.names();
        names.extend(self.names().into_iter().map(|topic| topic + ".parked"));
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let _ = self.admin().delete_topics(&names, &AdminOptions::new()).await;
    }

    /// Forgets every message that is there.
    pub(crate) async fn truncate(&self) {
        let mut all = TopicPartitionList::new();
        for topic in self.names() {
            (0..PARTITIONS).for_each(|number| {
                all.add_partition_offset(&topic, number, Offset::End).unwrap();
            });
        }
        self.admin().delete_records(&all, &AdminOptions::new()).await.unwrap();
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(self.delete());
            });
        });
    }
}

/// The bus, with the log published from the first subscription on.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) topics: Topics,
    pub(crate) log: SharedLog,
    bus: OnceCell<(KafkaBus, JoinHandle<Error>)>,
}

/// As the relay does, it begins again: a topic that is being deleted can neither be made nor written
/// yet, and one that was just made may not be known everywhere.
pub(crate) async fn begun(publisher: &Publisher, epoch: u32, published: u64) -> Publication {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match publisher.begin(Epoch(epoch), Position(published)).await {
            Ok(publication) => return publication,
            Err(error) => assert!(Instant::now() < deadline, "{error:?}"),
        }
    }
}

impl Published {
    pub(crate) fn new(log: SharedLog) -> Self {
        Self { topics: Topics::new(), log, bus: OnceCell::new() }
    }

    pub(crate) async fn publisher(&self) -> Publisher {
        Publisher::open(&self.topics.url(SHAPE)).await.unwrap()
    }

    pub(crate) async fn reader(&self) -> KafkaBus {
        KafkaBus::open(&self.topics.url(SHAPE), Arc::clone(&self.log)).await.unwrap()
    }

    async fn bus(&self) -> &KafkaBus {
        let begin = async || {
            let publisher = self.publisher().await;
            let bus = KafkaBus::open(&self.topics.url(SHAPE), Arc::clone(&self.log)).await;
            let log = Arc::clone(&self.log);
            let mut publication = begun(&publisher, 1, 0).await;
            let publishing = async move {
                loop {
                    match publication.step(&log).await {
                        Ok(true) => {}
                        Ok(false) => {
                            let grown = log.wait_beyond(publication.sent());
                            let _ =
                                tokio::time::timeout_at(publication.next_watermark(), grown).await;
                        }
                        Err(error) => return error,
                    }
                }
            };
            #[expect(clippy::disallowed_methods, reason = "it is aborted with this struct")]
            (bus.unwrap(), tokio::spawn(publishing))
        };
        &self.bus.get_or_init(begin).await.0
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        if let Some((_, publishing)) = self.bus.get() {
            publishing.abort();
        }
    }
}

#[async_trait]
impl Bus for Published {
    fn partitions(&self) -> u32 {
        12
    }

    fn partition_of(&self, _: &Meta) -> u32 {
        unreachable!("nobody asks")
    }

    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error> {
        self.bus().await.subscribe(starts).await
    }
}
