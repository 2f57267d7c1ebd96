//! Topics of one measurement, under a prefix of their own.

use std::time::Duration;

use anyhow::Context;
use events_schema::envelope::{Epoch, Position};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use storage::bus::kafka::{Publication, Publisher, Settings};
use storage::world::World;

const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Made when publishing begins, and there until they are removed.
#[derive(Debug)]
pub(super) struct Topics {
    pub(super) url: String,
    pub(super) settings: Settings,
}

impl Topics {
    /// Takes a prefix that nobody has.
    pub(super) fn new(kafka: &str, world: &World) -> anyhow::Result<Self> {
        let server = kafka.split('?').next().unwrap_or(kafka).trim_end_matches('/');
        let url = format!("{server}?prefix=jangteo-bench-{}", world.uuid().simple());
        let settings = Settings::parse(&url).context("--kafka")?;
        Ok(Self { url, settings })
    }

    /// Makes them, empty, and begins to publish.
    pub(super) async fn publication(&self, epoch: Epoch) -> anyhow::Result<Publication> {
        Ok(Publisher::open(&self.url).await?.begin(epoch, Position(0)).await?)
    }

    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.settings.brokers);
        config
    }

    /// The names of those that are there.
    pub(super) async fn names(&self) -> anyhow::Result<Vec<String>> {
        let (client, prefix) = (self.client(), self.settings.prefix.clone());
        let listed = tokio::task::spawn_blocking(move || {
            let consumer: BaseConsumer = client.create()?;
            let metadata = consumer.fetch_metadata(None, REQUEST_TIMEOUT)?;
            let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
            anyhow::Ok(names.filter(|name| name.starts_with(&prefix)).collect())
        });
        listed.await?
    }

    pub(super) async fn remove(&self) -> anyhow::Result<()> {
        let names = self.names().await?;
        if names.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let admin: AdminClient<DefaultClientContext> = self.client().create()?;
        for removed in admin.delete_topics(&names, &AdminOptions::new()).await? {
            removed.map_err(|(topic, code)| anyhow::anyhow!("topic {topic} stays: {code}"))?;
        }
        Ok(())
    }
}
