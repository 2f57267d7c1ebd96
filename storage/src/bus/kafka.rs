//! The bus on Kafka: the relay publishes the log, in its order, into topics; subscribers read the
//! partitions that they want.
//!
//! Every message tells its own position and the position before it in its partition, so that a
//! subscriber proves that it has missed nothing. What Kafka no longer has, or lost, is read from the log.

mod ends;
mod letters;
mod message;
mod publication;
mod settings;
mod start;
mod subscription;
mod topics;

use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::Meta;
use rdkafka::error::KafkaError;

pub use self::publication::{Publication, Publisher};
pub use self::settings::Settings;
use super::letters::SharedLetters;
use super::{Bus, Error, Starts, Subscription};
use crate::event_log::SharedLog;

/// The reading side.
#[derive(Clone, Debug)]
pub struct KafkaBus {
    settings: Arc<Settings>,
    log: SharedLog,
    letters: SharedLetters,
}

impl KafkaBus {
    /// Looks whether the topics that are there are those of these settings.
    ///
    /// # Errors
    /// [`Error::Configuration`] says what has to be changed, [`Error::Unavailable`] what is down.
    pub async fn open(url: &str, log: SharedLog) -> Result<Self, Error> {
        let settings = check(url).await?;
        let letters = Arc::new(letters::KafkaLetters::new(Arc::clone(&settings)));
        Ok(Self { settings, log, letters })
    }
}

/// Whether Kafka is there, and the topics that are there are those of these settings.
pub(super) async fn check(url: &str) -> Result<Arc<Settings>, Error> {
    let settings = Arc::new(Settings::parse(url)?);
    topics::check(&settings).await?;
    Ok(settings)
}

#[async_trait]
impl Bus for KafkaBus {
    fn partitions(&self) -> u32 {
        topics::partitions(&self.settings)
    }

    fn partition_of(&self, meta: &Meta) -> u32 {
        topics::partition_of(&self.settings, meta)
    }

    fn letters(&self) -> Option<SharedLetters> {
        Some(Arc::clone(&self.letters))
    }

    async fn subscribe(&self, starts: &Starts) -> Result<Box<dyn Subscription>, Error> {
        let log = Arc::clone(&self.log);
        let epoch = log.head().await?.epoch;
        let consumer = start::assigned(&self.settings, &log, starts).await?;
        let of = (Arc::clone(&self.settings), log);
        Ok(Box::new(subscription::Subscribed::new(of, consumer, epoch, starts)))
    }
}

fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Unavailable(error.into())
}

/// Runs what blocks, as librdkafka's requests do, where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, KafkaError> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await.map_err(unavailable)?;
    done.map_err(unavailable)
}
