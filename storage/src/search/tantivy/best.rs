//! One pass over what matches: the first of an order after a cursor, how many there are, and how
//! many by facet.

use std::collections::{BTreeMap, BinaryHeap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentReader, TantivyError};

use super::super::distance::Near;
use super::super::{Sort, rank};
use super::schema;

/// Everything is ordered by a number, lowest first, and then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Of(Sort),
    Id,
}

pub(super) struct Best {
    pub(super) order: Order,
    pub(super) limit: usize,
    pub(super) after: Option<(u64, String)>,
    /// What is not near enough does not match.
    pub(super) near: Option<Near>,
    /// Columns whose values are counted.
    pub(super) facets: Vec<&'static str>,
}

#[derive(Default)]
pub(super) struct Matches {
    pub(super) first: Vec<Match>,
    pub(super) total: u64,
    /// One a facet, in their order.
    pub(super) counts: Vec<BTreeMap<String, u64>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    pub(super) rank: u64,
    pub(super) id: String,
    pub(super) address: DocAddress,
}

impl Collector for Best {
    type Fruit = Matches;
    type Child = InSegment;

    fn for_segment(&self, segment: u32, reader: &SegmentReader) -> tantivy::Result<InSegment> {
        let columns = reader.fast_fields();
        let ids = columns
            .str(schema::ID)?
            .ok_or_else(|| TantivyError::InternalError("segment has no ids".to_owned()))?;
        let after = match &self.after {
            None => None,
            Some((rank, id)) => Some((*rank, first_beyond(&ids, id)?)),
        };
        let ranks = match self.order {
            Order::Of(Sort::Relevance) => Ranks::Score(columns.f64(schema::FRESHNESS)?),
            Order::Of(Sort::Newest) => Ranks::Newest(columns.i64(schema::CREATED)?),
            Order::Of(Sort::PriceAscending) => Ranks::PriceAscending(columns.u64(schema::PRICE)?),
            Order::Of(Sort::PriceDescending) => Ranks::PriceDescending(columns.u64(schema::PRICE)?),
            Order::Of(Sort::Distance) => Ranks::Distance,
            Order::Id => Ranks::Same,
        };
        let distances = match self.near {
            None => None,
            Some(near) => Some(Distances {
                near,
                latitude: columns.i64(schema::LATITUDE)?,
                longitude: columns.i64(schema::LONGITUDE)?,
            }),
        };
        let counts = self
            .facets
            .iter()
            .map(|facet| Ok(columns.str(facet)?.map(Counts::new)))
            .collect::<tantivy::Result<_>>()?;
        let (limit, first) = (self.limit, BinaryHeap::new());
        Ok(InSegment { segment, ids, ranks, distances, after, limit, first, total: 0, counts })
    }

    fn requires_scoring(&self) -> bool {
        self.order == Order::Of(Sort::Relevance)
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<Matches>>) -> tantivy::Result<Matches> {
        let mut all = Matches::default();
        all.counts.resize_with(self.facets.len(), BTreeMap::new);
        for segment in segments {
            let segment = segment?;
            all.first.extend(segment.first);
            all.total = all.total.saturating_add(segment.total);
            for (sum, counts) in all.counts.iter_mut().zip(segment.counts) {
                for (value, count) in counts {
                    let sum = sum.entry(value).or_default();
                    *sum = sum.saturating_add(count);
                }
            }
        }
        all.first.sort_unstable();
        all.first.truncate(self.limit);
        Ok(all)
    }
}

/// Where the ids of a segment begin that come after `id`.
fn first_beyond(ids: &StrColumn, id: &str) -> tantivy::Result<u64> {
    let beyond = format!("{id}\0");
    let mut bounds = ids.dictionary().range().ge(beyond.as_bytes()).limit(1).into_stream()?;
    Ok(if bounds.advance() { bounds.term_ord() } else { u64::MAX })
}

enum Ranks {
    Score(Column<f64>),
    Newest(Column<i64>),
    PriceAscending(Column<u64>),
    PriceDescending(Column<u64>),
    Distance,
    Same,
}

struct Distances {
    near: Near,
    latitude: Column<i64>,
    longitude: Column<i64>,
}

impl Distances {
    fn metres_to(&self, document: DocId) -> Option<f64> {
        let latitude = i32::try_from(self.latitude.first(document)?).ok()?;
        let longitude = i32::try_from(self.longitude.first(document)?).ok()?;
        self.near.metres_to(latitude, longitude)
    }
}

pub(super) struct InSegment {
    segment: u32,
    ids: StrColumn,
    ranks: Ranks,
    distances: Option<Distances>,
    after: Option<(u64, u64)>,
    limit: usize,
    /// Rank, ordinal of the id, document: the worst on top.
    first: BinaryHeap<(u64, u64, DocId)>,
    total: u64,
    counts: Vec<Option<Counts>>,
}

impl InSegment {
    fn rank(&self, document: DocId, score: Score, metres: f64) -> u64 {
        match &self.ranks {
            // The bits of floats that are not negative sort as they do.
            Ranks::Score(freshness) => {
                let freshness = freshness.first(document).unwrap_or_default();
                u64::MAX - (f64::from(score.max(0.0)) * freshness).to_bits()
            }
            Ranks::Newest(created) => rank::newest(created.first(document).unwrap_or_default()),
            Ranks::PriceAscending(price) => price.first(document).unwrap_or_default(),
            Ranks::PriceDescending(price) => u64::MAX - price.first(document).unwrap_or_default(),
            Ranks::Distance => metres.to_bits(),
            Ranks::Same => 0,
        }
    }
}

impl SegmentCollector for InSegment {
    type Fruit = tantivy::Result<Matches>;

    fn collect(&mut self, document: DocId, score: Score) {
        let metres = match &self.distances {
            None => 0.0,
            Some(distances) => match distances.metres_to(document) {
                None => return,
                Some(metres) => metres,
            },
        };
        self.total = self.total.saturating_add(1);
        for counts in self.counts.iter_mut().flatten() {
            counts.count(document);
        }
        let rank = self.rank(document, score, metres);
        // Most documents are beyond the page: then the id need not be read.
        let is_full = self.first.len() >= self.limit;
        let worst = if is_full { self.first.peek().copied() } else { None };
        if worst.is_some_and(|(worst, ..)| worst < rank) {
            return;
        }
        let id = self.ids.ords().first(document).unwrap_or_default();
        if self.after.is_some_and(|(last, first_id)| rank < last || rank == last && id < first_id)
            || worst.is_some_and(|worst| worst < (rank, id, document))
        {
            return;
        }
        self.first.push((rank, id, document));
        if is_full {
            self.first.pop();
        }
    }

    fn harvest(self) -> tantivy::Result<Matches> {
        let mut first = Vec::with_capacity(self.first.len());
        for (rank, ordinal, document) in self.first {
            let mut id = String::new();
            self.ids.ord_to_str(ordinal, &mut id)?;
            first.push(Match { rank, id, address: DocAddress::new(self.segment, document) });
        }
        let counts = self
            .counts
            .into_iter()
            .map(|counts| counts.map_or_else(|| Ok(BTreeMap::new()), Counts::by_value));
        let counts = counts.collect::<tantivy::Result<_>>()?;
        Ok(Matches { first, total: self.total, counts })
    }
}

struct Counts {
    column: StrColumn,
    by_ordinal: Vec<u64>,
}

impl Counts {
    fn new(column: StrColumn) -> Self {
        let by_ordinal = vec![0; column.num_terms()];
        Self { column, by_ordinal }
    }

    fn count(&mut self, document: DocId) {
        for ordinal in self.column.ords().values_for_doc(document) {
            let count = usize::try_from(ordinal).ok().and_then(|n| self.by_ordinal.get_mut(n));
            if let Some(count) = count {
                *count = count.saturating_add(1);
            }
        }
    }

    fn by_value(self) -> tantivy::Result<BTreeMap<String, u64>> {
        let counted = || (0..).zip(&self.by_ordinal).filter(|(_, count)| **count > 0);
        let ordinals: Vec<u64> = counted().map(|(ordinal, _)| ordinal).collect();
        let mut values = Vec::with_capacity(ordinals.len());
        self.column.dictionary().sorted_ords_to_term_cb(&ordinals, |value| {
            values.push(String::from_utf8_lossy(value).into_owned());
        })?;
        Ok(values.into_iter().zip(counted().map(|(_, count)| *count)).collect())
    }
}
