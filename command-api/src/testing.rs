//! A log that counts what it is asked and fails when it is told to.

pub(crate) mod market;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use events_schema::envelope::{Payload, Position, Recorded, Version};
use events_schema::stream::StreamId;
use events_schema::time::Timestamp;
use storage::event_log::sqlite::SqliteLog;
use storage::event_log::{Answer, Appended, Error, EventLog, Filter, Head, Intent, Page, Unit};
use storage::world::World;
use tempfile::TempDir;

pub(crate) const NOON: Timestamp = Timestamp::from_unix_micros(1_700_000_000_000_000);

/// What goes wrong with one append.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    None,
    Conflict,
    /// The connection broke before the log heard of it.
    Unsent,
    /// It was written, but nobody heard.
    Unheard,
}

#[derive(Debug)]
pub(crate) struct TestLog {
    log: SqliteLog,
    pub(crate) folder: TempDir,
    faults: Mutex<VecDeque<Fault>>,
    /// Commands of each unit that was written.
    units: Mutex<Vec<usize>>,
    reads: AtomicUsize,
}

impl TestLog {
    pub(crate) async fn open(world: &World) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let log = SqliteLog::open(folder.path().join("log.sqlite"), world.clone()).await.unwrap();
        let (faults, units) = (Mutex::default(), Mutex::default());
        Arc::new(Self { log, folder, faults, units, reads: AtomicUsize::new(0) })
    }

    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    pub(crate) fn units(&self) -> Vec<usize> {
        self.units.lock().unwrap().clone()
    }

    pub(crate) fn stream_reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }

    pub(crate) async fn events(&self) -> Vec<Recorded<Payload>> {
        self.log.read(Position(0), &Filter::default(), 4_096).await.unwrap().events
    }

    pub(crate) async fn types(&self) -> Vec<String> {
        let events = self.events().await.into_iter();
        events.map(|recorded| recorded.meta.event_type.into_owned()).collect()
    }
}

fn unavailable() -> Error {
    Error::Unavailable("on purpose".into())
}

#[async_trait]
impl EventLog for TestLog {
    async fn append(&self, unit: Unit) -> Result<Appended, Error> {
        let fault = self.faults.lock().unwrap().pop_front();
        match fault {
            Some(Fault::Conflict) => return Ok(Appended::Conflict),
            Some(Fault::Unsent) => return Err(unavailable()),
            Some(Fault::Unheard | Fault::None) | None => {}
        }
        let commands = unit.commands.len();
        let appended = self.log.append(unit).await?;
        if matches!(appended, Appended::Done(_)) {
            self.units.lock().unwrap().push(commands);
        }
        if matches!(fault, Some(Fault::Unheard)) { Err(unavailable()) } else { Ok(appended) }
    }

    async fn answer(&self, intent: &Intent) -> Result<Option<Answer>, Error> {
        self.log.answer(intent).await
    }

    async fn forget_keys(&self) -> Result<u64, Error> {
        self.log.forget_keys().await
    }

    async fn read_stream(
        &self,
        stream: StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Page<Version>, Error> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.log.read_stream(stream, after, limit).await
    }

    async fn read(
        &self,
        after: Position,
        filter: &Filter,
        limit: usize,
    ) -> Result<Page<Position>, Error> {
        self.log.read(after, filter, limit).await
    }

    async fn read_at(&self, positions: &[Position]) -> Result<Vec<Recorded<Payload>>, Error> {
        self.log.read_at(positions).await
    }

    async fn head(&self) -> Result<Head, Error> {
        self.log.head().await
    }

    async fn position_at(&self, at: Timestamp) -> Result<Position, Error> {
        self.log.position_at(at).await
    }

    async fn wait_beyond(&self, position: Position) {
        self.log.wait_beyond(position).await;
    }
}
