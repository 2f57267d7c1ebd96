//! JSON that is not what stands here, told in the words of JSON: no name of a Rust type gets out.

use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};

/// Longer names and values are cut before they are told back.
const TOLD_CHARS_MAX: usize = 100;

pub(super) fn typed<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        problem(if path == "." { "" } else { &path }, error.inner())
    })
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(TOLD_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The library tells kinds of errors apart only by their text.
fn problem(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    if let Some(name) = quoted(text, "unknown field `") {
        return of(Code::UnknownField, &member(path, name), "no such field stands here");
    }
    if let Some(name) = quoted(text, "missing field `") {
        return of(Code::MissingField, &member(path, name), "is missing");
    }
    if let Some(detail) = text.strip_prefix("invalid type: ") {
        return of(Code::WrongType, path, &told(detail));
    }
    if let Some(detail) = text.strip_prefix("invalid value: ") {
        return of(Code::InvalidValue, path, &told(detail));
    }
    if text.starts_with("invalid length ") {
        return of(Code::WrongType, path, "has the wrong number of items");
    }
    if text.starts_with("data did not match any variant of untagged enum") {
        return of(Code::WrongType, path, "has none of the allowed forms");
    }
    of(Code::InvalidValue, path, text)
}

fn of(code: Code, path: &str, detail: &str) -> Problem {
    let field = if path.is_empty() { "body" } else { path };
    Problem::of_field(code, shortened(field), shortened(detail))
}

fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?.split('`').next()
}

fn member(path: &str, name: &str) -> String {
    let tail = path.rsplit('.').next().unwrap_or_default();
    match path {
        "" => name.to_owned(),
        _own if tail == name => path.to_owned(),
        _parent => format!("{path}.{name}"),
    }
}

/// `floating point `1.5`, expected u64` → `a fraction stands where a whole number is expected`.
fn told(detail: &str) -> String {
    let (given, expected) = detail.rsplit_once(", expected ").unwrap_or((detail, ""));
    let given = match given.split([' ', '`']).next().unwrap_or_default() {
        "floating" => "a fraction or a number too large",
        "integer" => "a number out of range or out of place",
        "string" => "a text",
        "boolean" => "true or false",
        "null" => "null",
        "map" => "an object",
        "sequence" => "a list",
        _other => "something else",
    };
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "u128" => "a whole number that is not negative",
        "i8" | "i16" | "i32" | "i64" | "isize" | "i128" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "str" | "string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "unit" => "null",
        "string or map" => "one of the allowed values",
        other if other.contains("struct ") => "an object",
        other if other.contains("enum ") || other.contains("variant ") => {
            "one of the allowed values"
        }
        "" => "something else",
        ours => ours,
    };
    format!("{given} stands where {expected} is expected")
}
