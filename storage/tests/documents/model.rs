//! Random puts and finds against a model in memory.

use std::collections::BTreeMap;

use events_schema::time::Timestamp;
use storage::documents::{Direction, Find, Key, SharedDocuments, SortValue, Stored};
use storage::world::World;

use super::contract::{ORDERS, a_document, a_tombstone, declared, g};

const SELLERS: [&str; 3] = ["s0", "s1", "가"];

/// Seller and time: where a live document stands in `by_seller`.
type Place = Option<(&'static str, u64)>;

/// What a store should hold.
#[derive(Default)]
struct Model(BTreeMap<String, (Stored, Place)>);

fn random(world: &World, below: u64) -> u64 {
    let mut bytes = [0; 8];
    world.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

impl Model {
    fn put(&mut self, document: Stored, place: Place) {
        let known = self.0.get(&document.id);
        if known.is_none_or(|(known, _)| known.position < document.position) {
            self.0.insert(document.id.clone(), (document, place));
        }
    }

    fn find(&self, seller: &str, direction: Direction) -> Vec<(u64, String)> {
        let of_seller = |(id, (_, place)): (&String, &(Stored, Place))| {
            place.filter(|(of, _)| *of == seller).map(|(_, placed)| (placed, id.clone()))
        };
        let mut found: Vec<_> = self.0.iter().filter_map(of_seller).collect();
        found.sort();
        if direction == Direction::Descending {
            found.reverse();
        }
        found
    }
}

fn a_change(world: &World) -> (Stored, Place) {
    let id = format!("o{:02}", random(world, 40));
    let position = random(world, 500);
    if random(world, 5) == 0 {
        return (a_tombstone(&id, position), None);
    }
    let seller = SELLERS[usize::try_from(random(world, 3)).unwrap()];
    let placed = random(world, 6);
    (a_document(&id, position, seller, placed), Some((seller, placed)))
}

async fn find(
    documents: &SharedDocuments,
    seller: &str,
    direction: Direction,
    limit: usize,
) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut after: Option<Key> = None;
    loop {
        let find = Find { index: "by_seller", equals: &[seller], direction, after, limit };
        let page = documents.find(&ORDERS, g(1), &find).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.key.clone());
        all.extend(page.into_iter().map(|found| match found.key.sort {
            SortValue::Integer(placed) => (u64::try_from(placed).unwrap(), found.key.id),
            SortValue::Text(text) => panic!("text {text}"),
        }));
    }
}

pub(crate) async fn a_store_holds_what_its_model_holds(documents: SharedDocuments) {
    let documents = declared(documents).await;
    let world = World::simulated(20_261_121, Timestamp::EPOCH);
    let mut model = Model::default();
    for round in 0..60 {
        let changes: Vec<_> = (0..random(&world, 20)).map(|_| a_change(&world)).collect();
        let batch: Vec<Stored> = changes.iter().map(|(document, _)| document.clone()).collect();
        documents.put(&ORDERS, g(1), &batch, None).await.unwrap();
        changes.into_iter().for_each(|(document, place)| model.put(document, place));

        let expected: Vec<Stored> = model.0.values().map(|(stored, _)| stored.clone()).collect();
        let stored = documents.scan(&ORDERS, g(1), None, 1_000).await.unwrap();
        assert_eq!(stored, expected, "round {round}");
        for direction in [Direction::Ascending, Direction::Descending] {
            let limit = usize::try_from(1 + random(&world, 9)).unwrap();
            for seller in SELLERS {
                let found = find(&documents, seller, direction, limit).await;
                assert_eq!(found, model.find(seller, direction), "round {round}");
            }
        }
    }
}
