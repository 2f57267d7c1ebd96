//! The one writer: a thread that owns the connection and the lock.

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use async_trait::async_trait;
use events_schema::time::Timestamp;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::append::{append, settle};
use super::connection::{Lock, blocking, failed};
use super::forget::forget_keys;
use crate::event_log::failure::{Refused, for_all, unavailable};
use crate::event_log::group::{Flush, Outcome};
use crate::event_log::seal::Sealed;
use crate::event_log::{Appended, Error};
use crate::world::World;

enum Job {
    Append(Arc<[Sealed]>, oneshot::Sender<Result<Vec<Appended>, Error>>),
    Settle(Timestamp, oneshot::Sender<Result<bool, Error>>),
    ForgetKeys(oneshot::Sender<Result<usize, Error>>),
}

#[derive(Debug)]
pub(super) struct Writer {
    /// `None` once closed.
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, lock: Lock, world: World) -> Result<Self, Error> {
        let (jobs, incoming) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("event-log-writer".to_owned())
            .spawn(move || {
                run(connection, &incoming, &world);
                drop(lock);
            })
            .map_err(unavailable)?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    async fn ask<T>(
        &self,
        job: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Job,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let sent = jobs.is_some_and(|jobs| jobs.send(job(reply)).is_ok());
        if !sent {
            return Err(unavailable(Refused("the log is closed")));
        }
        answer.await.unwrap_or_else(|_| Err(unavailable(Refused("the log's writer has ended"))))
    }

    pub(super) async fn settle(&self, at: Timestamp) -> Result<bool, Error> {
        self.ask(|reply| Job::Settle(at, reply)).await
    }

    pub(super) async fn forget_keys(&self) -> Result<usize, Error> {
        self.ask(Job::ForgetKeys).await
    }

    /// Ends the thread, which closes the file and lets go of the lock.
    pub(super) async fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // A thread that panicked has nothing left to close.
            let _ = blocking(move || thread.join().map_err(|_| Error::Invalid("panicked"))).await;
        }
    }
}

fn run(mut connection: Connection, jobs: &mpsc::Receiver<Job>, world: &World) {
    for job in jobs {
        // Whoever asked may be gone; what was done is done.
        match job {
            Job::Append(batch, reply) => {
                let _ = reply.send(append(&mut connection, world.now(), &batch));
            }
            Job::Settle(at, reply) => {
                let _ = reply.send(settle(&mut connection, world.now(), at).map_err(failed));
            }
            Job::ForgetKeys(reply) => {
                let _ = reply.send(forget_keys(&connection, world.now()).map_err(failed));
            }
        }
    }
}

#[async_trait]
impl Flush for Writer {
    async fn flush(&self, batch: Arc<[Sealed]>) -> Vec<Outcome> {
        let count = batch.len();
        match self.ask(|reply| Job::Append(batch, reply)).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) => for_all(error, count),
        }
    }
}
