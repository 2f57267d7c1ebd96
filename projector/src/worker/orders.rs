//! What a worker is told to do beside its batches.

use std::collections::BTreeSet;
use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::{Payload, Position, Recorded};

use super::store::PAUSE_MIN;
use super::{Failure, Worker};
use crate::parked::Unparked;
use crate::progress::Views;

#[derive(Debug)]
pub(crate) enum Command {
    /// Looks whether what it holds as parked still is, and whether somebody wants it replayed.
    LookAtParked,
    /// From now on it speaks for the view.
    Publish(Views),
}

impl Worker {
    pub(super) async fn obey(&mut self, command: Command) -> Result<(), Failure> {
        match command {
            Command::Publish(views) => {
                self.views = Some(views);
                self.claim.set_rank(self.spec.rank);
                self.publish();
                Ok(())
            }
            Command::LookAtParked => self.look_at_parked().await,
        }
    }

    async fn look_at_parked(&mut self) -> Result<(), Failure> {
        if self.parked.is_idle() {
            return Ok(());
        }
        self.store().await?;
        let store = Arc::clone(&self.ports.documents);
        if let Err(error) = self.parked.refresh(&*store).await {
            tracing::warn!(view = self.spec.name, %error, "parked documents are not read");
        }
        self.publish();
        self.look_at_letters().await?;
        self.look_at_requests().await
    }

    /// Does what is wanted of the documents of its parts. Of what was queued for one before a crash
    /// something may be missing until everything up to there was brought again.
    async fn look_at_requests(&mut self) -> Result<(), Failure> {
        let store = Arc::clone(&self.ports.documents);
        let requests = match self.parked.requests(&*store).await {
            Ok(requests) => requests,
            Err(error) => {
                tracing::warn!(view = self.spec.name, %error, "wishes to un-park are not read");
                return Ok(());
            }
        };
        let mut ready = vec![];
        for (request, asked) in requests {
            let is_parked =
                request.generation == self.generation.0 && self.parked.contains(&request.key);
            let positions = self.parked.positions(&request.key);
            if let ([first, ..], [.., last]) = (positions, positions)
                && is_parked
                && *last <= self.progress.stored()
            {
                ready.push((*first, request, asked));
            }
        }
        let mine = self.mine(ready.iter().map(|(first, ..)| *first).collect()).await?;
        for (_, request, asked) in ready.into_iter().filter(|(first, ..)| mine.contains(first)) {
            let unparked = self.unpark(&request.key).await?;
            tracing::info!(view = self.spec.name, key = request.key, ?unparked, "replayed");
            let mut pause = PAUSE_MIN;
            while let Err(error) = request.answer(&*store, asked, unparked.clone()).await {
                self.pause(&mut pause, error.into()).await?;
            }
        }
        Ok(())
    }

    /// Those of these positions whose events are of its parts.
    pub(super) async fn mine(
        &mut self,
        positions: BTreeSet<Position>,
    ) -> Result<BTreeSet<Position>, Failure> {
        if self.progress.is_whole() {
            return Ok(positions);
        }
        let positions: Vec<Position> = positions.into_iter().collect();
        let (mut rest, mut mine) = (positions.as_slice(), BTreeSet::new());
        while !rest.is_empty() {
            let events = self.read(rest).await?;
            rest = rest.get(events.len()..).unwrap_or_default();
            let partition = |event: &Recorded<Event>| self.ports.bus.partition_of(&event.meta);
            let events = events.iter().filter(|event| self.progress.has(partition(event)));
            mine.extend(events.map(|event| event.position));
        }
        Ok(mine)
    }

    /// Replays in order what waits for a parked document, all of it read again: the events from the log,
    /// and the document, which somebody may have mended. Nothing of it waits to be stored.
    async fn unpark(&mut self, key: &str) -> Result<Unparked, Failure> {
        let Some(positions) = self.parked.take(key) else { return Ok(Unparked::NotParked) };
        self.fold.drop_documents(&BTreeSet::from([key]));
        let mut rest = positions.as_slice();
        while !rest.is_empty() {
            let events = self.read(rest).await?;
            rest = rest.get(events.len()..).unwrap_or_default();
            self.fold_in(&events, Position(0)).await?;
        }
        self.store().await?;
        let again = self.parked.settle(key);
        self.store().await?;
        let outcome = if again.is_some() { "parked_again" } else { "flows" };
        metrics::counter!("view_unparked_total", "view" => self.spec.name, "outcome" => outcome)
            .increment(1);
        Ok(again.map_or(Unparked::Flows(positions.len()), Unparked::ParkedAgain))
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
