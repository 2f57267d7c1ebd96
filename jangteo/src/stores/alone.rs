//! The views' stores for a command that works on views itself where no other process does.

use projector::Ports;
use storage::event_log;
use storage::leases::{self, LIFE};
use storage::world::World;

use super::{Access, ViewOptions, access_to_work, no_history, write_views};
use crate::failure::Failure;

/// `None` where another process works on the views: whoever writes an embedded log does, and on a server
/// those who have leases.
///
/// # Errors
/// All that is wrong with the configuration, at once.
pub async fn alone(options: &ViewOptions, world: &World) -> Result<Option<Ports>, Failure> {
    let log = options.log.events();
    if no_history(Access::Write, &options.log).is_none() {
        let is_written = event_log::is_written(&log.url).await;
        let is_written = is_written.map_err(|error| log.problem(&error))?;
        let leases = leases::open(&log.url, LIFE).await.map_err(|error| log.problem(&error))?;
        if is_written || projector::is_worked_on(&leases).await? {
            return Ok(None);
        }
    }
    write_views(access_to_work(&options.log, false), options, world).await.map(Some)
}
