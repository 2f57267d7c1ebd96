//! Create a category, at the root or below a parent.

use events_schema::category::Created;

use super::{Category, Event, LEVELS_MAX, Node, Rejection};
use crate::ids::CategoryId;
use crate::text::Name;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    pub category_id: CategoryId,
    pub name: Name,
    /// The parent as it was read; `None` for a root.
    pub parent: Option<Category>,
}

pub(super) fn decide(category: &Category, command: Create) -> Result<Vec<Event>, Rejection> {
    let Create { category_id, name, parent } = command;
    if let Category::Active(node) | Category::Retired(node) = category {
        let same = node.name == name && node.ancestors.last() == parent.and_then(id_of).as_ref();
        return if same { Ok(vec![]) } else { Err(Rejection::AlreadyExists) };
    }
    let ancestors = match parent {
        None => vec![],
        Some(Category::Absent) => return Err(Rejection::ParentNotFound),
        Some(Category::Retired(_)) => return Err(Rejection::ParentRetired),
        Some(Category::Active(Node { category_id, mut ancestors, .. })) => {
            ancestors.push(category_id);
            ancestors
        }
    };
    if ancestors.len() >= LEVELS_MAX {
        return Err(Rejection::TooDeep);
    }
    Ok(vec![Created { category_id, name, ancestors }.into()])
}

fn id_of(category: Category) -> Option<CategoryId> {
    category.node().map(|node| node.category_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::category::Command;
    use crate::category::testing::{NOTHING, active, category_id, created, name, retired};
    use crate::testing::given;

    fn create(n: u128, parent: Option<Category>) -> Command {
        Command::Create(Create { category_id: category_id(n), name: name(n), parent })
    }

    #[test]
    fn creates_a_root_a_child_and_a_grandchild() {
        given::<Category>(NOTHING).when(create(1, None)).then([created(1, &[])]);
        given::<Category>(NOTHING).when(create(2, Some(active(1, &[])))).then([created(2, &[1])]);
        given::<Category>(NOTHING)
            .when(create(3, Some(active(2, &[1]))))
            .then([created(3, &[1, 2])]);
    }

    #[test]
    fn does_nothing_when_already_created_there() {
        given::<Category>([created(2, &[1])]).when(create(2, Some(active(1, &[])))).then_nothing();
        given::<Category>([created(2, &[1]), retired(2)])
            .when(create(2, Some(active(1, &[]))))
            .then_nothing();
    }

    #[test]
    fn refuses_another_name_or_place() {
        given::<Category>([created(2, &[1])])
            .when(create(2, None))
            .then_rejected(Rejection::AlreadyExists);
        let renamed = Create { category_id: category_id(2), name: name(9), parent: None };
        given::<Category>([created(2, &[])])
            .when(Command::Create(renamed))
            .then_rejected(Rejection::AlreadyExists);
    }

    #[test]
    fn refuses_a_parent_that_takes_no_children() {
        given::<Category>(NOTHING)
            .when(create(2, Some(Category::Absent)))
            .then_rejected(Rejection::ParentNotFound);
        let parent = given::<Category>([created(1, &[]), retired(1)]).0;
        given::<Category>(NOTHING)
            .when(create(2, Some(parent)))
            .then_rejected(Rejection::ParentRetired);
    }

    #[test]
    fn refuses_a_fourth_level() {
        given::<Category>(NOTHING)
            .when(create(4, Some(active(3, &[1, 2]))))
            .then_rejected(Rejection::TooDeep);
    }

    #[test]
    fn refuses_existence_before_state_before_depth() {
        let parent = given::<Category>([created(3, &[1, 2]), retired(3)]).0;
        given::<Category>([created(4, &[])])
            .when(create(4, Some(parent.clone())))
            .then_rejected(Rejection::AlreadyExists);
        given::<Category>(NOTHING)
            .when(create(4, Some(parent)))
            .then_rejected(Rejection::ParentRetired);
    }
}
