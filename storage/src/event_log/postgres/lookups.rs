//! Looks idempotency keys up, those of many callers in one call: while one is under way, the next
//! gathers, with no artificial delay.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_postgres::Row;
use tokio_util::task::TaskTracker;

use super::failed;
use super::read::position;
use crate::event_log::failure::{Refused, for_all, unavailable};
use crate::event_log::{Answer, Error, Intent};
use crate::postgres::Connections;

/// Look-ups that wait; one more is told to come back later.
const QUEUE_MAX: usize = 4_096;
const BATCH_MAX: usize = 256;
/// The next call waits no longer for the one before: its connection may have fallen silent. So many
/// are under way at the most as there are connections.
const SLOW: Duration = Duration::from_millis(50);

type Found = Result<Option<Answer>, Error>;

#[derive(Debug)]
struct Asked {
    principal: String,
    intent: Intent,
    reply: oneshot::Sender<Found>,
}

#[derive(Debug)]
pub(super) struct Lookups(mpsc::Sender<Asked>);

impl Lookups {
    /// Its task ends when it is dropped.
    pub(super) fn start(connections: Connections) -> Self {
        let (queue, incoming) = mpsc::channel(QUEUE_MAX);
        TaskTracker::new().spawn(run(connections, incoming));
        Self(queue)
    }

    pub(super) async fn answer(&self, intent: &Intent) -> Found {
        let (reply, found) = oneshot::channel();
        let asked = Asked { principal: intent.principal.text(), intent: intent.clone(), reply };
        self.0.try_send(asked).map_err(|_| unavailable(Refused("too many look-ups wait")))?;
        found.await.unwrap_or_else(|_| Err(unavailable(Refused("the log was closed meanwhile"))))
    }
}

async fn run(connections: Connections, mut incoming: mpsc::Receiver<Asked>) {
    let flights = TaskTracker::new();
    while let Some(first) = incoming.recv().await {
        // Those who were answered together ask again together: let them.
        tokio::task::yield_now().await;
        let mut batch = vec![first];
        while batch.len() < BATCH_MAX
            && let Ok(next) = incoming.try_recv()
        {
            batch.push(next);
        }
        let flight = flights.spawn(fly(connections.clone(), batch));
        let _ended_or_slow = tokio::time::timeout(SLOW, flight).await;
    }
}

async fn fly(connections: Connections, batch: Vec<Asked>) {
    let found = look_up(&connections, &batch).await;
    let found = found.unwrap_or_else(|error| for_all(error, batch.len()));
    for (asked, found) in batch.into_iter().zip(found) {
        // Nobody waits any more: nothing is lost.
        let _ = asked.reply.send(found);
    }
}

async fn look_up(connections: &Connections, batch: &[Asked]) -> Result<Vec<Found>, Error> {
    let principals: Vec<_> = batch.iter().map(|asked| asked.principal.as_str()).collect();
    let keys: Vec<_> = batch.iter().map(|asked| asked.intent.key.as_str()).collect();
    let select = include_str!("lookups/select_answers.sql");
    let mut found: Vec<_> = batch.iter().map(|_| Ok(None)).collect();
    for row in connections.query(select, &[&principals, &keys]).await? {
        let place: i64 = row.try_get(0).map_err(failed)?;
        let place = usize::try_from(place).unwrap_or_default().saturating_sub(1);
        if let (Some(found), Some(asked)) = (found.get_mut(place), batch.get(place)) {
            *found = answer(&row, &asked.intent);
        }
    }
    Ok(found)
}

fn answer(row: &Row, intent: &Intent) -> Found {
    let fingerprint: &[u8] = row.try_get(1).map_err(failed)?;
    if fingerprint != intent.fingerprint {
        return Err(Error::KeyReused);
    }
    let body = row.try_get(2).map_err(failed)?;
    Ok(Some(Answer { body, position: position(row.try_get(3).map_err(failed)?) }))
}
