//! Documents and how far their view has got. All reads of views go through here.

use std::fmt;

use edge::headers::place::Place;
use edge::problem::{Code, Problem};
use events_schema::envelope::{Epoch, Position};
use projector::progress::ViewState;
use projector::view::View;
use serde::de::DeserializeOwned;
use storage::documents::{Direction, Find, Generation, Key, PAGE_MAX, Stored};

use crate::basis::Standing;
use crate::failure;
use crate::page::{self, List, Page};
use crate::place;
use crate::state::Queries;

/// The most documents of an answer that is not paged.
const ALL_MAX: usize = 20_000;

/// A document, the position of its last event, and where its view (or the past) stands.
pub(crate) struct Read<V: View> {
    pub(crate) document: V::Document,
    pub(crate) position: Position,
    pub(crate) place: Place,
}

impl<V: View> fmt::Debug for Read<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Read").field("document", &self.document).finish_non_exhaustive()
    }
}

impl<V: View> Read<V> {
    /// Where its last event stands: it changes whenever the document does, and only then.
    pub(crate) const fn written(&self) -> Place {
        Place { epoch: self.place.epoch, position: self.position }
    }
}

impl Queries {
    fn view<V: View>(&self) -> Result<ViewState, Problem> {
        let state = self.views().state(V::NAME).ok_or_else(Problem::internal)?;
        if state.epoch == Epoch(0) {
            return Err(Problem::new(Code::Unavailable, "the view has not started yet"));
        }
        Ok(state)
    }

    /// The generation of its documents, and of its index.
    pub(crate) fn generation<V: View>(&self) -> Result<Generation, Problem> {
        Ok(self.view::<V>()?.generation)
    }

    /// Where the view stands, once it has got to `least`.
    ///
    /// # Errors
    /// 412: it does not get there in time, or the position is of another epoch.
    pub(crate) async fn reach<V: View>(&self, least: Option<Place>) -> Result<Place, Problem> {
        Ok(self.standing::<V>(least).await?.place())
    }

    /// How the view stands, once it has got to `least`: what an answer that is kept rests on.
    ///
    /// # Errors
    /// As [`Self::reach`].
    pub(crate) async fn standing<V: View>(
        &self,
        least: Option<Place>,
    ) -> Result<Standing, Problem> {
        let state = self.view::<V>()?;
        let here = Standing::from(&state);
        let Some(least) = least else { return Ok(here) };
        let position = place::same_epoch(least, state.epoch)?;
        if position <= state.position {
            return Ok(here);
        }
        let waited = self.views().wait_until(V::NAME, position, self.config().view_wait).await;
        let reached = |position| Place { position, ..here.place() };
        waited.map_err(|behind| place::behind(reached(behind.position)))?;
        let state = self.view::<V>()?;
        place::same_epoch(least, state.epoch)?;
        Ok(Standing::from(&state))
    }

    /// Every document of the view holds: what is added up over all of them may be told.
    ///
    /// # Errors
    /// 503 `view_parked` where one does not.
    pub(crate) fn whole<V: View>(&self) -> Result<(), Problem> {
        let state = self.view::<V>()?;
        state.parked.iter().next().map_or(Ok(()), |id| self.fit::<V>(id))
    }

    /// One document as it stands. `place` is what [`Self::reach`] gave.
    ///
    /// # Errors
    /// 503 `view_parked` where an event did not fit it.
    pub(crate) async fn document<V: View>(
        &self,
        id: &str,
        place: Place,
    ) -> Result<Option<Read<V>>, Problem> {
        self.fit::<V>(id)?;
        let stored = self.documents::<V>(&[id]).await?.pop().flatten();
        let Some(stored) = stored else { return Ok(None) };
        let position = stored.position;
        let document = decode(stored)?;
        Ok(document.map(|document| Read { document, position, place }))
    }

    fn fit<V: View>(&self, id: &str) -> Result<(), Problem> {
        if self.views().is_parked(V::NAME, id) {
            let detail = "what is known of it contradicts itself; somebody is looking at it";
            return Err(Problem::new(Code::ViewParked, detail));
        }
        Ok(())
    }

    /// These documents, in their order, those that are parked or gone left out: one round trip.
    pub(crate) async fn several<V: View>(
        &self,
        ids: &[String],
    ) -> Result<Vec<V::Document>, Problem> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let stored = self.documents::<V>(&ids).await?.into_iter().flatten();
        let fitting = stored.filter(|stored| !self.views().is_parked(V::NAME, &stored.id));
        fitting.filter_map(|stored| decode(stored).transpose()).collect()
    }

    async fn documents<V: View>(&self, ids: &[&str]) -> Result<Vec<Option<Stored>>, Problem> {
        let generation = self.generation::<V>()?;
        let got = self.store().get(V::collection(), generation, ids).await;
        got.map_err(failure::documents)
    }

    /// One page of an index. A parked document shows what was known before it was parked.
    pub(crate) async fn find<V: View>(
        &self,
        find: &Find<'_>,
    ) -> Result<Vec<(Key, V::Document)>, Problem> {
        let generation = self.generation::<V>()?;
        let found = self.store().find(V::collection(), generation, find).await;
        let found = found.map_err(failure::documents)?.into_iter();
        let read = found.filter_map(|found| {
            decode(found.document).map(|body| body.map(|body| (found.key, body))).transpose()
        });
        read.collect()
    }

    /// Every document that an index has under these values.
    ///
    /// # Errors
    /// 500 where there are more than [`ALL_MAX`], of which a part would be told as the whole.
    pub(crate) async fn find_all<V: View>(
        &self,
        index: &str,
        equals: &[&str],
    ) -> Result<Vec<V::Document>, Problem> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let (direction, limit) = (Direction::Ascending, PAGE_MAX);
            let find = Find { index, equals, direction, after, limit };
            let page = self.find::<V>(&find).await?;
            let is_last = page.len() < PAGE_MAX;
            after = page.last().map(|(key, _)| key.clone());
            all.extend(page.into_iter().map(|(_, document)| document));
            if is_last {
                return Ok(all);
            }
            if all.len() >= ALL_MAX {
                tracing::error!(
                    view = V::NAME,
                    index,
                    "there are too many documents for one answer"
                );
                return Err(Problem::internal());
            }
        }
    }

    /// One page of a list as it is answered.
    pub(crate) async fn page<V: View, T: From<V::Document>>(
        &self,
        list: &List<'_>,
        asked: &page::Asked,
    ) -> Result<Page<T>, Problem> {
        let (documents, next_cursor) = self.documents_page::<V>(list, asked).await?;
        Ok(Page { items: documents.into_iter().map(T::from).collect(), next_cursor })
    }

    /// The documents of one page, and the cursor of the next.
    pub(crate) async fn documents_page<V: View>(
        &self,
        list: &List<'_>,
        asked: &page::Asked,
    ) -> Result<(Vec<V::Document>, Option<String>), Problem> {
        let find = Find {
            index: list.index,
            equals: list.equals,
            direction: list.direction,
            after: asked.after(self.edge(), list.name)?,
            limit: asked.limit.saturating_add(1),
        };
        let mut found = self.find::<V>(&find).await?;
        let more = found.len() > asked.limit;
        found.truncate(asked.limit);
        let last = found.last().filter(|_| more).map(|(key, _)| key.clone());
        let cursor = last.map(|key| page::cursor(self.edge(), list.name, key)).transpose()?;
        Ok((found.into_iter().map(|(_, document)| document).collect(), cursor))
    }
}

fn decode<D: DeserializeOwned>(stored: Stored) -> Result<Option<D>, Problem> {
    let read = stored.body.map(|body| serde_json::from_slice(&body)).transpose();
    read.map_err(|error| failure::bug(&error))
}
