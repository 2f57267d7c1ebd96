//! The past of one document: a prefix of the log, found by the trail, folded by the view's own code.

use edge::headers::place::Place;
use edge::problem::{Code, Problem};
use events_schema::Event;
use events_schema::envelope::{Position, Recorded};
use events_schema::time::Timestamp;
use projector::view::{Stored, View, apply_once};
use projector::views::trail::{Subject, Trail};

use crate::access;
use crate::failure;
use crate::params::{Params, invalid};
use crate::place::behind;
use crate::read::Read;
use crate::state::Queries;

/// The most events that are decoded and folded between two reads of the log.
const FOLDED_AT_ONCE: usize = 128;

/// Which past is asked for; at least one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    prefix: Prefix,
    /// Only what happened until then.
    valid_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prefix {
    /// What has been recorded until now.
    All,
    RecordedUntil(Timestamp),
    Through(Position),
}

/// What a prefix of the log makes of a document.
#[derive(Debug)]
pub(crate) struct Past<V: View> {
    pub(crate) document: Option<Read<V>>,
    pub(crate) place: Place,
}

impl<V: View> Past<V> {
    /// # Errors
    /// 404 where there was none.
    pub(crate) fn present(self) -> Result<Read<V>, Problem> {
        self.document.ok_or_else(access::absent)
    }
}

impl Asked {
    /// Reads `as_of`, `as_of_position` and `valid_at`; `None` where the present is asked for.
    ///
    /// # Errors
    /// 400: one cannot be read, or both of the first two are given.
    pub(crate) fn read(params: &mut Params) -> Result<Option<Self>, Problem> {
        let as_of = params.value::<Timestamp>("as_of")?;
        let as_of_position = params.value::<u64>("as_of_position")?;
        let valid_at = params.value::<Timestamp>("valid_at")?;
        let prefix = match (as_of, as_of_position) {
            (Some(_), Some(_)) => {
                return Err(invalid("as_of_position", "does not go with as_of: give one of them"));
            }
            (Some(as_of), None) => Prefix::RecordedUntil(as_of),
            (None, Some(position)) => Prefix::Through(Position(position)),
            (None, None) => Prefix::All,
        };
        let present = prefix == Prefix::All && valid_at.is_none();
        Ok(if present { None } else { Some(Self { prefix, valid_at }) })
    }

    /// The prefix of the log that is meant, settled for ever.
    async fn resolve(&self, queries: &Queries) -> Result<Place, Problem> {
        let now = queries.edge().world().now();
        if self.valid_at.is_some_and(|at| at > now) {
            return Err(invalid("valid_at", "lies in the future"));
        }
        let head = queries.log().head().await.map_err(failure::log)?;
        let position = match self.prefix {
            Prefix::All => head.position,
            Prefix::RecordedUntil(at) if at > now => {
                return Err(invalid("as_of", "lies in the future"));
            }
            Prefix::RecordedUntil(at) => {
                queries.log().position_at(at).await.map_err(failure::log)?
            }
            Prefix::Through(position) if position > head.position => {
                let detail = format!("is beyond the head, which is {}", head.position);
                return Err(invalid("as_of_position", detail));
            }
            Prefix::Through(position) => position,
        };
        Ok(Place { epoch: head.epoch, position })
    }

    /// The document as the prefix makes it.
    ///
    /// # Errors
    /// 400 for a future; 412 where the trail is too far behind; 422
    /// where what had happened by then does not fit together.
    pub(crate) async fn read_past<V: View>(
        &self,
        queries: &Queries,
        subject: Subject,
        key: &V::Key,
    ) -> Result<Past<V>, Problem> {
        let place = self.resolve(queries).await?;
        let trail = queries.reach::<Trail>(None).await?;
        if trail.epoch != place.epoch {
            return Err(behind(trail));
        }
        queries.reach::<Trail>(Some(place)).await?;
        let generation = queries.generation::<Trail>()?;
        let positions =
            projector::history::positions(queries.store(), generation, subject, place.position);
        let positions = positions.await.map_err(failure::documents)?;
        let mut stored = Stored::default();
        let mut rest = positions.as_slice();
        while !rest.is_empty() {
            let next = rest.get(..FOLDED_AT_ONCE).unwrap_or(rest);
            let events = queries.log().read_at(next).await.map_err(failure::log)?;
            rest = rest.get(events.len()..).unwrap_or_default();
            for recorded in events {
                let recorded = recorded.decode().map_err(|error| failure::bug(&error))?;
                if self.holds(&recorded) && V::keys(&recorded).contains(key) {
                    stored = apply_once::<V>(stored, key, &recorded).map_err(|poison| {
                        let what = format!("what had happened by then does not fit: {}", poison.0);
                        Problem::new(Code::PastUnclear, what)
                    })?;
                }
            }
        }
        let Stored { document, position } = stored;
        let document = document.map(|document| Read { document, position, place });
        Ok(Past { document, place })
    }

    fn holds(&self, recorded: &Recorded<Event>) -> bool {
        self.valid_at.is_none_or(|at| recorded.meta.occurred_at <= at)
    }
}
