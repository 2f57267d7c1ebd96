//! The contract of `bus`, on every adapter.

#[cfg(test)]
#[path = "bus/contract.rs"]
mod contract;
#[cfg(test)]
#[cfg(all(feature = "kafka", feature = "real"))]
#[path = "bus/kafka.rs"]
mod kafka;
#[cfg(test)]
#[cfg(all(feature = "kafka", feature = "real"))]
#[path = "bus/letters.rs"]
mod letters;
#[cfg(test)]
#[path = "bus/log.rs"]
mod log;
#[cfg(test)]
#[cfg(all(feature = "kafka", feature = "real"))]
#[path = "bus/published.rs"]
mod published;
#[cfg(test)]
#[path = "bus/real_log.rs"]
mod real_log;
#[cfg(test)]
#[cfg(all(feature = "kafka", feature = "real"))]
#[path = "bus/stored.rs"]
mod stored;

#[cfg(test)]
mod tail {
    use std::sync::Arc;

    use storage::bus::tail::TailBus;

    use super::contract;

    contract::run_on!(|log| Arc::new(TailBus::new(log)));
    contract::run_on!(|log| Arc::new(TailBus::new(log)) => a_hole_in_the_log_is_an_alarm);
}

#[cfg(test)]
mod unruly {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use events_schema::envelope::Position;
    use storage::bus::Delivery;
    use storage::bus::unruly::{PARTITIONS, UnrulyBus};

    use super::contract::{self, drain};
    use super::log::GivenLog;

    contract::run_on!(|log| Arc::new(UnrulyBus::new(log, 42)));
    contract::run_on!(|log| Arc::new(UnrulyBus::new(log, 42)) => a_hole_in_the_log_is_an_alarm);

    async fn trace(seed: u64) -> Vec<Delivery> {
        let log = GivenLog::of(500);
        drain(&UnrulyBus::new(log, seed), Position(0), 500).await
    }

    #[tokio::test]
    async fn its_seed_decides_everything() {
        let first = trace(7).await;
        assert_eq!(first, trace(7).await);
        assert_ne!(first, trace(8).await);
    }

    #[tokio::test]
    async fn it_lags_doubles_and_mixes_partitions() {
        let deliveries = trace(1).await;
        let positions: Vec<u64> = deliveries
            .iter()
            .filter_map(|delivery| match delivery {
                Delivery::Event { event, .. } => Some(event.position.0),
                Delivery::Watermark { .. } => None,
            })
            .collect();
        assert!(positions.len() > 510, "{} deliveries of 500", positions.len());
        let farthest = positions.windows(2).filter(|pair| pair[1] + 100 < pair[0]).count();
        assert!(farthest > 5, "no partition lagged by 100");
        let used: BTreeSet<u32> = deliveries
            .iter()
            .filter_map(|delivery| match delivery {
                Delivery::Event { partition, .. } => Some(*partition),
                Delivery::Watermark { .. } => None,
            })
            .collect();
        assert!(used.len() > 6 && used.len() < usize::try_from(PARTITIONS).unwrap());
    }

    #[tokio::test]
    async fn a_partition_without_events_still_tells_how_far_it_is() {
        let log = GivenLog::of(3);
        let bus = UnrulyBus::new(log, 3);
        let told: BTreeSet<u32> = drain(&bus, Position(0), 3)
            .await
            .into_iter()
            .filter_map(|delivery| match delivery {
                Delivery::Watermark { partition, position: Position(3) } => Some(partition),
                Delivery::Watermark { .. } | Delivery::Event { .. } => None,
            })
            .collect();
        assert!(told.into_iter().eq(0..PARTITIONS));
    }
}
