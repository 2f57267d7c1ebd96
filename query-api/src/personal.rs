//! Personal data as it is answered to those who may see it: open, or a mark that it was erased.

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
    /// Opens a field, where there is one, for somebody who may see it.
    pub(crate) async fn open<T: Field + Sync>(
        sealer: &Sealer,
        field: Option<&Personal<T>>,
    ) -> Result<Option<Self>, Problem> {
        let Some(field) = field else { return Ok(None) };
        let Some(plain) = sealer.open(field).await.map_err(failure::keys)? else {
            return Ok(Some(Self::Erased { erased: true }));
        };
        let open = serde_json::to_value(plain).map(Self::Open);
        open.map(Some).map_err(|error| failure::bug(&error))
    }

    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Open(value) => value,
            Self::Erased { .. } => json!({ "erased": true }),
        }
    }
}
