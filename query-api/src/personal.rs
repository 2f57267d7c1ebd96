//! Personal data as it is answered: open to those who may see it, else a mark.

use edge::problem::Problem;
use events_schema::personal::{Field, Personal};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::{Value, json};
use storage::keys::seal::Sealer;

use crate::failure;

/// A field about a person, or why it is not there.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Shown {
    /// What the person said.
    Open(Value),
    /// `{"erased": true}`: nobody can read it any more.
    Erased { erased: bool },
    /// `{"sealed": true}`: there, but not for this caller.
    Sealed { sealed: bool },
}

impl JsonSchema for Shown {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Shown".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["object", "string"],
            "description": "Personal data; `{\"erased\": true}` where nobody can read it any more",
        })
    }
}

impl Shown {
    /// Opens a field for somebody who may see it.
    pub(crate) async fn open<T: Field + Sync>(
        sealer: &Sealer,
        field: &Personal<T>,
        may_see: bool,
    ) -> Result<Self, Problem> {
        if !may_see {
            return Ok(Self::Sealed { sealed: true });
        }
        match sealer.open(field).await.map_err(failure::keys)? {
            None => Ok(Self::Erased { erased: true }),
            Some(plain) => {
                serde_json::to_value(plain).map(Self::Open).map_err(|error| failure::bug(&error))
            }
        }
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Open(value) => value,
            Self::Erased { .. } => json!({ "erased": true }),
            Self::Sealed { .. } => json!({ "sealed": true }),
        }
    }
}
