//! What the URL says of Kafka, and how its clients are set up.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use super::topics::MESSAGE_BYTES_MAX;
use crate::bus::Error;

/// How long one request to a broker may take.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const PARTITIONS: u32 = 12;
const PARTITIONS_MAX: u32 = 256;
const REPLICATION_MAX: u32 = 16;
const RETENTION_HOURS: u32 = 7 * 24;
const PREFIX_BYTES_MAX: usize = 100;

/// Where Kafka is and what its topics are like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `HOST:PORT`, several divided by commas.
    pub brokers: String,
    /// Before the name of each topic: empty, or a name and a dot.
    pub prefix: String,
    /// Of each topic. It cannot be changed later: a stream would leave its partition.
    pub partitions: u32,
    pub replication: u32,
    /// Replicas that must have a message before it counts as published.
    pub min_in_sync: u32,
    /// How long Kafka keeps a message. What is older is read from the log.
    pub retention_hours: u32,
}

impl Settings {
    /// Reads `kafka://HOST:PORT[,HOST:PORT …][?prefix=NAME&partitions=12&replication=1&min_in_sync=1
    /// &retention_hours=168]`. The connection is not encrypted: it belongs into a network of its own.
    ///
    /// # Errors
    /// [`Error::Configuration`] names every part that does not read.
    pub fn parse(url: &str) -> Result<Self, Error> {
        let rest = url.strip_prefix("kafka://").unwrap_or_default();
        let (brokers, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut problems = Vec::new();
        let is_broker = |broker: &str| {
            broker.rsplit_once(':').is_some_and(|(host, port)| {
                !host.is_empty() && port.parse::<u16>().is_ok() && !host.contains(['/', '@'])
            })
        };
        if !brokers.trim_end_matches('/').split(',').all(is_broker) {
            problems.push("brokers are HOST:PORT, divided by commas".to_owned());
        }
        let mut settings = Self {
            brokers: brokers.trim_end_matches('/').to_owned(),
            prefix: String::new(),
            partitions: PARTITIONS,
            replication: 1,
            min_in_sync: 1,
            retention_hours: RETENTION_HOURS,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            problems.extend(settings.set(name, value).err());
        }
        if settings.min_in_sync > settings.replication {
            problems.push("min_in_sync is at most replication".to_owned());
        }
        if problems.is_empty() {
            Ok(settings)
        } else {
            Err(Error::Configuration(problems.join("; ")))
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let (place, max) = match name {
            "prefix" => {
                let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
                let is_name =
                    (1..=PREFIX_BYTES_MAX).contains(&value.len()) && value.bytes().all(named);
                self.prefix = format!("{value}.");
                let rule = "prefix has 1 to 100 ASCII letters, digits, -, _ and .";
                return if is_name { Ok(()) } else { Err(rule.to_owned()) };
            }
            "partitions" => (&mut self.partitions, PARTITIONS_MAX),
            "replication" => (&mut self.replication, REPLICATION_MAX),
            "min_in_sync" => (&mut self.min_in_sync, REPLICATION_MAX),
            "retention_hours" => (&mut self.retention_hours, u32::MAX / 3_600),
            _ => return Err(format!("{name} is not known")),
        };
        match value.parse() {
            Ok(number) if (1..=max).contains(&number) => *place = number,
            Ok(_) | Err(_) => return Err(format!("{name} is a number from 1 to {max}")),
        }
        Ok(())
    }

    /// What every client is told.
    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", "jangteo")
            // A broker that is back is found soon: by default the pause grows to ten seconds.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "500")
            .set("socket.keepalive.enable", "true")
            .set("socket.connection.setup.timeout.ms", "5000");
        config
    }

    /// The same for a client that writes: each message once, in order, and kept by all replicas that are
    /// in sync before it counts.
    pub(super) fn writing_client(&self) -> ClientConfig {
        let mut config = self.client();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("message.max.bytes", MESSAGE_BYTES_MAX)
            .set_log_level(RDKafkaLogLevel::Error);
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_reads_with_what_it_leaves_out() {
        let settings =
            Settings::parse("kafka://one:9092,two:9093/?prefix=shop&partitions=3").unwrap();
        assert_eq!(settings.brokers, "one:9092,two:9093");
        assert_eq!(settings.prefix, "shop.");
        assert_eq!((settings.partitions, settings.replication), (3, 1));
        assert_eq!(settings.retention_hours, 168);
        assert_eq!(Settings::parse("kafka://one:9092").unwrap().partitions, 12);
    }

    #[test]
    fn a_writer_sends_each_message_once_and_waits_for_every_replica() {
        let config = Settings::parse("kafka://one:9092").unwrap().writing_client();
        assert_eq!(config.get("enable.idempotence"), Some("true"));
        assert_eq!(config.get("acks"), Some("all"));
    }

    #[test]
    fn everything_wrong_with_a_url_is_told_at_once() {
        let url = "kafka://one?partitions=0&min_in_sync=2&colour=red";
        let told = Settings::parse(url).unwrap_err().to_string();
        for part in ["HOST:PORT", "partitions is", "colour is not known", "min_in_sync is at most"]
        {
            assert!(told.contains(part), "{told}");
        }
    }
}
