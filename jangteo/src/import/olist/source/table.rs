//! One CSV file: its rows, and its times and amounts read exactly.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use events_schema::money::{Currency, Money};
use events_schema::time::Timestamp;
use serde::de::DeserializeOwned;

/// Why a file cannot be read. The line counts from 1, the header included.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot open {path}")]
    Open { path: PathBuf, source: csv::Error },
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: csv::Error },
    #[error("{path}: {value:?} is no {expected}")]
    Value { path: PathBuf, value: String, expected: &'static str },
    #[error("{path}: {key} is not known")]
    Orphan { path: PathBuf, key: String },
}

/// One file, with its path for what may be wrong in it.
pub(super) struct Table(pub(super) PathBuf);

impl Table {
    pub(super) fn rows<T: DeserializeOwned>(&self) -> Result<Vec<T>, Error> {
        let file = File::open(&self.0).map_err(csv::Error::from);
        let file = file.map_err(|source| Error::Open { path: self.0.clone(), source })?;
        let reader = csv::Reader::from_reader(WithoutMark::new(file));
        let rows = reader.into_deserialize().collect::<Result<_, _>>();
        rows.map_err(|source| Error::Read { path: self.0.clone(), source })
    }

    pub(super) fn value(&self, value: &str, expected: &'static str) -> Error {
        Error::Value { path: self.0.clone(), value: value.to_owned(), expected }
    }

    pub(super) fn orphan(&self, key: &str) -> Error {
        Error::Orphan { path: self.0.clone(), key: key.to_owned() }
    }

    /// The source names no zone; its times are taken as UTC, which keeps their order.
    pub(super) fn time(&self, text: &str) -> Result<Timestamp, Error> {
        let zoned = format!("{}Z", text.replacen(' ', "T", 1));
        zoned.parse().map_err(|_| self.value(text, "time"))
    }

    pub(super) fn time_or_none(&self, text: &str) -> Result<Option<Timestamp>, Error> {
        if text.is_empty() { Ok(None) } else { self.time(text).map(Some) }
    }

    pub(super) fn reais(&self, text: &str) -> Result<Money, Error> {
        Money::from_decimal(text, Currency::Brl).map_err(|_| self.value(text, "amount in reais"))
    }
}

/// Some of the files begin with a byte order mark, which is no part of the first column's name.
struct WithoutMark<R>(std::io::Chain<std::io::Cursor<Vec<u8>>, R>);

impl<R: Read> WithoutMark<R> {
    fn new(mut file: R) -> Self {
        let mut start = Vec::new();
        let read = file.by_ref().take(3).read_to_end(&mut start);
        if read.is_ok() && start == "\u{FEFF}".as_bytes() {
            start.clear();
        }
        Self(Read::chain(std::io::Cursor::new(start), file))
    }
}

impl<R: Read> Read for WithoutMark<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}
