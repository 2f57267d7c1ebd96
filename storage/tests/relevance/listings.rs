//! Reads the listings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use events_schema::envelope::Position;
use storage::search::{Entry, Fields};

const VARIABLE: &str = "JANGTEO_TEST_BUNJANG";
const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/bunjang.tar.zst");

pub(crate) fn all() -> Vec<Entry> {
    let place = std::env::var(VARIABLE).map_or_else(|_| PathBuf::from(BESIDE), PathBuf::from);
    assert!(
        place.exists(),
        "the Korean listings are not at {}: let {VARIABLE} name bunjang.tar.zst or its folder",
        place.display()
    );
    let text = if place.is_dir() {
        fs::read_to_string(place.join("listings.tsv")).unwrap()
    } else {
        unpacked(&place)
    };
    let entries: Vec<Entry> = text.lines().skip(1).map(entry).collect();
    assert!(entries.len() > 60_000, "only {} listings at {}", entries.len(), place.display());
    entries
}

fn unpacked(archive: &Path) -> String {
    let zstd = Command::new("zstd")
        .args(["--decompress", "--long=27", "--stdout"])
        .arg(archive)
        .stdout(Stdio::piped())
        .spawn();
    let stream = zstd.expect("zstd is installed").stdout.unwrap();
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--to-stdout", "--wildcards", "*listings.tsv"]).stdin(stream);
    let listings = tar.output().unwrap();
    assert!(listings.status.success(), "{} does not unpack", archive.display());
    String::from_utf8(listings.stdout).unwrap()
}

fn entry(line: &str) -> Entry {
    let columns: Vec<&str> = line.split('\t').collect();
    let [id, title, category, brands, price, status, first, _last, _prices] = columns[..] else {
        panic!("not nine columns: {line}")
    };
    let mut brands = brands.split(',').filter(|brand| !brand.is_empty()).map(str::to_owned);
    let status = match status {
        "0" => "on_sale",
        "1" => "reserved",
        _ => "sold",
    };
    let fields = Fields {
        title: title.to_owned(),
        brand: brands.next(),
        tags: brands.collect(),
        categories: vec![category.to_owned()],
        condition: "good".to_owned(),
        seller_kind: "individual".to_owned(),
        status: status.to_owned(),
        price_minor: price.parse().unwrap(),
        currency: "KRW".to_owned(),
        created_at_micros: first.parse::<i64>().unwrap() * 1_000_000,
        ..Fields::default()
    };
    Entry { id: id.to_owned(), position: Position(1), fields: Some(fields) }
}
