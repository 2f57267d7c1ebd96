//! The past: the events of a subject up to a position, found by its trail, and folds that write
//! nothing.

use events_schema::envelope::Position;
use storage::documents::{
    self, Direction, Find, Generation, Key as Place, PAGE_MAX, SharedDocuments, SortValue,
};
use storage::event_log::SharedLog;

use crate::registry::Spec;
use crate::verify::{Error, each_event};
use crate::view::View;
use crate::views::trail::{self, Subject, Trail};

/// The positions up to `until` where events of the subject stand, ascending, as far as the trail's
/// documents know them: wait first until the view `trail` has reached `until`.
///
/// # Errors
/// As the store's.
pub async fn positions(
    documents: &SharedDocuments,
    generation: Generation,
    subject: Subject,
    until: Position,
) -> Result<Vec<Position>, documents::Error> {
    let subject = subject.to_string();
    let mut positions = vec![];
    let mut after: Option<Place> = None;
    loop {
        let find = Find {
            index: "by_subject",
            equals: &[&subject],
            direction: Direction::Ascending,
            after: after.clone(),
            limit: PAGE_MAX,
        };
        let page = documents.find(Trail::collection(), generation, &find).await?;
        for found in &page {
            let body = found.document.body.as_deref().unwrap_or_default();
            let document: trail::Document = serde_json::from_slice(body)
                .map_err(|error| documents::Error::Invalid(error.to_string()))?;
            positions.extend(document.positions().take_while(|position| *position <= until));
        }
        let is_past = |place: &Place| match place.sort {
            SortValue::Integer(stretch) => {
                u64::try_from(stretch).is_ok_and(|stretch| stretch >= until.0 / trail::STRETCH)
            }
            SortValue::Text(_) => false,
        };
        after = page.last().map(|found| found.key.clone());
        if page.len() < PAGE_MAX || after.as_ref().is_some_and(is_past) {
            return Ok(positions);
        }
    }
}

/// What a fold in memory gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// In the order of ids, without tombstones' bodies.
    pub documents: Vec<documents::Stored>,
    /// Ids of documents that an event did not fit, as they were before it.
    pub poisoned: Vec<String>,
}

/// Folds the events of `(after, until]` through a view, in memory, and writes nothing.
///
/// # Errors
/// [`Error::Log`], [`Error::Undecodable`].
pub async fn replay(
    log: &SharedLog,
    spec: &'static Spec,
    after: Position,
    until: Position,
) -> Result<Replayed, Error> {
    let mut fold = (spec.fold)();
    let mut parked = crate::parked::Parked::nowhere(spec.name);
    each_event(log, after, until, |recorded| {
        let events = [std::sync::Arc::new(recorded.clone())];
        let missing = fold.take(&events, Position(0));
        // Nothing is stored, so nothing can be unreadable.
        let _ = fold.load(missing.iter().map(|_| None).collect());
        fold.run(&events, &mut parked);
    })
    .await?;
    let drained = fold.drain();
    let mut documents =
        drained.map_err(|error| documents::Error::Invalid(error.to_string()))?.documents;
    documents.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(Replayed { documents, poisoned: parked.ids().iter().cloned().collect() })
}
