//! Where an option's value comes from: what is typed, its environment variable, the file that variable
//! with `_FILE` names, the configuration file, its default. The first of them counts.
//!
//! A configuration file is TOML. A key is an option's long name with `_` for `-`; the same key with
//! `_file` names a file that holds the value, as secrets come in files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory, FromArgMatches};

use crate::cli::Cli;
use crate::failure::Failure;

const FILE_BYTES_MAX: u64 = 1 << 20;

/// Values by the long name of their option.
type Values = BTreeMap<String, String>;

/// Reads what was typed, and what stands behind it. Ends the process for `--help` and for nonsense, as
/// clap does.
///
/// # Errors
/// Everything wrong with the configuration file and the files that hold secrets, at once.
pub fn cli() -> Result<Cli, Failure> {
    let mut problems = vec![];
    let mut values = match named() {
        Some(path) => read(&path).unwrap_or_else(|problem| {
            problems.extend(problem);
            Values::new()
        }),
        None => Values::new(),
    };
    for (name, variable) in options() {
        match std::env::var_os(format!("{variable}_FILE")) {
            Some(path) if std::env::var_os(&variable).is_none() => match secret(Path::new(&path)) {
                Ok(value) => drop(values.insert(name, value)),
                Err(problem) => problems.push(format!("{variable}_FILE: {problem}")),
            },
            Some(_) | None => {}
        }
    }
    if !problems.is_empty() {
        return Err(Failure::Configuration(problems));
    }
    let matches = with(Cli::command(), &values).get_matches();
    Ok(Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

/// The configuration file that was named, before anything else is read.
fn named() -> Option<PathBuf> {
    let mut words = std::env::args_os();
    while let Some(word) = words.next() {
        if word == "--config" {
            return words.next().map(PathBuf::from);
        }
        if let Some(path) = word.to_str().and_then(|word| word.strip_prefix("--config=")) {
            return Some(PathBuf::from(path));
        }
    }
    std::env::var_os("JANGTEO_CONFIG").map(PathBuf::from)
}

/// Long name and variable of every option of every command.
fn options() -> BTreeMap<String, String> {
    let (mut commands, mut found) = (vec![Cli::command()], BTreeMap::new());
    while let Some(command) = commands.pop() {
        let named = command.get_arguments().filter_map(|option| {
            Some((option.get_long()?.to_owned(), option.get_env()?.to_str()?.to_owned()))
        });
        found.extend(named);
        commands.extend(command.get_subcommands().cloned());
    }
    found.remove("config");
    found
}

/// The values of a configuration file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read(path: &Path) -> Result<Values, Vec<String>> {
    let at = |problem: String| format!("--config {}: {problem}", path.display());
    let text = text(path).map_err(|problem| vec![at(problem)])?;
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| vec![at(error.message().to_owned())])?;
    let known = options();
    let (mut values, mut problems) = (Values::new(), vec![]);
    for (key, value) in table {
        let (key, is_file) = match key.strip_suffix("_file") {
            Some(name) => (name.to_owned(), true),
            None => (key, false),
        };
        let name = key.replace('_', "-");
        if !known.contains_key(&name) {
            problems.push(at(format!("there is no option {key}")));
            continue;
        }
        let value = match plain(&value) {
            Some(path) if is_file => secret(Path::new(&path)),
            Some(value) => Ok(value),
            None => Err("is a text, a number, true or false, or a list of them".to_owned()),
        };
        match value {
            Ok(value) => drop(values.insert(name, value)),
            Err(problem) => problems.push(at(format!("{key}: {problem}"))),
        }
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(values) => {
            values.iter().map(plain).collect::<Option<Vec<_>>>().map(|values| values.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// What a file holds, without the line's end.
fn secret(path: &Path) -> Result<String, String> {
    let text = text(path).map_err(|problem| format!("{}: {problem}", path.display()))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

fn text(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > FILE_BYTES_MAX {
        return Err("it has more than 1 MiB".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// The same command line, with these values as defaults.
fn with(command: Command, values: &Values) -> Command {
    let default = |option: Arg| {
        let value = option.get_long().and_then(|name| values.get(name));
        match value {
            Some(value) => option.default_value(OsString::from(value)),
            None => option,
        }
    };
    command.mut_args(default).mut_subcommands(|command| with(command, values))
}
