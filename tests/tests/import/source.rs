//! The fixture: fifteen orders, each odd in its own way; and the same many times over.

#[cfg(feature = "real")]
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use events_schema::envelope::{Meta, Payload, Position, Recorded};
#[cfg(feature = "real")]
use jangteo::stores;
use jangteo::stores::{StoreOptions, Urls};
#[cfg(feature = "real")]
use projector::registry::VIEWS;
use serde_json::Value;
use storage::event_log::{self, Filter, READ_MAX};
use storage::world::World;
use tests::program;
use tests::wait::PATIENCE;

pub(crate) fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/olist")
}

/// How many columns in front of each file hold keys of orders, customers and reviews.
const KEYS: [(&str, usize); 5] = [
    ("olist_customers_dataset.csv", 2),
    ("olist_orders_dataset.csv", 2),
    ("olist_order_items_dataset.csv", 1),
    ("olist_order_payments_dataset.csv", 1),
    ("olist_order_reviews_dataset.csv", 2),
];

/// The fixture's orders so many times, each time under other keys.
pub(crate) fn many(folder: &Path, times: usize) {
    for entry in fs::read_dir(fixture()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        // A record may go on over several lines, which no key does.
        let text = match KEYS.iter().find(|(file, _)| *file == name) {
            None => text,
            Some((_, keys)) => {
                let (header, records) = text.split_once('\n').unwrap();
                let copies = (0..times).map(|copy| renamed(records, *keys, copy));
                format!("{header}\n{}", copies.collect::<String>())
            }
        };
        fs::write(folder.join(name), text).unwrap();
    }
}

fn renamed(records: &str, keys: usize, copy: usize) -> String {
    let mut quotes = 0;
    let mut text = String::new();
    for line in records.lines() {
        let begins = quotes % 2 == 0;
        quotes += line.matches('"').count();
        let mut fields = line.splitn(keys + 1, ',');
        if begins {
            for key in fields.by_ref().take(keys) {
                text.push_str(&format!("{key}-{copy},"));
            }
            text.push_str(fields.next().unwrap());
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// Where a history is kept.
pub(crate) struct Place<'a> {
    pub(crate) data: &'a Path,
    pub(crate) log: Option<&'a str>,
    pub(crate) documents: Option<&'a str>,
    pub(crate) search: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// All in one folder.
    pub(crate) const fn embedded(data: &'a Path) -> Self {
        Self { data, log: None, documents: None, search: None }
    }
}

impl Place<'_> {
    pub(crate) fn words<'w>(&'w self, command: &[&'w str]) -> Vec<&'w str> {
        let mut words = command.to_vec();
        words.extend(["--data", self.data.to_str().unwrap(), "--json"]);
        words.extend(self.log.iter().flat_map(|log| ["--log", *log]));
        if command != ["migrate"] {
            words.extend(self.documents.iter().flat_map(|url| ["--documents", *url]));
            words.extend(self.search.iter().flat_map(|url| ["--search", *url]));
        }
        words
    }

    fn urls(&self) -> Urls {
        let owned = |url: Option<&str>| url.map(str::to_owned);
        let (documents, search) = (owned(self.documents), owned(self.search));
        Urls { log: owned(self.log), documents, search, ..Urls::default() }
    }

    pub(crate) async fn migrate(&self) {
        let _ = program::run(&self.words(&["migrate"])).await.well();
    }

    pub(crate) async fn import(&self, folder: &Path) -> Value {
        let words = ["import", "olist", folder.to_str().unwrap()];
        let command = program::command(&self.words(&words));
        program::finish_within(PATIENCE * 8, command).await.well()
    }

    pub(crate) async fn verify(&self) -> Value {
        program::run(&self.words(&["verify"])).await.well()
    }

    /// All that must be the same wherever, and however often interrupted, it was imported.
    pub(crate) async fn history(&self) -> Vec<(Position, Meta, Value)> {
        let url = StoreOptions::in_folder(self.data, self.urls()).log_url();
        let log = event_log::open_read_only(&url, World::system()).await.unwrap();
        let mut history: Vec<(Position, Meta, Value)> = vec![];
        loop {
            let after = history.last().map_or(Position(0), |(position, ..)| *position);
            let page = log.read(after, &Filter::default(), READ_MAX).await.unwrap().events;
            if page.is_empty() {
                return history;
            }
            history.extend(page.into_iter().map(comparable));
        }
    }
}

/// Documents and entries by view and id, with the positions that they rest on.
#[cfg(feature = "real")]
pub(crate) type Everything = BTreeMap<(String, String), (Position, Value)>;

#[cfg(feature = "real")]
impl Place<'_> {
    /// Whether every view holds everything up to this position.
    pub(crate) async fn has_reached(&self, position: u64) -> bool {
        let options = StoreOptions::in_folder(self.data, self.urls());
        let ports = stores::read_views(options.of_views(), &World::system()).await;
        let documents = ports.unwrap().documents;
        for spec in VIEWS {
            let collection = (spec.collection)();
            let Some(serving) = documents.serving(collection).await.unwrap() else { return false };
            let checkpoint = documents.checkpoint(collection, serving).await.unwrap();
            if checkpoint.is_none_or(|checkpoint| checkpoint.position().0 < position) {
                return false;
            }
        }
        true
    }

    /// Every document of every view and every entry of the search index, as they serve. What is sealed
    /// anew in each history counts by its length.
    pub(crate) async fn everything(&self) -> Everything {
        let options = StoreOptions::in_folder(self.data, self.urls());
        let ports = stores::read_views(options.of_views(), &World::system()).await;
        let ports = ports.unwrap();
        let mut all = BTreeMap::new();
        for spec in VIEWS {
            let collection = (spec.collection)();
            let serving = ports.documents.serving(collection).await.unwrap().unwrap();
            let mut after: Option<String> = None;
            loop {
                let page = ports.documents.scan(collection, serving, after.as_deref(), 500).await;
                let page = page.unwrap();
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                for stored in page {
                    let body = stored.body.unwrap_or_else(|| b"null".to_vec());
                    let mut body = serde_json::from_slice(&body).unwrap();
                    without_ciphertext(&mut body);
                    without_time_of_import(&mut body);
                    all.insert((spec.name.to_owned(), stored.id), (stored.position, body));
                }
            }
            if spec.searched {
                for entry in ports.search.scan(serving, None, 1_000).await.unwrap() {
                    let fields = serde_json::to_value(&entry.fields).unwrap();
                    all.insert(("search".to_owned(), entry.id), (entry.position, fields));
                }
            }
        }
        all
    }
}

fn comparable(event: Recorded<Payload>) -> (Position, Meta, Value) {
    let mut payload = serde_json::from_slice(&event.event).unwrap();
    without_ciphertext(&mut payload);
    (event.position, event.meta, payload)
}

#[cfg(feature = "real")]
fn without_time_of_import(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("recorded_at");
            fields.values_mut().for_each(without_time_of_import);
        }
        Value::Array(items) => items.iter_mut().for_each(without_time_of_import),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn without_ciphertext(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(sealed) = fields.get_mut("sealed") {
                let length = sealed.as_str().map(str::len);
                *sealed = serde_json::json!(length);
            }
            fields.values_mut().for_each(without_ciphertext);
        }
        Value::Array(items) => items.iter_mut().for_each(without_ciphertext),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
