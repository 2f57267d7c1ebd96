//! From a stream to a state.

use std::sync::Arc;

use domain::decider::Decider;
use events_schema::envelope::Version;
use events_schema::stream::StreamId;
use storage::event_log::READ_MAX;

use super::Inner;
use super::batch::Folded;
use crate::problem::CommandError;

impl Inner {
    /// Folds what the log holds beyond `known`: all of it, where nothing is known.
    pub(super) async fn load<D: Decider>(
        &self,
        stream: StreamId,
        known: Option<Folded>,
    ) -> Result<Folded, CommandError> {
        self.load_until::<D>(stream, known, Version(u64::MAX)).await
    }

    /// As [`Self::load`], up to a version.
    pub(super) async fn load_until<D: Decider>(
        &self,
        stream: StreamId,
        known: Option<Folded>,
        until: Version,
    ) -> Result<Folded, CommandError> {
        let (mut version, mut state) = match known {
            Some(folded) => (folded.version, downcast::<D>(stream, folded)?),
            None => (Version::default(), Arc::new(D::default())),
        };
        loop {
            let left = usize::try_from(until.0.saturating_sub(version.0)).unwrap_or(READ_MAX);
            let limit = left.min(READ_MAX);
            if limit == 0 {
                return Ok(Folded { version, state });
            }
            let page = self.log.read_stream(stream, version, limit).await?;
            let is_last = page.next.is_none();
            if !page.events.is_empty() {
                let mut folding = Arc::unwrap_or_clone(state);
                for recorded in page.events {
                    if recorded.meta.version != version.next() {
                        return Err(CommandError::corrupt(stream, "versions are not dense"));
                    }
                    version = recorded.meta.version;
                    let event = recorded.decode();
                    let event = event.map_err(|error| CommandError::unreadable(stream, error))?;
                    let event = D::own(event.event).ok_or_else(|| strange(stream))?;
                    folding = folding.evolve(&event);
                }
                state = Arc::new(folding);
            }
            if is_last {
                return Ok(Folded { version, state });
            }
        }
    }
}

pub(super) fn downcast<D: Decider>(
    stream: StreamId,
    folded: Folded,
) -> Result<Arc<D>, CommandError> {
    folded.state.downcast().map_err(|_| strange(stream))
}

fn strange(stream: StreamId) -> CommandError {
    CommandError::corrupt(stream, "it holds another aggregate")
}
