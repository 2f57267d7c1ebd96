//! Bulks of bounded size, and what becomes of each entry in them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry::{Occupied, Vacant};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::{Entry, Error, Refused};
use super::document::Document;
use super::index::Index;
use super::server::{Failure, Method, Refusal, Server};

const BULK_ENTRIES_MAX: usize = 1_000;
const BULK_BYTES_MAX: usize = 5 << 20;
/// How often a bulk that the server has no room for is sent, and the first pause, which doubles: 3 s
/// in all.
const ATTEMPTS_MAX: u32 = 6;
const PAUSE: Duration = Duration::from_millis(100);

/// One entry as two lines of a bulk.
struct Line<'a> {
    id: &'a str,
    text: String,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    index: Outcome,
}

#[derive(Deserialize)]
struct Outcome {
    status: u16,
    #[serde(default)]
    error: Value,
}

/// Writes the newest of each id, all that can be written. Then tells of the entries that the index
/// refuses.
pub(super) async fn put(server: &Server, index: &Index, entries: &[Entry]) -> Result<(), Error> {
    let mut newest: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in entries {
        match newest.entry(&entry.id) {
            Occupied(other) if other.get().position >= entry.position => {}
            Occupied(mut other) => drop(other.insert(entry)),
            Vacant(place) => drop(place.insert(entry)),
        }
    }
    if newest.is_empty() {
        return index.require(server).await;
    }
    let (mut bulk, mut bytes, mut refused) = (Vec::new(), 0, Vec::new());
    for entry in newest.into_values() {
        let line = line(entry)?;
        if bulk.len() == BULK_ENTRIES_MAX || bytes + line.text.len() > BULK_BYTES_MAX {
            send(server, index, std::mem::take(&mut bulk), &mut refused).await?;
            bytes = 0;
        }
        bytes += line.text.len();
        bulk.push(line);
    }
    send(server, index, bulk, &mut refused).await?;
    // Here 15 ms, where `refresh=wait_for` waits for the next second: a view would put once a second.
    // A call of its own, so that what an earlier put wrote and did not come to show is shown too.
    index.refresh(server).await?;
    if refused.is_empty() { Ok(()) } else { Err(Error::Refused(refused)) }
}

fn line(entry: &Entry) -> Result<Line<'_>, Error> {
    let version = entry.position.0;
    // `external` takes only what is newer than stored.
    let action = json!({ "index": {
        "_id": entry.id, "version": version, "version_type": "external",
    } });
    let document = serde_json::to_string(&Document::of(entry));
    let document = document.map_err(|error| Error::Unavailable(Box::new(error)))?;
    Ok(Line { id: &entry.id, text: format!("{action}\n{document}\n") })
}

/// Sends a bulk, and in halves what the server takes not at once. An entry that is too large by itself
/// is refused.
async fn send(
    server: &Server,
    index: &Index,
    bulk: Vec<Line<'_>>,
    refused: &mut Vec<Refused>,
) -> Result<(), Error> {
    let mut bulks = vec![bulk];
    while let Some(bulk) = bulks.pop() {
        let mut too_large = send_whole(server, index, bulk, refused).await?;
        if let [line] = too_large.as_slice() {
            let reason = "it is larger than what the server takes at once".to_owned();
            refused.push(Refused { id: line.id.to_owned(), reason });
        } else if !too_large.is_empty() {
            let second = too_large.split_off(too_large.len() / 2);
            bulks.extend([second, too_large]);
        }
    }
    Ok(())
}

/// Answers with what is too large to be sent at once.
async fn send_whole<'a>(
    server: &Server,
    index: &Index,
    mut bulk: Vec<Line<'a>>,
    refused: &mut Vec<Refused>,
) -> Result<Vec<Line<'a>>, Error> {
    let path = format!("{}/_bulk?require_alias=true", index.writes);
    for attempt in 0..ATTEMPTS_MAX {
        if attempt > 0 {
            tokio::time::sleep(PAUSE * 2_u32.pow(attempt - 1)).await;
        }
        let body: String = bulk.iter().map(|line| line.text.as_str()).collect();
        match server.call::<Answer>(Method::Post, &path, body).await {
            Ok(answer) => bulk = left(bulk, answer, refused)?,
            Err(Failure::Refused(refusal)) if refusal.is_throttled() => {}
            Err(Failure::Refused(refusal)) if refusal.status == 413 => return Ok(bulk),
            Err(failure) => return Err(failure.into()),
        }
        if bulk.is_empty() {
            return Ok(bulk);
        }
    }
    Err(Error::Unavailable("search is overloaded".into()))
}

/// What has to be sent again.
fn left<'a>(
    bulk: Vec<Line<'a>>,
    answer: Answer,
    refused: &mut Vec<Refused>,
) -> Result<Vec<Line<'a>>, Error> {
    if answer.items.len() != bulk.len() {
        return Err(Error::Unavailable("a bulk was answered in part".into()));
    }
    let mut again = Vec::new();
    for (line, Item { index: outcome }) in bulk.into_iter().zip(answer.items) {
        let refusal = Refusal::of(outcome.status, &outcome.error);
        match outcome.status {
            // Written, or there is a newer one.
            200..300 | 409 => {}
            _ if refusal.is_throttled() => again.push(line),
            400 if !refusal.is("index_closed_exception") => {
                let (id, reason) = (line.id.to_owned(), refusal.reason);
                refused.push(Refused { id, reason });
            }
            _ => return Err(refusal.into()),
        }
    }
    Ok(again)
}
