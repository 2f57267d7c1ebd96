//! What one command has read and wants to write: all of it or nothing.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use domain::decider::{Decider, Observer};
use events_schema::envelope::{Role, Version};
use events_schema::ids::PersonId;
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use uuid::Uuid;

use super::batch::{Batch, Folded, Source};
use super::decide::Freshness;
use super::load::downcast;
use super::staged::Staged;
use super::{Context, Inner};
use crate::problem::CommandError;

/// A decider whose events may cross threads, which all may.
pub trait Aggregate: Decider<Event: Send + Sync + 'static> {}
impl<D: Decider<Event: Send + Sync + 'static>> Aggregate for D {}

/// One attempt at a command, over as many streams as it needs.
pub struct UnitOfWork<'a> {
    inner: &'a Inner,
    batch: &'a mut Batch,
    context: &'a Context,
    staged: Staged,
    ids: usize,
}

/// An aggregate as it was read. Only what was read can be written.
#[derive(Debug)]
pub struct Read<D> {
    state: Arc<D>,
    stream: StreamId,
    version: Version,
}

impl<D> Read<D> {
    /// How many events the stream holds, those that this command wrote before included.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }
}

impl<D> Deref for Read<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.state
    }
}

impl fmt::Debug for UnitOfWork<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnitOfWork").field("context", self.context).finish_non_exhaustive()
    }
}

impl<'a> UnitOfWork<'a> {
    pub(super) fn new(inner: &'a Inner, batch: &'a mut Batch, context: &'a Context) -> Self {
        Self { inner, batch, context, staged: Staged::default(), ids: 0 }
    }

    #[must_use]
    pub fn context(&self) -> &Context {
        self.context
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.context.now
    }

    /// In which role the person acts, where the token has several.
    pub fn act_as(&mut self, role: Role) {
        self.staged.act_as(role);
    }

    /// Whose matter the person sees to.
    pub fn act_for(&mut self, person_id: PersonId) {
        self.staged.act_for(person_id);
    }

    /// A new id: `work.id(OrderId::new)`.
    pub fn id<T>(&mut self, new: impl Fn(Uuid) -> T) -> T {
        self.ids += 1;
        new(self.context.uuid(&self.inner.world, "id", self.ids))
    }

    /// Folds one stream. What was read must still hold at the append.
    ///
    /// # Errors
    /// The log cannot be read, or the stream is corrupt.
    pub async fn read<D: Aggregate>(&mut self, id: D::Id) -> Result<Read<D>, CommandError> {
        let stream = D::stream(id);
        if self.batch.get(stream).is_none() {
            let cached = self.inner.states.get(stream);
            let (folded, source) = match (self.batch.freshness, cached) {
                (Freshness::Cached, Some(folded)) => (folded, Source::Cache),
                (Freshness::Cached | Freshness::Fresh, known) => {
                    let folded = self.inner.load::<D>(stream, known).await?;
                    self.inner.states.put_all([(stream, folded.clone())]);
                    (folded, Source::Log)
                }
            };
            self.batch.insert(stream, folded, source);
        }
        self.view(stream)
    }

    /// A stream whose id was just made: it is taken to be empty without looking. Were it not, the
    /// append would conflict, and the next attempt looks.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn open<D: Aggregate>(&mut self, id: D::Id) -> Result<Read<D>, CommandError> {
        let stream = D::stream(id);
        if self.batch.get(stream).is_none() && self.batch.freshness == Freshness::Cached {
            let empty = Folded { version: Version::default(), state: Arc::new(D::default()) };
            self.batch.insert(stream, empty, Source::Log);
        }
        self.read(id).await
    }

    /// A policy, at most 60 s old. It is no condition.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn policy<D: Aggregate>(&mut self, id: D::Id) -> Result<Read<D>, CommandError> {
        let (stream, now) = (D::stream(id), self.inner.world.now());
        let folded = match self.batch.get(stream).cloned() {
            Some(written_in_this_unit) => written_in_this_unit,
            None => match self.inner.policies.get(stream, now) {
                Some(folded) => folded,
                None => {
                    let folded = self.inner.load::<D>(stream, None).await?;
                    self.inner.policies.put(stream, now, folded.clone());
                    folded
                }
            },
        };
        let version = folded.version;
        Ok(Read { state: downcast(stream, folded)?, stream, version })
    }

    /// An aggregate as it was at an earlier version (as it is, where that lies ahead). What was, no
    /// longer changes, so it is no condition.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn past<D: Aggregate>(
        &mut self,
        id: D::Id,
        version: Version,
    ) -> Result<Arc<D>, CommandError> {
        let stream = D::stream(id);
        let folded = self.inner.load_until::<D>(stream, None, version).await?;
        downcast(stream, folded)
    }

    /// Asks the rules, and stages what happened. The new version of the stream.
    ///
    /// # Errors
    /// The rule that said no.
    pub fn decide<D: Aggregate>(
        &mut self,
        read: &Read<D>,
        command: D::Command,
    ) -> Result<Version, CommandError> {
        let events = read.decide(command).map_err(CommandError::refused)?;
        Ok(self.write(read, events))
    }

    /// As [`Self::decide`], also giving what happened.
    ///
    /// # Errors
    /// The rule that said no.
    pub fn decide_events<D: Aggregate>(
        &mut self,
        read: &Read<D>,
        command: D::Command,
    ) -> Result<Vec<D::Event>, CommandError> {
        let events = read.decide(command).map_err(CommandError::refused)?;
        self.write(read, events.clone());
        Ok(events)
    }

    /// Stages what the world reports. The new version of the stream.
    pub fn observe<D: Aggregate + Observer>(
        &mut self,
        read: &Read<D>,
        observation: D::Observation,
    ) -> Version {
        let events = read.observe(observation);
        self.write(read, events)
    }

    /// As [`Self::observe`], also giving what was recorded.
    pub fn observe_events<D: Aggregate + Observer>(
        &mut self,
        read: &Read<D>,
        observation: D::Observation,
    ) -> Vec<D::Event> {
        let events = read.observe(observation);
        self.write(read, events.clone());
        events
    }

    /// Stages events that were decided elsewhere. The new version of the stream.
    pub fn write<D: Aggregate>(&mut self, read: &Read<D>, events: Vec<D::Event>) -> Version {
        let read_at = self.batch.get(read.stream).map_or(read.version, |folded| folded.version);
        self.staged.push::<D>(read.stream, read_at, events)
    }

    pub(super) fn into_staged(self) -> Staged {
        self.staged
    }

    fn view<D: Aggregate>(&mut self, stream: StreamId) -> Result<Read<D>, CommandError> {
        let Some(folded) = self.batch.get(stream) else {
            return Err(CommandError::corrupt(stream, "it was not read"));
        };
        let folded = self.staged.view(stream, folded);
        let version = folded.version;
        Ok(Read { state: downcast(stream, folded)?, stream, version })
    }
}
