//! Views by command: folded for a look, built anew, and listed where they are stuck.

use projector::registry::VIEWS;
use serde_json::{Value, json};
use storage::documents::{self, PAGE_MAX};
use tests::program::{imported, run};

/// What is stored of each view, and in which generation.
async fn stored(data: &str) -> Vec<(u32, Vec<Value>)> {
    let store = documents::open(&format!("sqlite:{data}/documents.db")).await.unwrap();
    let mut views = vec![];
    for view in VIEWS {
        let collection = (view.collection)();
        let generation = store.serving(collection).await.unwrap().unwrap();
        let page = store.scan(collection, generation, None, PAGE_MAX).await.unwrap();
        let documents = page.into_iter().map(|document| {
            let body = document.body.map(|body| serde_json::from_slice::<Value>(&body).unwrap());
            json!({ "id": document.id, "position": document.position, "body": body })
        });
        views.push((generation.0, documents.collect()));
    }
    views
}

#[tokio::test]
async fn a_replay_gives_the_documents_that_are_stored() {
    let (_folder, data) = imported().await;
    for (view, (_, documents)) in VIEWS.iter().zip(stored(&data).await) {
        let mut replayed = run(&["replay", view.name, "--data", &data, "--json"]).await.well();
        assert_eq!((&replayed["view"], &replayed["poisoned"]), (&json!(view.name), &json!([])));
        let mut replayed: Vec<Value> =
            serde_json::from_value(replayed["documents"].take()).unwrap();
        replayed.sort_by(|one, next| one["id"].as_str().cmp(&next["id"].as_str()));
        assert_eq!(replayed, documents, "{}", view.name);
    }
}

#[tokio::test]
async fn a_replay_ends_where_it_is_told() {
    let (_folder, data) = imported().await;
    let words = ["replay", "checkout", "--until", "60", "--data", &data, "--json"];
    let early = run(&words).await.well();
    let early = early["documents"].as_array().unwrap();
    assert!(!early.is_empty() && early.len() < 15, "{}", early.len());
    assert!(early.iter().all(|document| document["position"].as_u64().unwrap() <= 60));
}

#[tokio::test]
async fn a_rebuild_switches_to_documents_that_are_the_same() {
    let (_folder, data) = imported().await;
    let before = stored(&data).await;
    let rebuilt = run(&["rebuild", "--data", &data, "--json"]).await.well();
    assert_eq!(rebuilt["rebuilt"].as_array().unwrap().len(), VIEWS.len());
    let after = stored(&data).await;
    for (view, ((old, was), (new, is))) in VIEWS.iter().zip(before.iter().zip(&after)) {
        assert!(new > old, "{} stayed at {old}", view.name);
        assert_eq!(is, was, "{}", view.name);
    }
    let one = run(&["rebuild", "order", "--data", &data, "--json"]).await.well();
    assert_eq!(one["rebuilt"].as_array().unwrap().len(), 1);
    assert_eq!(run(&["verify", "--data", &data, "--json"]).await.well()["findings"], json!([]));
    let parked = run(&["parked", "list", "--data", &data, "--json"]).await.well();
    assert_eq!(parked, json!({ "parked": [] }));
}
