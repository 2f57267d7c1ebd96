//! What becomes of bulks, by a server that answers each as a test says.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::{Value, json};
use storage::search::{Entry, Error, Fields, SharedSearch, open};

use super::{answer, fake};
use crate::contract::{an_entry, fields, g};

const BULK_ENTRIES_MAX: usize = 1_000;
const BULK_BYTES_MAX: usize = 5 << 20;

/// A bulk as it came.
struct Bulk {
    ids: Vec<String>,
    bytes: usize,
    at: Instant,
}

impl Bulk {
    fn of(body: &str) -> Self {
        let actions = body.lines().step_by(2).map(|line| serde_json::from_str(line).unwrap());
        let id = |action: Value| action["index"]["_id"].as_str().unwrap().to_owned();
        Self { ids: actions.map(id).collect(), bytes: body.len(), at: Instant::now() }
    }
}

type Told = Arc<Mutex<Vec<Bulk>>>;

/// What a server says of the bulk of this number and these ids.
type Script = fn(usize, &[String]) -> (u16, Value);

async fn an_index(script: Script) -> (Told, SharedSearch) {
    let told = Told::default();
    let bulks = Arc::clone(&told);
    let url = fake::serve(move |line, body| {
        if line.starts_with("POST /jangteo_g1_write/_bulk") {
            let (mut bulks, bulk) = (bulks.lock().unwrap(), Bulk::of(body));
            let answer = script(bulks.len(), &bulk.ids);
            bulks.push(bulk);
            return answer;
        }
        let granted = ["read", "view_index_metadata", "index", "manage"];
        answer(line, &serde_json::from_str(body).unwrap_or_default(), &granted)
    });
    (told, open(&url.await).await.unwrap())
}

async fn put(search: &SharedSearch, ids: &[&str]) -> Result<(), Error> {
    search.put(g(1), ids.iter().map(|id| an_entry(id, 1, "책")).collect()).await
}

fn ids(told: &Told) -> Vec<Vec<String>> {
    told.lock().unwrap().iter().map(|bulk| bulk.ids.clone()).collect()
}

fn error(status: u16, kind: &str) -> Value {
    json!({ "status": status, "error": { "type": kind, "reason": format!("{kind} of a test") } })
}

/// The whole bulk is refused.
fn whole(status: u16, kind: &str) -> (u16, Value) {
    (status, error(status, kind))
}

/// Every entry is taken but those of `id`, with which something is the matter.
fn items(ids: &[String], bad: &str, status: u16, kind: &str) -> (u16, Value) {
    let item = |id: &String| {
        let outcome = if id == bad { error(status, kind) } else { json!({ "status": 201 }) };
        json!({ "index": outcome })
    };
    (200, json!({ "errors": true, "items": ids.iter().map(item).collect::<Vec<_>>() }))
}

fn taken(ids: &[String]) -> (u16, Value) {
    items(ids, "", 0, "")
}

const THROTTLED: &str = "es_rejected_execution_exception";
const BLOCKED: &str = "cluster_block_exception";

#[tokio::test]
async fn an_entry_that_is_throttled_is_sent_again_later_and_alone() {
    let (told, search) = an_index(|number, ids| match number {
        0 | 1 => items(ids, "b", 429, THROTTLED),
        _ => taken(ids),
    })
    .await;
    put(&search, &["a", "b", "c"]).await.unwrap();
    assert_eq!(ids(&told), [vec!["a", "b", "c"], vec!["b"], vec!["b"]]);
    let at: Vec<Instant> = told.lock().unwrap().iter().map(|bulk| bulk.at).collect();
    assert!((at[1] - at[0]).as_millis() >= 100 && (at[2] - at[1]).as_millis() >= 200);
}

#[tokio::test]
async fn a_bulk_that_is_throttled_is_sent_again_after_a_pause() {
    let (told, search) = an_index(|number, ids| match number {
        0 => whole(429, THROTTLED),
        1 => whole(429, "circuit_breaking_exception"),
        _ => taken(ids),
    })
    .await;
    put(&search, &["a", "b"]).await.unwrap();
    assert_eq!(ids(&told), [["a", "b"]; 3]);
    let at: Vec<Instant> = told.lock().unwrap().iter().map(|bulk| bulk.at).collect();
    assert!((at[1] - at[0]).as_millis() >= 100 && (at[2] - at[1]).as_millis() >= 200);
}

#[tokio::test]
async fn a_server_that_goes_on_throttling_is_unavailable_after_six_times() {
    let (told, search) = an_index(|_, ids| items(ids, "b", 429, THROTTLED)).await;
    let begun = Instant::now();
    let late = put(&search, &["a", "b"]).await;
    let Err(Error::Unavailable(why)) = late else { panic!("{late:?}") };
    assert_eq!(why.to_string(), "search is overloaded");
    assert_eq!(ids(&told)[1..], [["b"]; 5]);
    // Nobody waits once more for nothing.
    let last = told.lock().unwrap().last().unwrap().at;
    assert!((last - begun).as_millis() >= 3_100, "{:?}", last - begun);
    assert!(last.elapsed().as_millis() < 1_500, "{:?}", last.elapsed());
}

#[tokio::test]
async fn an_entry_that_is_older_than_stored_counts_as_written() {
    let (told, search) =
        an_index(|_, ids| items(ids, "a", 409, "version_conflict_engine_exception")).await;
    put(&search, &["a", "b"]).await.unwrap();
    assert_eq!(ids(&told), [["a", "b"]]);
}

#[tokio::test]
async fn an_entry_that_is_refused_is_named_and_the_others_are_written() {
    let (told, search) = an_index(|number, ids| match number {
        // One is refused and, at the same time, another has to wait.
        0 => {
            let (status, mut answer) = items(ids, "b", 400, "mapper_parsing_exception");
            answer["items"][2]["index"] = error(429, THROTTLED);
            (status, answer)
        }
        _ => taken(ids),
    })
    .await;
    let refused = put(&search, &["a", "b", "c"]).await;
    let Err(Error::Refused(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].id, "b");
    assert_eq!(refused[0].reason, "mapper_parsing_exception of a test");
    assert_eq!(ids(&told), [vec!["a", "b", "c"], vec!["c"]]);
}

#[tokio::test]
async fn a_block_is_unavailable_and_not_waited_for() {
    let scripts: [Script; 5] = [
        |_, ids| items(ids, "b", 429, BLOCKED),
        |_, ids| items(ids, "b", 403, BLOCKED),
        |_, _| whole(429, BLOCKED),
        |_, _| whole(403, BLOCKED),
        |_, ids| items(ids, "b", 503, "unavailable_shards_exception"),
    ];
    for script in scripts {
        let (told, search) = an_index(script).await;
        let blocked = put(&search, &["a", "b"]).await;
        assert!(matches!(blocked, Err(Error::Unavailable(_))), "{blocked:?}");
        assert_eq!(ids(&told), [["a", "b"]]);
    }
}

#[tokio::test]
async fn a_bulk_that_is_too_large_is_sent_in_halves_and_what_is_too_large_alone_is_refused() {
    // In no JSON, as a proxy before the server does.
    let (told, search) = an_index(|_, ids| {
        let is_large = ids.len() > 2 || ids.contains(&"d".to_owned());
        if is_large { (413, "too large".into()) } else { taken(ids) }
    })
    .await;
    let refused = put(&search, &["a", "b", "c", "d", "e"]).await;
    let Err(Error::Refused(refused)) = refused else { panic!("{refused:?}") };
    let refused: Vec<&str> = refused.iter().map(|refused| refused.id.as_str()).collect();
    assert_eq!(refused, ["d"]);
    let halves = ["abcde", "ab", "cde", "c", "de", "d", "e"];
    assert_eq!(ids(&told).iter().map(|ids| ids.concat()).collect::<Vec<_>>(), halves);
}

#[tokio::test]
async fn no_bulk_has_more_entries_or_bytes_than_its_bounds() {
    let (told, search) = an_index(|_, ids| taken(ids)).await;
    let entry = |number: usize| an_entry(&format!("{number:04}"), 1, "책");
    search.put(g(1), (0..2_500).map(entry).collect()).await.unwrap();
    let sizes: Vec<usize> = ids(&told).iter().map(Vec::len).collect();
    assert_eq!(sizes, [BULK_ENTRIES_MAX, BULK_ENTRIES_MAX, 500]);
    told.lock().unwrap().clear();

    // Twice in what is sent: as what it is found by and as it was written.
    let condition = "x".repeat(50_000);
    let large = |number: usize| {
        let fields = Fields { condition: condition.clone(), ..fields("책") };
        Entry { fields: Some(fields), ..an_entry(&format!("{number:04}"), 1, "") }
    };
    search.put(g(1), (0..150).map(large).collect()).await.unwrap();
    let bulks = told.lock().unwrap();
    assert!(bulks.iter().all(|bulk| bulk.bytes <= BULK_BYTES_MAX));
    // As few as the bounds allow: no two neighbours fit into one.
    let mut neighbours = bulks.windows(2);
    assert!(bulks.len() >= 3 && neighbours.all(|two| two[0].bytes + two[1].bytes > BULK_BYTES_MAX));
    let all: Vec<String> = bulks.iter().flat_map(|bulk| bulk.ids.clone()).collect();
    assert_eq!(all, (0..150).map(|number| format!("{number:04}")).collect::<Vec<_>>());
}
