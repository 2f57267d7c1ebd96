//! The relay of this process, and what its health says.

use edge::health::Health;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::Failure;
use crate::stores::{BusOptions, Stores};

/// Starts it; it ends with `shutdown`. Its health joins that of the process.
#[cfg(feature = "kafka")]
pub(super) async fn start(
    stores: &Stores,
    bus: &BusOptions,
    (tracker, shutdown): (&TaskTracker, &CancellationToken),
    health: Health,
) -> Result<Health, Failure> {
    use command_api::relay::{Relay, State};
    use edge::health::Finding;
    use tokio::sync::watch;

    let publisher = bus.publisher().await?;
    let (log, leases) = (stores.log.clone(), stores.leases.clone());
    let relay = Relay { log, publisher, leases, holder: stores.holder.clone() };
    let state = watch::Sender::new(State::Waiting);
    let told = state.subscribe();
    tracker.spawn(relay.run(state, shutdown.clone()));
    Ok(health.check("relay", move || {
        let state = told.borrow().clone();
        async move {
            match state {
                State::Leading => Finding::Well("leads".to_owned()),
                State::Waiting => Finding::Well("stands by".to_owned()),
                // Whatever else this process serves goes on.
                State::Troubled(reason) => Finding::Degraded(reason),
            }
        }
    }))
}

#[cfg(not(feature = "kafka"))]
pub(super) async fn start(
    _: &Stores,
    _: &BusOptions,
    _: (&TaskTracker, &CancellationToken),
    _: Health,
) -> Result<Health, Failure> {
    Err(Failure::configuration(
        "--role relay: this build has no Kafka: build it with the cargo feature `kafka`".to_owned(),
    ))
}
