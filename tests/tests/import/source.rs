//! The fixture: fifteen orders, each odd in its own way; and the same many times over.

use std::fs;
use std::path::{Path, PathBuf};

use events_schema::envelope::{Meta, Payload, Position, Recorded};
use jangteo::stores::{StoreOptions, Urls};
use serde_json::Value;
use storage::event_log::{self, Filter, READ_MAX};
use storage::world::World;
use tests::program;

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
}

impl Place<'_> {
    pub(crate) fn words<'w>(&'w self, command: &[&'w str]) -> Vec<&'w str> {
        let mut words = command.to_vec();
        words.extend(["--data", self.data.to_str().unwrap(), "--json"]);
        words.extend(self.log.iter().flat_map(|log| ["--log", *log]));
        words
    }

    fn urls(&self) -> Urls {
        Urls { log: self.log.map(str::to_owned), ..Urls::default() }
    }

    pub(crate) async fn migrate(&self) {
        let _ = program::run(&self.words(&["migrate"])).await.well();
    }

    pub(crate) async fn import(&self, folder: &Path) -> Value {
        program::run(&self.words(&["import", "olist", folder.to_str().unwrap()])).await.well()
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

fn comparable(event: Recorded<Payload>) -> (Position, Meta, Value) {
    let mut payload = serde_json::from_slice(&event.event).unwrap();
    without_ciphertext(&mut payload);
    (event.position, event.meta, payload)
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
