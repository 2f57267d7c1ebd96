//! Tokens that must not be believed.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Value, json};
use tests::person::Person;
use tests::stage::Stage;

/// What an attacker has: a token of their own, its parts, and our public key.
struct Forge {
    signing: EncodingKey,
    public_key: Vec<u8>,
    header: Header,
    claims: Value,
    good: String,
}

impl Forge {
    fn of(stage: &Stage, person: &Person) -> Self {
        let pem = std::fs::read(stage.folder().join("token-key.pem")).unwrap();
        let signing = EncodingKey::from_ed_pem(&pem).unwrap();
        let jwk = Jwk::from_encoding_key(&signing, Algorithm::EdDSA).unwrap();
        let public_key = DecodingKey::from_jwk(&jwk).unwrap();
        let public_key = public_key.try_get_as_bytes().unwrap().to_vec();
        let header = jsonwebtoken::decode_header(&person.token).unwrap();
        let body = person.token.split('.').nth(1).unwrap();
        let claims = BASE64_URL_SAFE_NO_PAD.decode(body).unwrap();
        let claims = serde_json::from_slice(&claims).unwrap();
        Self { signing, public_key, header, claims, good: person.token.clone() }
    }

    fn with(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        jsonwebtoken::encode(&self.header, &claims, &self.signing).unwrap()
    }

    fn encoded(value: &Value) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
    }

    fn all(&self) -> Vec<(&'static str, String)> {
        let now = self.claims["iat"].as_i64().unwrap();
        let words: Vec<_> = self.good.split('.').collect();
        let [head, body, signature] = words[..] else { panic!("three words") };
        let none = json!({ "alg": "none", "typ": "at+jwt", "kid": self.header.kid });
        let none = Self::encoded(&none);
        let mut admin = self.claims.clone();
        admin["roles"] = json!(["admin"]);
        let admin = Self::encoded(&admin);
        let mut hs256 = Header::new(Algorithm::HS256);
        hs256.typ.clone_from(&self.header.typ);
        hs256.kid.clone_from(&self.header.kid);
        let secret = EncodingKey::from_secret(&self.public_key);
        let hs256 = jsonwebtoken::encode(&hs256, &self.claims, &secret).unwrap();
        vec![
            ("none", format!("{none}.{body}.")),
            ("none, with a signature", format!("{none}.{body}.{signature}")),
            ("HS256 with the public key", hs256),
            ("another audience", self.with("aud", json!("elsewhere"))),
            ("another issuer", self.with("iss", json!("elsewhere"))),
            ("expired", self.with("exp", json!(now - 3_600))),
            ("from tomorrow", self.with("iat", json!(now + 86_400))),
            ("a role that is none", self.with("roles", json!(["king"]))),
            ("an id of another kind", self.with("sub", json!("ord_01h455vb4pex5vsknk084sn02q"))),
            ("changed after it was signed", format!("{head}.{admin}.{signature}")),
            ("without its signature", format!("{head}.{body}.")),
            ("cut", self.good[..self.good.len() - 4].to_owned()),
            ("longer than ours", format!("{}{}", self.good, "A".repeat(8_000))),
            ("nothing", String::new()),
        ]
    }
}

#[tokio::test]
async fn no_forged_or_expired_token_is_believed() {
    let stage = Stage::embedded().await;
    let shop = stage.a_seller().await;
    let forge = Forge::of(&stage, &shop);
    let head = stage.head().await;
    let call = async |authorization: &str| {
        let key = stage.key();
        let headers = [("authorization", authorization), ("idempotency-key", &key)];
        let body = json!({ "seller_kind": "individual", "name": "가게" });
        stage.send(None, ("POST", "/sellers"), &headers, &body).await
    };
    for (what, token) in forge.all() {
        let reply = call(&format!("Bearer {token}")).await;
        assert_eq!(reply.status, 401, "{what} was believed: {}", reply.text());
        reply.fails(401, "unauthenticated");
    }
    for authorization in ["Basic YTpi", &forge.good, "Bearer"] {
        call(authorization).await.fails(401, "unauthenticated");
    }
    assert_eq!(stage.head().await, head, "nothing was written");
    // They differ from this one in one thing each.
    assert_eq!(call(&format!("Bearer {}", forge.with("aud", json!("jangteo")))).await.status, 201);
}

/// A public page, too, does not take a token that is not ours for no token.
#[tokio::test]
async fn a_bad_token_is_refused_where_none_is_needed() {
    let stage = Stage::embedded().await;
    let headers = [("authorization", "Bearer nonsense")];
    let reply = stage.send(None, ("GET", "/products"), &headers, &Value::Null).await;
    reply.fails(401, "unauthenticated");
}
