//! CSV: a file per event type, a column per field of its schema.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;

use events_schema::envelope::{Payload, Recorded};
use query_api::events::line::Line;
use serde_json::Value;

use super::Sink;

/// The envelope's columns, in front of the payload's.
const ENVELOPE: [&str; 17] = [
    "position",
    "epoch",
    "stream",
    "version",
    "event_id",
    "type",
    "schema_version",
    "occurred_at",
    "recorded_at",
    "actor",
    "on_behalf_of",
    "origin",
    "command_id",
    "correlation_id",
    "causation_id",
    "trace_context",
    "content_hash",
];

/// One open file for each type that was seen.
pub(super) struct Tables {
    folder: PathBuf,
    open: BTreeMap<String, Table>,
}

struct Table {
    path: PathBuf,
    /// Dotted paths of the payload's leaves; a list stays JSON in one cell.
    columns: Vec<String>,
    file: csv::Writer<File>,
}

impl Tables {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder, open: BTreeMap::new() }
    }

    fn table(&mut self, event_type: &str) -> anyhow::Result<&mut Table> {
        if !self.open.contains_key(event_type) {
            let path = self.folder.join(format!("{event_type}.csv"));
            let columns = payload_columns(event_type);
            let mut file = csv::Writer::from_path(&path)?;
            file.write_record(ENVELOPE.iter().copied().chain(columns.iter().map(String::as_str)))?;
            self.open.insert(event_type.to_owned(), Table { path, columns, file });
        }
        self.open.get_mut(event_type).ok_or_else(|| anyhow::anyhow!("table was just opened"))
    }
}

impl Sink for Tables {
    fn write(&mut self, event: &Recorded<Payload>) -> anyhow::Result<()> {
        let line = serde_json::to_value(Line::of(event)?)?;
        let table = self.table(&event.meta.event_type)?;
        let envelope = ENVELOPE.iter().map(|column| cell(line.get(*column)));
        let payload = line.get("payload");
        let fields = table.columns.iter().map(|path| {
            cell(payload.and_then(|payload| {
                path.split('.').try_fold(payload, |value, field| value.get(field))
            }))
        });
        let record: Vec<String> = envelope.chain(fields).collect();
        table.file.write_record(record)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> anyhow::Result<Vec<PathBuf>> {
        let finish = |mut table: Table| {
            table.file.flush()?;
            Ok(table.path)
        };
        self.open.into_values().map(finish).collect()
    }
}

/// Absent and null are empty, text is itself, anything else is JSON. A text that a spreadsheet would
/// run as a formula gets an apostrophe in front (OWASP, CSV injection).
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => {
            format!("'{text}")
        }
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The leaves of a type's schema, so that every file of it has the same columns.
fn payload_columns(event_type: &str) -> Vec<String> {
    let schema = events_schema::schemas().into_iter().find(|(name, _, _)| *name == event_type);
    let Some((_, _, schema)) = schema else { return vec![] };
    let root = schema.to_value();
    let mut columns = vec![];
    leaves(&root, &root, String::new(), &mut columns);
    columns
}

fn leaves(root: &Value, schema: &Value, path: String, columns: &mut Vec<String>) {
    let mut schema = schema;
    // An optional object is `anyOf` it and null; a shared one is a reference into `$defs`.
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        schema = choices.first().unwrap_or(schema);
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        schema = root.pointer(name.trim_start_matches('#')).unwrap_or(schema);
    }
    match schema.get("properties").and_then(Value::as_object) {
        Some(fields) => {
            for (name, field) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(root, field, path, columns);
            }
        }
        None => columns.push(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_becomes_columns() {
        let columns = payload_columns("escrow.funded");
        let wanted = ["trade.order_id", "tender_id", "amount.amount_minor", "amount.currency"];
        for column in wanted {
            assert!(columns.iter().any(|name| name == column), "{column} of {columns:?}");
        }
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(cell(Some(&"=1+1".into())), "'=1+1");
        assert_eq!(cell(Some(&1.into())), "1");
        assert_eq!(cell(None), "");
    }
}
