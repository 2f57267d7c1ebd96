//! What a worker is told to do beside its batches.

use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Payload, Position, Recorded};

use tokio::sync::oneshot;

use super::store::PAUSE_MIN;
use super::{Failure, Worker};
use crate::parked;
use crate::progress::Views;

#[derive(Debug)]
pub(crate) enum Command {
    /// Replays what is parked for this document.
    Unpark { id: String, reply: oneshot::Sender<Result<Unparked, String>> },
    /// Looks whether what it holds as parked still is.
    LookAtParked,
    /// From now on it speaks for the view.
    Publish(Views),
}

/// What came of un-parking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unparked {
    /// So many events were replayed; the document flows again.
    Flows(usize),
    /// An event still does not fit: the document is parked again, from there on.
    ParkedAgain,
    /// The document was not parked.
    NotParked,
}

impl Worker {
    pub(super) async fn obey(&mut self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Publish(views) => {
                self.views = Some(views);
                self.claim.set_rank(self.spec.rank);
                self.publish();
            }
            Command::LookAtParked => self.look_at_parked().await?,
            Command::Unpark { id, reply } => {
                let answer = self.unpark(&id).await;
                let told = match &answer {
                    Ok(unparked) => Ok(*unparked),
                    Err(failure) => Err(failure.to_string()),
                };
                let _ = reply.send(told);
                return answer.map(|_| ());
            }
        }
        Ok(())
    }

    /// Another process may have un-parked a document.
    async fn look_at_parked(&mut self) -> Result<(), Failure> {
        if self.parked.is_empty() {
            return Ok(());
        }
        self.store().await?;
        match parked::list(&*self.ports.documents, self.spec.name).await {
            Ok(stored) => self.parked.keep_only(&stored),
            Err(error) => {
                tracing::warn!(view = self.spec.name, %error, "parked documents are not read")
            }
        }
        self.publish();
        Ok(())
    }

    /// Replays in order what waits for a parked document, read again from the log.
    async fn unpark(&mut self, id: &str) -> Result<Unparked, Failure> {
        self.store().await?;
        let Some(taken) = self.parked.take(id) else { return Ok(Unparked::NotParked) };
        let mut rest = taken.positions.as_slice();
        while !rest.is_empty() {
            let events = self.read(rest).await?;
            rest = rest.get(events.len()..).unwrap_or_default();
            self.fold_in(&events, Position(0)).await?;
        }
        self.store().await?;
        let mut pause = PAUSE_MIN;
        let store = Arc::clone(&self.ports.documents);
        while let Err(error) = self.parked.settle(&*store, &taken).await {
            self.pause(&mut pause, error.into()).await?;
        }
        let is_parked = self.parked.contains(id);
        Ok(if is_parked { Unparked::ParkedAgain } else { Unparked::Flows(taken.positions.len()) })
    }

    /// The first of the events at these positions, as many as the log gives at once.
    async fn read(&mut self, positions: &[Position]) -> Result<Vec<Arc<Recorded<Event>>>, Failure> {
        let mut pause = PAUSE_MIN;
        let stored = loop {
            match self.ports.log.read_at(positions).await {
                Ok(stored) => break stored,
                Err(error) => self.pause(&mut pause, error.into()).await?,
            }
        };
        let decode = |event: Recorded<Payload>| {
            event.decode().map(Arc::new).map_err(|error| Failure::Stopped(error.to_string()))
        };
        stored.into_iter().map(decode).collect()
    }
}
