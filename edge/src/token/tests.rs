//! Tokens that are believed, and a list of those that must not be.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::testing::{NOON, buyer, world};

fn keys() -> Keys {
    Keys::from_pem(&key_file::generate(&world())).unwrap()
}

fn other_keys() -> Keys {
    Keys::from_pem(&key_file::generate(&World::simulated(99, NOON))).unwrap()
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": keys().kid })
}

fn claims() -> Value {
    let now = seconds_of(NOON);
    json!({
        "iss": "jangteo", "aud": "jangteo", "sub": buyer().person_id.to_string(),
        "iat": now, "exp": now + 60, "roles": ["buyer"],
    })
}

fn changed(mut object: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        object.as_object_mut().unwrap().remove(name);
    } else {
        object[name] = value;
    }
    object
}

fn encoded(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_by(keys: &Keys, header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encoded(header), encoded(claims));
    let signature =
        jsonwebtoken::crypto::sign(message.as_bytes(), &keys.signing, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn signed(header: &Value, claims: &Value) -> String {
    signed_by(&keys(), header, claims)
}

#[test]
fn what_we_issue_we_believe() {
    let token = keys().issue(&buyer(), 60, NOON).unwrap();
    assert_eq!(keys().verify(&token, NOON), Ok(buyer()));
    // The forgeries below differ from this one in one thing each.
    assert_eq!(keys().verify(&signed(&header(), &claims()), NOON), Ok(buyer()));
}

#[test]
fn a_token_ends_with_its_time() {
    let token = keys().issue(&buyer(), 60, NOON).unwrap();
    assert!(keys().verify(&token, NOON.plus_seconds(60 + LEEWAY_SECONDS - 1)).is_ok());
    assert!(keys().verify(&token, NOON.plus_seconds(60 + LEEWAY_SECONDS)).is_err());
    assert!(keys().verify(&token, NOON.plus_seconds(-LEEWAY_SECONDS - 1)).is_err());
}

#[test]
fn the_key_file_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token-key.pem");
    let first = Keys::load_or_create(&path, &world()).unwrap();
    let second = Keys::load_or_create(&path, &World::system()).unwrap();
    let token = first.issue(&buyer(), 60, NOON).unwrap();
    assert_eq!(second.verify(&token, NOON), Ok(buyer()));
}

fn forged() -> Vec<(&'static str, String)> {
    let now = seconds_of(NOON);
    let with_header = |name, value| signed(&changed(header(), name, value), &claims());
    let with_claim = |name, value| signed(&header(), &changed(claims(), name, value));
    let public_key = keys().believed[&keys().kid].try_get_as_bytes().unwrap().to_vec();
    let mut hs256 = Header::new(Algorithm::HS256);
    hs256.typ = Some(TYPE.to_owned());
    hs256.kid = Some(keys().kid);
    let hs256 =
        jsonwebtoken::encode(&hs256, &claims(), &EncodingKey::from_secret(&public_key)).unwrap();
    let good = signed(&header(), &claims());
    let mut words = good.split('.');
    let (head, body) = (words.next().unwrap(), words.next().unwrap());
    let signature = words.next().unwrap();
    let none = encoded(&changed(header(), "alg", json!("none")));
    let admin = encoded(&changed(claims(), "roles", json!(["admin"])));
    vec![
        ("no signature, alg none", format!("{none}.{body}.")),
        ("alg none with our signature", format!("{none}.{body}.{signature}")),
        ("HS256 with the public key", hs256),
        ("alg of another family in the header", with_header("alg", json!("ES256"))),
        ("another key under our kid", signed_by(&other_keys(), &header(), &claims())),
        ("another kid", with_header("kid", json!(other_keys().kid))),
        ("kid as a path", with_header("kid", json!("../../dev/null"))),
        ("no kid", with_header("kid", Value::Null)),
        ("another type", with_header("typ", json!("JWT"))),
        ("no type", with_header("typ", Value::Null)),
        ("an extension that must be understood", with_header("crit", json!(["b64"]))),
        ("no audience", with_claim("aud", Value::Null)),
        ("another audience", with_claim("aud", json!("elsewhere"))),
        ("no issuer", with_claim("iss", Value::Null)),
        ("another issuer", with_claim("iss", json!("elsewhere"))),
        ("no subject", with_claim("sub", Value::Null)),
        ("a subject of another kind", with_claim("sub", json!("ord_00000000000000000000000001"))),
        ("no expiry", with_claim("exp", Value::Null)),
        ("expiry as text", with_claim("exp", json!((now + 60).to_string()))),
        ("expiry as a fraction", with_claim("exp", json!(4.0e18))),
        ("expired", with_claim("exp", json!(now - 60))),
        ("issued tomorrow", with_claim("iat", json!(now + 86_400))),
        ("a role that is none", with_claim("roles", json!(["king"]))),
        ("a payload that was changed", format!("{head}.{admin}.{signature}")),
        ("truncated", good[..good.len() - 4].to_owned()),
        ("without its signature", format!("{head}.{body}")),
        ("four words", format!("{good}.{signature}")),
        ("longer than any of ours", format!("{good}{}", "A".repeat(TEXT_BYTES_MAX))),
        ("nothing", String::new()),
        ("not a token", "hello".to_owned()),
    ]
}

#[test]
fn forged_tokens_are_refused() {
    for (what, token) in forged() {
        assert!(keys().verify(&token, NOON).is_err(), "{what} was believed");
    }
}

#[test]
fn a_key_that_the_token_brings_along_is_not_believed() {
    let theirs = Jwk::from_encoding_key(&other_keys().signing, Algorithm::EdDSA).unwrap();
    let mut header = changed(header(), "jwk", serde_json::to_value(theirs).unwrap());
    header["jku"] = json!("https://example.org/keys");
    header["x5u"] = json!("https://example.org/chain");
    assert!(keys().verify(&signed_by(&other_keys(), &header, &claims()), NOON).is_err());
}
