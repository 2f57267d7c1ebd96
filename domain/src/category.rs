//! A category: a node of a tree of at most three levels.
//!
//! ```text
//! Absent ──create──▶ Active ──retire──▶ Retired
//!                    (rename)
//! ```

mod create;
mod rename;
mod retire;
#[cfg(test)]
mod testing;

use events_schema::stream::StreamId;

use crate::decider::{Decider, Refusal, RefusalKind};
use crate::ids::CategoryId;
use crate::text::Name;

pub use create::Create;
pub use events_schema::category::Event;
pub use rename::Rename;

/// Levels of the tree (B5).
pub const LEVELS_MAX: usize = 3;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Category {
    #[default]
    Absent,
    Active(Node),
    /// Takes no new listings and no new children.
    Retired(Node),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub category_id: CategoryId,
    pub name: Name,
    /// From the root down, without this one.
    pub ancestors: Vec<CategoryId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Create(Create),
    Rename(Rename),
    Retire,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("category does not exist")]
    NotFound,
    #[error("category already exists, with another name or place")]
    AlreadyExists,
    #[error("parent category does not exist")]
    ParentNotFound,
    #[error("category is retired")]
    Retired,
    #[error("parent category is retired")]
    ParentRetired,
    #[error("categories have at most {LEVELS_MAX} levels")]
    TooDeep,
}

impl Refusal for Rejection {
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "category_not_found",
            Self::AlreadyExists => "category_already_exists",
            Self::ParentNotFound => "category_parent_not_found",
            Self::Retired => "category_retired",
            Self::ParentRetired => "category_parent_retired",
            Self::TooDeep => "category_too_deep",
        }
    }

    fn kind(&self) -> RefusalKind {
        match self {
            Self::NotFound => RefusalKind::Absent,
            Self::AlreadyExists => RefusalKind::Conflict,
            Self::ParentNotFound | Self::Retired | Self::ParentRetired | Self::TooDeep => {
                RefusalKind::Rule
            }
        }
    }
}

impl Category {
    fn node(self) -> Option<Node> {
        match self {
            Self::Absent => None,
            Self::Active(node) | Self::Retired(node) => Some(node),
        }
    }
}

impl Decider for Category {
    type Id = CategoryId;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn stream(id: CategoryId) -> StreamId {
        StreamId::Category(id)
    }

    fn own(event: events_schema::Event) -> Option<Event> {
        if let events_schema::Event::Category(event) = event { Some(event) } else { None }
    }

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Create(create) => create::decide(self, create),
            Command::Rename(rename) => rename::decide(self, rename),
            Command::Retire => retire::decide(self),
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Created(created) => Self::Active(Node {
                category_id: created.category_id,
                name: created.name.clone(),
                ancestors: created.ancestors.clone(),
            }),
            Event::Renamed(renamed) => match self {
                Self::Absent => Self::Absent,
                Self::Active(node) => Self::Active(Node { name: renamed.name.clone(), ..node }),
                Self::Retired(node) => Self::Retired(Node { name: renamed.name.clone(), ..node }),
            },
            Event::Retired(_) => self.node().map_or(Self::Absent, Self::Retired),
        }
    }
}
