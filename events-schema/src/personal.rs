//! Personal data as it stands in events: sealed, and opaque to everyone but the edge.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::PersonId;
use crate::text::{Name, Prose};

/// How long the law, or the purpose, lets a field be kept. One key per person and class, so that
/// what must stay outlives what may be erased. (전자상거래법 시행령 §6; 개인정보보호법 §21.)
#[derive(
    Clone, Copy, Debug, Deserialize, Eq, Hash, JsonSchema, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RetentionClass {
    /// While the account lives.
    Account,
    /// Contracts and withdrawals: 5 years.
    #[serde(rename = "trade_5y")]
    Trade5y,
    /// Complaints and disputes: 3 years.
    #[serde(rename = "dispute_3y")]
    Dispute3y,
}

impl RetentionClass {
    pub const ALL: [Self; 3] = [Self::Account, Self::Trade5y, Self::Dispute3y];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Trade5y => "trade_5y",
            Self::Dispute3y => "dispute_3y",
        }
    }
}

/// What a sealed field says, so that one ciphertext cannot be moved to another field.
pub trait Field: Serialize + for<'de> Deserialize<'de> {
    /// Stands in the ciphertext's associated data. Never changes once written.
    const KIND: &'static str;
    const CLASS: RetentionClass;
}

/// A field about a person: ciphertext under the person's key, or the mark that it was erased.
///
/// AES-256-GCM; the associated data is person, class, key version and [`Field::KIND`]. The domain
/// carries it along and never looks inside.
pub struct Personal<T> {
    pub person_id: PersonId,
    pub content: Content,
    field: PhantomData<fn() -> T>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// 12 bytes of nonce, then ciphertext and tag.
    Sealed { key_version: u32, bytes: Vec<u8> },
    /// The key was destroyed before this was written.
    Erased,
}

impl<T: Field> Personal<T> {
    #[must_use]
    pub const fn new(person_id: PersonId, content: Content) -> Self {
        Self { person_id, content, field: PhantomData }
    }
}

impl<T> Clone for Personal<T> {
    fn clone(&self) -> Self {
        Self { person_id: self.person_id, content: self.content.clone(), field: PhantomData }
    }
}

impl<T> PartialEq for Personal<T> {
    fn eq(&self, other: &Self) -> bool {
        self.person_id == other.person_id && self.content == other.content
    }
}

impl<T> Eq for Personal<T> {}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Personal({}, …)", self.person_id)
    }
}

/// The stored form.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    person_id: PersonId,
    kind: String,
    class: RetentionClass,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_version: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

impl<T: Field> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (key_version, sealed) = match &self.content {
            Content::Sealed { key_version, bytes } => {
                (Some(*key_version), Some(STANDARD_NO_PAD.encode(bytes)))
            }
            Content::Erased => (None, None),
        };
        let (kind, class) = (T::KIND.to_owned(), T::CLASS);
        Wire { person_id: self.person_id, kind, class, key_version, sealed }.serialize(serializer)
    }
}

impl<'de, T: Field> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let wire = Wire::deserialize(deserializer)?;
        if wire.kind != T::KIND || wire.class != T::CLASS {
            return Err(D::Error::custom("sealed field is of another kind"));
        }
        let content = match (wire.key_version, wire.sealed) {
            (Some(key_version), Some(text)) => {
                let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
                Content::Sealed { key_version, bytes }
            }
            (None, None) => Content::Erased,
            (Some(_), None) | (None, Some(_)) => {
                return Err(D::Error::custom("sealed field lacks its key version or its bytes"));
            }
        };
        Ok(Self::new(wire.person_id, content))
    }
}

impl<T: Field> JsonSchema for Personal<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Personal_{}", T::KIND).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "person_id": generator.subschema_for::<PersonId>(),
                "kind": { "const": T::KIND },
                "class": { "const": T::CLASS.as_str() },
                "key_version": { "type": "integer", "minimum": 1 },
                "sealed": { "type": "string", "contentEncoding": "base64" },
            },
            "required": ["person_id", "kind", "class"],
            "additionalProperties": false,
        })
    }
}

/// Where a parcel goes and who takes it.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Name>,
    pub postcode: Name,
    pub region: Name,
    pub city: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub street: Option<Prose<200>>,
}

impl Field for Address {
    const KIND: &'static str = "address";
    const CLASS: RetentionClass = RetentionClass::Trade5y;
}

/// How to reach somebody.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Name>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Name>,
}

impl Field for Contact {
    const KIND: &'static str = "contact";
    const CLASS: RetentionClass = RetentionClass::Account;
}

/// What somebody wrote in a review: free text is personal to its author.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Comment(pub Prose<2_000>);

impl Field for Comment {
    const KIND: &'static str = "comment";
    const CLASS: RetentionClass = RetentionClass::Account;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(bytes: &[u8]) -> Personal<Comment> {
        let content = Content::Sealed { key_version: 1, bytes: bytes.to_vec() };
        Personal::new(PersonId::new(uuid::Uuid::nil()), content)
    }

    #[test]
    fn reads_what_it_wrote() {
        let erased = Personal::new(PersonId::new(uuid::Uuid::nil()), Content::Erased);
        for field in [sealed(&[1, 2, 3]), erased] {
            let json = serde_json::to_string(&field).unwrap();
            assert_eq!(serde_json::from_str::<Personal<Comment>>(&json).unwrap(), field);
        }
    }

    #[test]
    fn never_reads_another_kind_of_field() {
        let json = serde_json::to_string(&sealed(&[1])).unwrap();
        assert!(serde_json::from_str::<Personal<Contact>>(&json).is_err());
        let half = json.replace(r#""key_version":1,"#, "");
        assert!(serde_json::from_str::<Personal<Comment>>(&half).is_err());
    }

    #[test]
    fn is_never_shown_in_a_log_line() {
        assert!(!format!("{:?}", sealed(b"secret")).contains("secret"));
    }
}
