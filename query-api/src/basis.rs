//! What an answer rests on: views, and how they stand. While that stays the same, so does the answer.

use std::fmt;

use edge::headers::conditional::ETag;
use edge::headers::place::Place;
use events_schema::envelope::{Epoch, Position, Version};
use projector::progress::ViewState;
use storage::documents::Generation;

/// How one view stands. Whatever changes what may be read of it changes this: an event, a rebuild, a
/// document that is parked or mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Standing {
    epoch: Epoch,
    position: Position,
    generation: Generation,
    parked: usize,
}

/// One view, or two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Basis {
    one: Standing,
    other: Option<Standing>,
}

impl Standing {
    pub(crate) const fn place(&self) -> Place {
        Place { epoch: self.epoch, position: self.position }
    }

    pub(crate) const fn and(self, other: Self) -> Basis {
        Basis { one: self, other: Some(other) }
    }
}

impl Basis {
    /// Up to where an answer has seen everything: the earlier place of both.
    pub(crate) fn place(&self) -> Place {
        let other = self.other.map(|other| other.place());
        other.map_or(self.one.place(), |other| other.min(self.one.place()))
    }

    /// Of a list, which has no version of its own: it may change whenever one of its views moves on.
    pub(crate) fn tag(&self) -> ETag {
        let later = self.other.map(|other| other.position.max(self.one.position));
        ETag { version: Version(later.unwrap_or_default().0), place: self.place() }
    }
}

impl From<&ViewState> for Standing {
    fn from(state: &ViewState) -> Self {
        Self {
            epoch: state.epoch,
            position: state.position,
            generation: state.generation,
            parked: state.parked.len(),
        }
    }
}

impl From<Standing> for Basis {
    fn from(one: Standing) -> Self {
        Self { one, other: None }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, parked, .. } = self;
        write!(f, "{}.{}.{parked}", self.place(), generation.0)
    }
}

/// As part of a key.
impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.one)?;
        self.other.map_or(Ok(()), |other| write!(f, "+{other}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: u64, parked: usize) -> Standing {
        let (epoch, generation) = (Epoch(1), Generation(2));
        Standing { epoch, position: Position(position), generation, parked }
    }

    #[test]
    fn what_rests_on_two_views_is_as_old_as_the_older() {
        for basis in [at(7, 0).and(at(9, 0)), at(9, 0).and(at(7, 0))] {
            assert_eq!(basis.place().position, Position(7));
        }
    }

    #[test]
    fn a_list_of_two_views_has_another_tag_when_either_moves() {
        let tag = |one, other| at(one, 0).and(at(other, 0)).tag();
        assert_ne!(tag(5, 6), tag(5, 9));
        assert_ne!(tag(5, 6), tag(6, 6));
        assert_eq!(
            Basis::from(at(5, 0)).tag(),
            crate::answer::Answer::tag_of_list(at(5, 0).place())
        );
    }

    #[test]
    fn whatever_changes_what_is_read_is_another_basis_and_another_key() {
        let bases: [Basis; 7] = [
            at(7, 0).into(),
            at(7, 1).into(),
            at(8, 0).into(),
            at(7, 0).and(at(7, 0)),
            at(7, 0).and(at(8, 0)),
            Standing { epoch: Epoch(2), ..at(7, 0) }.into(),
            Standing { generation: Generation(3), ..at(7, 0) }.into(),
        ];
        for (number, one) in bases.iter().enumerate() {
            for other in &bases[number + 1..] {
                assert!(one != other && one.to_string() != other.to_string(), "{one} {other}");
            }
        }
    }
}
