//! What `style.md` asks for and a machine can count. Clippy and rustfmt count the rest.
#![expect(clippy::unwrap_used, reason = "this is test code: what does not hold ends the test")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

const RUST_LINES_MAX: usize = 300;

/// A file of the tree, its path relative to the root.
struct File {
    path: String,
    text: String,
}

impl File {
    fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|own| own == extension)
    }

    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every text that is ours: no build output, no data, no hidden folder but `.ci`.
fn files() -> Vec<File> {
    let (root, mut files) = (root(), Vec::new());
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let hidden = name.starts_with('.') && name != ".ci";
            if hidden || ["target", "data"].contains(&name) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let path = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.push(File { path, text });
            }
        }
    }
    assert!(files.iter().any(|file| file.path == "tests/tests/tidy.rs"), "the tree was not found");
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// Fails with every finding at once.
#[track_caller]
fn none(rule: &str, findings: impl IntoIterator<Item = String>) {
    let mut list = String::new();
    for finding in findings {
        writeln!(list, "  {finding}").unwrap();
    }
    assert!(list.is_empty(), "{rule}:\n{list}");
}

fn lines_where(files: &[File], extensions: &[&str], bad: impl Fn(&str) -> bool) -> Vec<String> {
    let ours = files.iter().filter(|file| extensions.iter().any(|extension| file.is(extension)));
    ours.flat_map(|file| {
        let bad = file.lines().filter(|(_, line)| bad(line));
        bad.map(|(number, line)| format!("{}:{number}: {}", file.path, line.trim()))
    })
    .collect()
}

#[test]
fn rust_files_are_short() {
    let long = files().into_iter().filter_map(|file| {
        let lines = file.text.lines().count();
        (file.is("rs") && lines > RUST_LINES_MAX).then(|| format!("{}: {lines} lines", file.path))
    });
    none("a Rust file has at most 300 lines", long);
}

#[test]
fn every_rust_file_says_what_it_is() {
    let silent = files().into_iter().filter(|file| file.is("rs") && !file.text.starts_with("//! "));
    none("a Rust file opens with //!", silent.map(|file| file.path));
}

#[test]
fn no_file_or_folder_is_a_drawer() {
    let drawers = ["common", "util", "utils", "helper", "helpers", "misc", "mod.rs"];
    let in_drawer = |path: &str| {
        path.split('/').any(|part| {
            drawers.contains(&part) || drawers.contains(&part.split('.').next().unwrap_or(part))
        })
    };
    let found = files().into_iter().map(|file| file.path).filter(|path| in_drawer(path));
    none("names say what is inside, and modules are foo.rs and foo/bar.rs", found);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together, so that this file does not find itself.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["TB", "D"]].map(|halves| halves.concat());
    let macros =
        [["todo", "!("], ["unimplemented", "!("], ["#[ig", "nore"]].map(|halves| halves.concat());
    let bad = |line: &str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        words.any(|word| marks.iter().any(|mark| mark == word))
            || macros.iter().any(|call| line.contains(call))
    };
    none("nothing is left for later", lines_where(&files(), &["rs", "sql", "toml", "md"], bad));
}

#[test]
fn comments_are_sentences_not_banners() {
    let bad = |line: &str| {
        let comment = line.trim_start().strip_prefix("//").or(line.trim_start().strip_prefix("--"));
        let marks = |text: &str| text.trim().chars().all(|c| "-=*#/~".contains(c));
        comment.is_some_and(|text| text.trim().len() >= 3 && marks(text))
    };
    none("no banners", lines_where(&files(), &["rs", "sql"], bad));
}

#[test]
fn names_of_tests_are_sentences() {
    let bad = |line: &str| {
        let line = line.trim_start().trim_start_matches("async ");
        line.strip_prefix("fn ").is_some_and(|name| name.starts_with("test_"))
    };
    none("a test is named by what holds", lines_where(&files(), &["rs"], bad));
}

#[test]
fn lines_end_where_their_text_ends() {
    let texts = ["rs", "sql", "toml", "md", "json", "yml", "yaml", "sh", "html", "css", "js"];
    let bad = |line: &str| line.ends_with([' ', '\t', '\r']);
    none("no white space at the end of a line", lines_where(&files(), &texts, bad));
    let unended = files().into_iter().filter(|file| {
        texts.iter().any(|text| file.is(text))
            && !file.text.is_empty()
            && !file.path.contains("/fixtures/")
            && !file.text.ends_with('\n')
    });
    none("a file ends with a line feed", unended.map(|file| file.path));
}

#[test]
fn every_fixture_has_a_schema_and_every_schema_a_fixture() {
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root().join("events-schema").join(folder)).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".json"))
            .collect();
        names.sort();
        names
    };
    let (fixtures, schemas) = (names("fixtures"), names("schemas"));
    assert!(!fixtures.is_empty(), "no fixtures were found");
    none("a fixture has a schema", fixtures.iter().filter(|name| !schemas.contains(name)).cloned());
    none("a schema has a fixture", schemas.iter().filter(|name| !fixtures.contains(name)).cloned());
}

#[test]
fn sql_keywords_are_in_capitals() {
    let keywords = "select insert update delete from where into values and or not null create table \
                    index trigger function primary unique references default constraint order group \
                    having limit returning conflict begin commit rollback join union exists between \
                    alter drop grant revoke language returns declare loop perform raise with";
    let bad = |line: &str| {
        // What stands in quotes or behind a comment is text.
        let code = line.split("--").next().unwrap_or_default();
        let outside = code.split(['\'', '"']).step_by(2);
        let mut words =
            outside.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.any(|word| keywords.split_whitespace().any(|keyword| keyword == word))
    };
    none("SQL keywords are in capitals", lines_where(&files(), &["sql"], bad));
}

#[test]
fn members_take_lints_and_dependencies_from_the_workspace() {
    let all = files();
    let members = all.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    let mut findings = Vec::new();
    // A crate that tests itself with a feature names itself by its path.
    let from_workspace =
        |line: &str| line.contains("workspace = true") || line.contains("path = \".\"");
    for file in members {
        if !file.text.contains("[lints]\nworkspace = true") {
            findings.push(format!("{}: no lints of the workspace", file.path));
        }
        let mut of_dependencies = false;
        for (number, line) in file.lines() {
            if line.starts_with('[') {
                of_dependencies = line.ends_with("dependencies]");
            } else if of_dependencies && line.contains('=') && !from_workspace(line) {
                findings.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    none("versions and lints stand in the workspace", findings);
}
