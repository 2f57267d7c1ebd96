//! Searches of a large market as people ask them: words, facets, orders, and suggestions while they
//! type. On tantivy, and on the server that was given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use storage::documents::Generation;
use storage::search::{self, Entry, Error, SharedSearch};

use super::Bench;
use super::callers::{Caller, closed_loop};
use super::figure::{Figure, Goal, number};
use super::fresh::{mean, percentile};
use super::search_listings::{Listings, Question};

const CALLERS: u64 = 16;
const SUGGESTIONS: usize = 10;
const GENERATION: Generation = Generation(1);
/// Entries of one write, and how many are under way at once.
const WRITE: u64 = 20_000;
const WRITES_MAX: usize = 2;
/// How long a server that takes no more is left alone.
const BUSY: Duration = Duration::from_secs(1);
/// What is asked before it counts, so that what is kept in memory is there.
const WARM_UP: Duration = Duration::from_secs(5);
/// Of one caller; the numbers of the others are beyond.
const QUESTIONS: u64 = 1 << 32;

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let listings = Arc::new(Listings::read(bench.titles.as_deref())?);
    let folder = tempfile::tempdir()?;
    let tantivy = search::open(&format!("tantivy:{}", folder.path().display())).await?;
    of_index(bench, "tantivy", &tantivy, &listings).await
}

pub(super) async fn on_server(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let Some(url) = &bench.servers.search else {
        return Ok(vec![Figure::not_measured("search, on a server", "give --search")]);
    };
    let listings = Arc::new(Listings::read(bench.titles.as_deref())?);
    // An index that a prefix names is kept, and measured again as it is.
    let is_kept = url.contains('?');
    let own = format!("{url}?prefix=jangteo_bench_{}", bench.world.uuid().simple());
    let server = search::open(if is_kept { url } else { &own }).await?;
    let measured = of_index(bench, "server", &server, &listings).await;
    if !is_kept {
        server.drop_generation(GENERATION).await?;
    }
    measured
}

async fn of_index(
    bench: &Bench,
    engine: &str,
    index: &SharedSearch,
    listings: &Arc<Listings>,
) -> anyhow::Result<Vec<Figure>> {
    let count = bench.listings;
    let of = |what: &str| format!("search, {engine}, {count} listings: {what}");
    index.declare(GENERATION).await?;
    let mut figures = vec![];
    if index.scan(GENERATION, None, 1).await?.is_empty() {
        let started = Instant::now();
        fill(index, listings, count).await?;
        let rate = number(count) / started.elapsed().as_secs_f64();
        figures.push(Figure::new(of("written"), rate, "listings/s", Goal::None));
    }
    asked(index, listings, 0, WARM_UP).await?;
    let (rate, times) = asked(index, listings, CALLERS, bench.time).await?;
    let all: Vec<Duration> = times.values().flatten().copied().collect();
    figures.push(Figure::new(of("16 callers"), rate, "searches/s", Goal::None));
    figures.push(Figure::new(of("mean"), mean(&all), "ms", Goal::AtMost(100.0)));
    figures.push(Figure::new(of("p95"), percentile(all, 95)?, "ms", Goal::AtMost(300.0)));
    for (kind, times) in times {
        figures.push(Figure::new(of(&format!("mean of {kind}")), mean(&times), "ms", Goal::None));
        let p95 = percentile(times, 95)?;
        figures.push(Figure::new(of(&format!("p95 of {kind}")), p95, "ms", Goal::None));
    }
    Ok(figures)
}

async fn fill(index: &SharedSearch, listings: &Listings, count: u64) -> anyhow::Result<()> {
    let starts = (0..count.div_ceil(WRITE)).map(|write| write * WRITE);
    let writes = starts.map(|start| async move {
        let entries = (start..count.min(start + WRITE)).map(|number| listings.entry(number));
        let entries: Vec<Entry> = entries.collect();
        loop {
            match index.put(GENERATION, entries.clone()).await {
                // As whoever writes views does: what a busy server does not take is put again.
                Err(Error::Unavailable(_)) => tokio::time::sleep(BUSY).await,
                put => return put,
            }
        }
    });
    Ok(stream::iter(writes).buffer_unordered(WRITES_MAX).try_collect().await?)
}

type Times = BTreeMap<&'static str, Vec<Duration>>;

/// Answers a second, and how long each took.
async fn asked(
    index: &SharedSearch,
    listings: &Arc<Listings>,
    first: u64,
    time: Duration,
) -> anyhow::Result<(f64, Times)> {
    let times = Arc::new(Mutex::new(Times::new()));
    let person = |caller| Person {
        index: Arc::clone(index),
        listings: Arc::clone(listings),
        next: (first + caller) * QUESTIONS,
        times: Arc::clone(&times),
    };
    let tally = closed_loop((0..CALLERS).map(person).collect(), time).await?;
    let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
    Ok((tally.per_second(), std::mem::take(&mut *times)))
}

struct Person {
    index: SharedSearch,
    listings: Arc<Listings>,
    next: u64,
    times: Arc<Mutex<Times>>,
}

impl Caller for Person {
    async fn call(&mut self) -> anyhow::Result<()> {
        let question = self.listings.question(self.next);
        self.next += 1;
        let started = Instant::now();
        let kind = match &question {
            Question::Search(kind, query) => {
                self.index.search(GENERATION, query).await?;
                kind
            }
            Question::Suggest(typed) => {
                self.index.suggest(GENERATION, typed, SUGGESTIONS).await?;
                "suggestions"
            }
        };
        let took = started.elapsed();
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.entry(kind).or_default().push(took);
        Ok(())
    }
}
