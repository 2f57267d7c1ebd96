//! The law of one like, whatever is asked of it.

use domain::decider::Decider;
use domain::ids::{ListingId, PersonId, SellerId};
use domain::like::{Command, Event, Give, Like, Subject};
use domain::listing::Rejection;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use uuid::Uuid;

use crate::for_all;

fn any() -> impl Strategy<Value = Command> {
    let nil = Uuid::nil();
    let subject = Subject {
        listing_id: ListingId::new(nil),
        seller_id: SellerId::new(nil),
        person_id: PersonId::new(nil),
    };
    let offered = prop_oneof![Just(Ok(())), Just(Err(Rejection::NotOnSale))];
    prop_oneof![
        offered.prop_map(move |offered| Command::Give(Give { subject, owner_id: None, offered })),
        Just(Command::TakeBack),
    ]
}

#[test]
fn a_like_is_given_and_taken_back_by_turns() {
    for_all(300, &vec(any(), 0..30), |commands| {
        let (mut like, mut history) = (Like::default(), vec![]);
        for command in commands {
            for event in like.decide(command).unwrap_or_default() {
                like = like.evolve(&event);
                history.push(event);
            }
        }
        for (turn, event) in history.iter().enumerate() {
            assert_eq!(matches!(event, Event::Given(_)), turn % 2 == 0, "{history:?}");
        }
        assert_eq!(matches!(like, Like::Given(_)), history.len() % 2 == 1);
        assert_eq!(domain::decider::replay::<Like>(&history), like);
        Ok(())
    });
}
