//! Un-parking. Whoever wants a document replayed writes down that it is wanted; the process that works on
//! its part looks each second, replays what waits, and writes down what came of it.

use std::time::Duration;

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use serde::{Deserialize, Serialize};
use storage::documents::{self, Collection, Documents, Generation, Index, Stored};
use storage::world::World;

use super::{COLLECTION, Document, GENERATION, all, id, read, written};
use crate::registry::{self, Spec};

const REQUESTS: Collection = Collection {
    name: "unparking",
    indexes: &[Index { name: "by_state", equals: &["view", "state"], sort: "asked_at" }],
};
const ASKED: &str = "asked";
const ANSWERED: &str = "answered";
/// How long an answer is waited for: a process that dies is taken over within ten seconds.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// How often it is looked for.
const POLL: Duration = Duration::from_millis(50);

/// What came of un-parking.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unparked {
    /// So many events were replayed; the document flows again.
    Flows(usize),
    /// An event still does not fit, for this reason: the document is parked again, from there on.
    ParkedAgain(String),
    /// The document was not parked.
    NotParked,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no view {0}")]
    UnknownView(String),
    /// The wish stands: it is fulfilled once somebody works on the document.
    #[error("nobody has replayed it in {} s; whoever works on view {view} next will", .after.as_secs())]
    Unanswered { view: &'static str, after: Duration },
    #[error(transparent)]
    Documents(#[from] documents::Error),
}

/// One wish, under the id of the parked document.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Request {
    view: String,
    pub(crate) generation: u32,
    pub(crate) key: String,
    state: String,
    asked_at: Timestamp,
    unparked: Option<Unparked>,
}

/// Has what waits for a parked document replayed in order, by whichever process works on it, this one
/// among them, and tells what came of it.
///
/// # Errors
/// [`Error::UnknownView`]; [`Error::Unanswered`] after the time limit; else as the store's.
pub async fn unpark(
    store: &dyn Documents,
    world: &World,
    (view, key): (&str, &str),
    time_limit: Duration,
) -> Result<Unparked, Error> {
    let spec = named(view)?;
    declare_requests(store).await?;
    let answered = tokio::time::timeout(time_limit, answered(store, world, spec, key)).await;
    match answered {
        Ok(answered) => Ok(answered?),
        // It may have flowed again while nobody could say so.
        Err(_) if serving_and_parked(store, spec, key).await?.is_none() => Ok(Unparked::NotParked),
        Err(_) => Err(Error::Unanswered { view: spec.name, after: time_limit }),
    }
}

/// A document of the generation that serves; `None` where it is not parked.
///
/// # Errors
/// [`Error::UnknownView`]; else as the store's.
pub async fn find(store: &dyn Documents, view: &str, key: &str) -> Result<Option<Document>, Error> {
    let spec = named(view)?;
    Ok(serving_and_parked(store, spec, key).await?)
}

async fn answered(
    store: &dyn Documents,
    world: &World,
    spec: &'static Spec,
    key: &str,
) -> Result<Unparked, documents::Error> {
    loop {
        let Some(document) = serving_and_parked(store, spec, key).await? else {
            return Ok(Unparked::NotParked);
        };
        let generation = Generation(document.generation);
        let asked = ask(store, world, (spec, generation, key)).await?;
        // Of another generation there is another document.
        while serving(store, spec).await? == Some(generation) {
            let id = id(spec.name, generation, key);
            if let Some((request, position)) = request(store, &id).await?
                && position >= asked
                && let Some(unparked) = request.unparked
            {
                return Ok(unparked);
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

async fn serving(
    store: &dyn Documents,
    spec: &Spec,
) -> Result<Option<Generation>, documents::Error> {
    store.serving((spec.collection)()).await
}

fn named(view: &str) -> Result<&'static Spec, Error> {
    registry::view(view).ok_or_else(|| Error::UnknownView(view.to_owned()))
}

async fn serving_and_parked(
    store: &dyn Documents,
    spec: &Spec,
    key: &str,
) -> Result<Option<Document>, documents::Error> {
    let Some(generation) = serving(store, spec).await? else { return Ok(None) };
    let id = id(spec.name, generation, key);
    let found = match store.get(&COLLECTION, GENERATION, &[&id]).await {
        Err(documents::Error::Undeclared) => return Ok(None),
        found => found?.pop().flatten(),
    };
    let Some(body) = found.and_then(|stored| stored.body) else { return Ok(None) };
    let document: Document = read(&body)?;
    Ok((!document.positions.is_empty()).then_some(document))
}

async fn request(
    store: &dyn Documents,
    id: &str,
) -> Result<Option<(Request, Position)>, documents::Error> {
    let found = store.get(&REQUESTS, GENERATION, &[id]).await?.pop().flatten();
    let Some(Stored { body: Some(body), position, .. }) = found else { return Ok(None) };
    Ok(Some((read(&body)?, position)))
}

/// Gives the position that the answer has at least. Several who ask at once share one answer.
async fn ask(
    store: &dyn Documents,
    world: &World,
    (spec, generation, key): (&Spec, Generation, &str),
) -> Result<Position, documents::Error> {
    let id = id(spec.name, generation, key);
    let known = request(store, &id).await?;
    let before = match known {
        Some((request, position)) if request.unparked.is_none() => return Ok(position),
        Some((_, position)) => position,
        None => Position(0),
    };
    let wish = Request {
        view: spec.name.to_owned(),
        generation: generation.0,
        key: key.to_owned(),
        state: ASKED.to_owned(),
        asked_at: world.now(),
        unparked: None,
    };
    put(store, &wish, before.next()).await?;
    Ok(before.next())
}

async fn put(
    store: &dyn Documents,
    request: &Request,
    position: Position,
) -> Result<(), documents::Error> {
    let id = id(&request.view, Generation(request.generation), &request.key);
    let stored = Stored { id, position, body: Some(written(request)?) };
    store.put(&REQUESTS, GENERATION, &[stored], None).await
}

pub(super) async fn declare_requests(store: &dyn Documents) -> Result<(), documents::Error> {
    store.declare(&REQUESTS, GENERATION).await
}

/// What is wanted of a view and not answered yet, longest asked first.
pub(super) async fn requests(
    store: &dyn Documents,
    view: &str,
) -> Result<Vec<(Request, Position)>, documents::Error> {
    all(store, &REQUESTS, ("by_state", &[view, ASKED])).await
}

impl Request {
    /// Tells whoever asked.
    pub(crate) async fn answer(
        &self,
        store: &dyn Documents,
        asked: Position,
        unparked: Unparked,
    ) -> Result<(), documents::Error> {
        let state = ANSWERED.to_owned();
        let answered = Self { state, unparked: Some(unparked), ..self.clone() };
        put(store, &answered, asked.next()).await
    }
}
