//! What is shown of a view that comes and goes.

use std::sync::Arc;

use events_schema::envelope::Epoch;
use metrics_exporter_prometheus::PrometheusBuilder;
use storage::documents::Generation;
use storage::event_log;
use storage::world::World;

use super::*;
use crate::registry::VIEWS;

const PARTITIONS: u32 = 3;

fn state(health: Health, parts: &[(u32, u64)]) -> ViewState {
    let part = |&(number, at)| (Part { of: PARTITIONS, number }, Position(at));
    ViewState {
        generation: Generation(1),
        position: Position(4),
        parts: Arc::new(parts.iter().map(part).collect()),
        epoch: Epoch(1),
        parked: Arc::default(),
        health,
    }
}

#[tokio::test]
async fn what_others_work_on_is_late_nowhere_but_there() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("events.db").display());
    event_log::migrate(&url).await.unwrap();
    let log = event_log::open(&url, World::simulated(1, Timestamp::EPOCH)).await.unwrap();
    let recorder = PrometheusBuilder::new().build_recorder();
    let _recorded = metrics::set_default_local_recorder(&recorder);
    let view = VIEWS.iter().find(|spec| spec.name == "order").unwrap();
    let shown = async |state: ViewState| {
        let mut lags = Lags::new(&log, Timestamp::EPOCH, Position(10));
        lags.show(view, PARTITIONS, &state).await;
        let told = recorder.handle().render();
        let value = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().parse::<u64>().unwrap()
        };
        let of = |number: u32| {
            value(&format!(r#"view_partition_lag_events{{view="order",partition="{number}"}}"#))
        };
        (value(r#"view_lag_events{view="order"}"#), [of(0), of(1), of(2)])
    };
    let all = state(Health::Live, &[(0, 4), (1, 7), (2, 10)]);
    assert_eq!(shown(all).await, (6, [6, 3, 0]));
    // Another process has taken one of them, and then the rest.
    assert_eq!(shown(state(Health::Live, &[(0, 4)])).await, (6, [6, 0, 0]));
    assert_eq!(shown(state(Health::Elsewhere, &[])).await, (0, [0, 0, 0]));
}
