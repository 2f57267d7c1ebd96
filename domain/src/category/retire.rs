//! Retire a category. What stands in it stays there.

use events_schema::category::Retired;

use super::{Category, Event, Rejection};

pub(super) fn decide(category: &Category) -> Result<Vec<Event>, Rejection> {
    match category {
        Category::Absent => Err(Rejection::NotFound),
        Category::Retired(_) => Ok(vec![]),
        Category::Active(node) => Ok(vec![Retired { category_id: node.category_id }.into()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::category::Command;
    use crate::category::testing::{NOTHING, created, retired};
    use crate::testing::given;

    #[test]
    fn retires_a_category_once() {
        given::<Category>([created(1, &[])]).when(Command::Retire).then([retired(1)]);
        given::<Category>([created(1, &[]), retired(1)]).when(Command::Retire).then_nothing();
    }

    #[test]
    fn refuses_a_category_that_does_not_exist() {
        given::<Category>(NOTHING).when(Command::Retire).then_rejected(Rejection::NotFound);
    }
}
