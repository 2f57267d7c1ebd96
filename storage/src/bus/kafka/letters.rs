//! Letters in Kafka: beside each topic stands `<topic>.parked`. A message there is the event's own with
//! these headers more; its `previous` tells nothing.
//!
//! | header | holds |
//! |---|---|
//! | `view`, `generation`, `document` | what is parked |
//! | `error-code`, `error` | why the first of its events did not fit: a word, and a sentence |

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use events_schema::envelope::Position;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::message::{self, Mark};
use super::{Settings, topics, unavailable};
use crate::bus::Error;
use crate::bus::letters::{Letter, Letters};

/// How long one letter may take, in milliseconds: who copies it tries again.
const TIMEOUT_MS: &str = "5000";

/// The adapter. It connects with the first letter, and makes the topics that are missing then.
pub(super) struct KafkaLetters {
    settings: Arc<Settings>,
    producer: Mutex<Option<FutureProducer>>,
}

impl KafkaLetters {
    pub(super) const fn new(settings: Arc<Settings>) -> Self {
        Self { settings, producer: Mutex::new(None) }
    }

    async fn producer(&self) -> Result<FutureProducer, Error> {
        let known = self.producer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(producer) = known {
            return Ok(producer);
        }
        topics::create_parked(&self.settings).await?;
        let mut config = self.settings.writing_client();
        config.set("linger.ms", "0").set("message.timeout.ms", TIMEOUT_MS);
        let producer: FutureProducer = config.create().map_err(unavailable)?;
        self.keep(Some(producer.clone()));
        Ok(producer)
    }

    fn keep(&self, producer: Option<FutureProducer>) {
        *self.producer.lock().unwrap_or_else(PoisonError::into_inner) = producer;
    }
}

#[async_trait]
impl Letters for KafkaLetters {
    async fn copy(&self, letter: Letter<'_>) -> Result<(), Error> {
        let Letter { view, generation, document, code, error, epoch, event } = letter;
        let mark = Mark { epoch, position: event.position, previous: Position(0), is_event: true };
        let mut headers = message::event(event, mark)?;
        let generation = generation.to_string();
        for (key, value) in [
            ("view", view),
            ("generation", &generation),
            ("document", document),
            ("error-code", code),
            ("error", error),
        ] {
            headers = headers.insert(message::header(key, value.as_bytes()));
        }
        let topic = topics::parked(&self.settings, event.meta.stream);
        let record = FutureRecord::to(&topic)
            .key(event.meta.partition_key.as_str())
            .payload(&event.event)
            .headers(headers);
        let sent = self.producer().await?.send(record, Duration::ZERO).await;
        sent.map(drop).map_err(|(error, _)| {
            // The topic may be gone: the next letter looks again.
            self.keep(None);
            unavailable(error)
        })
    }
}

impl fmt::Debug for KafkaLetters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaLetters").field("settings", &self.settings).finish_non_exhaustive()
    }
}
