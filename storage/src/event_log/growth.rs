//! Tells waiting readers how far the log has grown, as far as this process knows.

use std::time::Duration;

use events_schema::envelope::Position;
use tokio::sync::watch;

/// Another process may append without telling this one.
const WAIT_MAX: Duration = Duration::from_millis(50);

#[derive(Clone, Debug)]
pub(super) struct Growth(watch::Sender<Position>);

impl Growth {
    pub(super) fn new(position: Position) -> Self {
        Self(watch::Sender::new(position))
    }

    pub(super) fn reached(&self, position: Position) {
        self.0.send_if_modified(|known| {
            let grown = position > *known;
            *known = position.max(*known);
            grown
        });
    }

    pub(super) async fn wait_beyond(&self, position: Position) {
        let mut grown = self.0.subscribe();
        // Too late and closed are answers too: the caller looks for itself.
        let _ = tokio::time::timeout(WAIT_MAX, grown.wait_for(|known| *known > position)).await;
    }
}
