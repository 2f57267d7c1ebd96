//! Lists by page: where one ends, the next begins, however many are added meanwhile.

use edge::problem::Problem;
use edge::state::Edge;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storage::documents::{Direction, Key, SortValue};

use crate::params::Params;

const USUAL: usize = 20;
pub(crate) const MOST: usize = 100;

/// Items and how to go on.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    /// Give it as `cursor` to get the next page; absent after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

/// Which page of which list. The list's name holds its filters: a cursor of one does not fit
/// another.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) limit: usize,
    pub(crate) cursor: Option<String>,
}

/// A list in the order of one index.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    /// Names list and filters.
    pub(crate) name: &'a str,
    pub(crate) index: &'a str,
    pub(crate) equals: &'a [&'a str],
    pub(crate) direction: Direction,
}

/// What a cursor says.
#[derive(Debug, Deserialize, Serialize)]
struct Mark {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    id: String,
}

impl Asked {
    /// Reads `limit` and `cursor`.
    pub(crate) fn read(params: &mut Params) -> Result<Self, Problem> {
        Ok(Self { limit: params.limit(USUAL, MOST)?, cursor: params.text("cursor")? })
    }

    pub(crate) fn after(&self, edge: &Edge, list: &str) -> Result<Option<Key>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let mark: Mark = edge.cursors().open(list, cursor)?;
        let sort = match (mark.number, mark.text) {
            (Some(number), _) => SortValue::Integer(number),
            (None, text) => SortValue::Text(text.unwrap_or_default()),
        };
        Ok(Some(Key { sort, id: mark.id }))
    }
}

pub(crate) fn cursor(edge: &Edge, list: &str, key: Key) -> Result<String, Problem> {
    let (number, text) = match key.sort {
        SortValue::Integer(number) => (Some(number), None),
        SortValue::Text(text) => (None, Some(text)),
    };
    edge.cursors().seal(list, &Mark { number, text, id: key.id })
}
