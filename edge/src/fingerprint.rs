//! What a request asked for, as 32 bytes: two requests with one idempotency key must have the same.

use std::fmt;

use axum::http::Method;
use serde_json::Value;

use crate::secret::Secret;

/// HMAC-SHA-256 over method, path and canonical body. It says nothing about the body to those
/// who lack the key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

/// Takes fingerprints.
#[derive(Clone, Debug)]
pub struct Fingerprints(Secret);

impl Fingerprints {
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("fingerprint"))
    }

    #[must_use]
    pub fn of(&self, method: &Method, path: &str, body: Option<&Value>) -> Fingerprint {
        let body = body.map(canonical).unwrap_or_default();
        Fingerprint(self.0.authenticate(&[
            method.as_str().as_bytes(),
            path.as_bytes(),
            body.as_bytes(),
        ]))
    }
}

/// JSON without white space, keys sorted by their code points, numbers and texts as `serde_json`
/// writes them.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (index, (name, value)) in members.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::world;

    #[test]
    fn order_and_white_space_do_not_matter() {
        let one: Value =
            serde_json::from_str(r#"{"b": [1, {"z": "장터", "a": null}], "a": 1}"#).unwrap();
        assert_eq!(canonical(&one), r#"{"a":1,"b":[1,{"a":null,"z":"장터"}]}"#);
    }

    #[test]
    fn method_path_and_body_each_matter() {
        let fingerprints = Fingerprints::new(&Secret::generate(&world()));
        let of = |method, path, body: Value| fingerprints.of(&method, path, Some(&body));
        let first = of(Method::POST, "/orders", json!({ "a": 1 }));
        assert_eq!(first, of(Method::POST, "/orders", json!({ "a": 1 })));
        assert_ne!(first, of(Method::PUT, "/orders", json!({ "a": 1 })));
        assert_ne!(first, of(Method::POST, "/orders/", json!({ "a": 1 })));
        assert_ne!(first, of(Method::POST, "/orders", json!({ "a": 2 })));
        assert_ne!(first, fingerprints.of(&Method::POST, "/orders", None));
    }
}
