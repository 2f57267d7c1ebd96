//! Give a category another name.

use events_schema::category::Renamed;

use super::{Category, Event, Rejection};
use crate::text::Name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    pub name: Name,
}

pub(super) fn decide(
    category: &Category,
    Rename { name }: Rename,
) -> Result<Vec<Event>, Rejection> {
    match category {
        Category::Absent => Err(Rejection::NotFound),
        Category::Active(node) | Category::Retired(node) if node.name == name => Ok(vec![]),
        Category::Retired(_) => Err(Rejection::Retired),
        Category::Active(node) => Ok(vec![Renamed { category_id: node.category_id, name }.into()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::category::Command;
    use crate::category::testing::{NOTHING, created, name, renamed, retired};
    use crate::testing::given;

    fn rename(to: u128) -> Command {
        Command::Rename(Rename { name: name(to) })
    }

    #[test]
    fn renames_a_category() {
        given::<Category>([created(1, &[])]).when(rename(2)).then([renamed(1, 2)]);
    }

    #[test]
    fn does_nothing_when_it_has_that_name() {
        given::<Category>([created(1, &[])]).when(rename(1)).then_nothing();
        given::<Category>([created(1, &[]), renamed(1, 2)]).when(rename(2)).then_nothing();
        given::<Category>([created(1, &[]), retired(1), renamed(1, 2)])
            .when(rename(2))
            .then_nothing();
    }

    #[test]
    fn refuses_a_category_that_is_absent_or_retired() {
        given::<Category>(NOTHING).when(rename(2)).then_rejected(Rejection::NotFound);
        given::<Category>([created(1, &[]), retired(1)])
            .when(rename(2))
            .then_rejected(Rejection::Retired);
    }
}
