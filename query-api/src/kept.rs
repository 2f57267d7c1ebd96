//! Public answers, kept for as long as the views that they rest on stand where they stood.
//!
//! This process keeps them; those of many documents (lists, searches, trees) are also kept where
//! processes share a cache. Pages of one document are too many to be asked for by another process
//! before their view moves on: sharing them would cost two calls for each read that it saves. Whoever
//! asks for what is not kept waits for one load, however many ask. What somebody may see and others
//! not, and what is opened for a reader (comments, addresses), is never given to it. A cache that is
//! away costs time, and no request its answer.
//!
//! Limits: 30 minutes, 1 MiB an answer, 2 KiB a key.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use edge::problem::Problem;
use events_schema::envelope::Position;
use metrics::counter;
use storage::cache::{SharedCache, VALUE_BYTES_MAX};
use storage::event_log::{Filter, SharedLog};
use tokio::sync::OnceCell;

use crate::answer::Answer;
use crate::basis::Basis;

const TIME_TO_LIVE: Duration = Duration::from_secs(30 * 60);
const KEY_BYTES_MAX: usize = 2 << 10;
/// How long the log may take to say which history it holds.
const HISTORY_WAIT: Duration = Duration::from_millis(250);
/// What an entry weighs besides its key and body.
const ENTRY_BYTES: usize = 256;

/// What is kept, and what is being loaded.
pub(crate) struct Kept {
    own: moka::sync::Cache<String, (Basis, Answer)>,
    /// Holds nothing: its use is that it runs one load of a key at a time.
    loads: moka::future::Cache<(String, Basis), Answer>,
    shared: Option<Shared>,
}

impl Kept {
    /// 0 bytes keep nothing in this process.
    pub(crate) fn new(bytes_max: u64, shared: Option<Shared>) -> Self {
        let weigh = |key: &String, (_, answer): &(Basis, Answer)| {
            let bytes = key.len().saturating_add(answer.body.len()).saturating_add(ENTRY_BYTES);
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let own = moka::sync::Cache::builder().max_capacity(bytes_max).weigher(weigh);
        let own = own.time_to_live(TIME_TO_LIVE).build();
        Self { own, loads: moka::future::Cache::new(0), shared }
    }

    /// An answer that this process keeps and that still holds.
    pub(crate) fn get(&self, key: &str, basis: &Basis) -> Option<Answer> {
        self.own.get(key).filter(|(kept, _)| kept == basis).map(|(_, answer)| answer)
    }

    /// The answer as this process keeps it, or as it is loaded, once for all who wait for it.
    ///
    /// # Errors
    /// As the load: all who wait are told.
    pub(crate) async fn get_or_load(
        &self,
        key: String,
        basis: Basis,
        load: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        if key.len() > KEY_BYTES_MAX {
            return load.await;
        }
        if let Some(answer) = self.get(&key, &basis) {
            return Ok(answer);
        }
        // What only a load needs is no part of each request.
        let load = Box::pin(load);
        let loaded = self.loads.try_get_with((key.clone(), basis), async {
            // Another load may have ended since.
            if let Some(answer) = self.get(&key, &basis) {
                return Ok(answer);
            }
            let answer = load.await?;
            if answer.body.len() <= VALUE_BYTES_MAX {
                self.own.insert(key.clone(), (basis, answer.clone()));
            }
            Ok(answer)
        });
        loaded.await.map_err(|problem: Arc<Problem>| (*problem).clone())
    }

    /// The same, where whoever loads looks first into what processes share.
    ///
    /// # Errors
    /// As the load.
    pub(crate) async fn get_shared_or_load(
        &self,
        key: String,
        basis: Basis,
        load: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        match &self.shared {
            Some(shared) if key.len() <= KEY_BYTES_MAX => {
                let load = shared.get_or_load(key.clone(), basis, load);
                self.get_or_load(key, basis, load).await
            }
            Some(_) | None => self.get_or_load(key, basis, load).await,
        }
    }
}

/// What processes share. It knows by its keys of which history and which program an answer is.
#[derive(Debug)]
pub(crate) struct Shared {
    cache: SharedCache,
    log: SharedLog,
    history: OnceCell<String>,
}

impl Shared {
    pub(crate) fn new(cache: SharedCache, log: SharedLog) -> Self {
        Self { cache, log, history: OnceCell::new() }
    }

    async fn get_or_load(
        &self,
        key: String,
        basis: Basis,
        load: impl Future<Output = Result<Answer, Problem>>,
    ) -> Result<Answer, Problem> {
        let Some(key) = self.key(&key, &basis).await else { return load.await };
        if let Some(answer) = self.get(&key, &basis).await {
            counter!("answers_loaded_total", "from" => "cache").increment(1);
            return Ok(answer);
        }
        let answer = load.await?;
        counter!("answers_loaded_total", "from" => "views").increment(1);
        self.put(&key, &answer).await;
        Ok(answer)
    }

    /// `None` while there is no history to name.
    async fn key(&self, key: &str, basis: &Basis) -> Option<String> {
        let history = self.history.get_or_try_init(|| self.first_event()).await.ok()?;
        let program = env!("CARGO_PKG_VERSION");
        Some(format!("answer:{program}:{history}:{basis}:{key}"))
    }

    /// The hash of the first event. A log that was begun anew has the positions of the one before,
    /// and what was kept of that one would still be there.
    async fn first_event(&self) -> Result<String, ()> {
        let filter = Filter::default();
        let read = tokio::time::timeout(HISTORY_WAIT, self.log.read(Position(0), &filter, 1));
        let page = read.await.map_err(|_| ())?.map_err(|_| ())?;
        Ok(page.events.first().ok_or(())?.content_hash.to_string())
    }

    async fn get(&self, key: &str, basis: &Basis) -> Option<Answer> {
        let answer = decode(self.cache.get(key).await.ok()??)?;
        (answer.place == basis.place()).then_some(answer)
    }

    async fn put(&self, key: &str, answer: &Answer) {
        // Whoever asks next loads it again; the cache itself says that it is away.
        let _unkept = self.cache.put(key, encode(answer), TIME_TO_LIVE).await;
    }
}

/// A line with tag and place, then the body.
fn encode(answer: &Answer) -> Bytes {
    let mut value = format!("{} {}\n", answer.tag, answer.place).into_bytes();
    value.extend_from_slice(&answer.body);
    value.into()
}

fn decode(value: Bytes) -> Option<Answer> {
    let end = value.iter().position(|byte| *byte == b'\n')?;
    let (tag, place) = std::str::from_utf8(&value[..end]).ok()?.split_once(' ')?;
    let (tag, place) = (tag.parse().ok()?, place.parse().ok()?);
    Some(Answer { tag, place, body: value.slice(end.saturating_add(1)..) })
}

#[cfg(test)]
mod tests {
    use edge::headers::conditional::ETag;
    use edge::headers::place::Place;
    use events_schema::envelope::{Epoch, Version};

    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was_put_and_nonsense_as_none() {
        let place = |position| Place { epoch: Epoch(2), position: Position(position) };
        let tag = ETag { version: Version(3), place: place(7) };
        let answer = Answer { tag, place: place(9), body: Bytes::from_static(b"{\n}") };
        let value = encode(&answer);
        let read = decode(value.clone()).unwrap();
        assert_eq!((read.tag, read.place, read.body), (tag, place(9), answer.body));
        for bad in [&b""[..], b"\n{}", b"\"3-2.7\"\n{}", b"\"3-2.7\" 2.09\n{}", &value[..9]] {
            assert!(decode(Bytes::copy_from_slice(bad)).is_none(), "{bad:?}");
        }
    }
}
