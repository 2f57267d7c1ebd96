//! The index of a generation: what it is made of, and whether one that is there is still that.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::super::Error;
use super::super::lexicon::Lexicon;
use super::server::{Failure, Method, Server};
use crate::documents::Generation;

const SETTINGS: &str = include_str!("settings.json");
const MAPPINGS: &str = include_str!("mappings.json");
const TOKENIZERS: [&str; 2] = ["nori_index", "nori_search"];

/// Names one generation's index. What is written goes through its alias: a bulk makes an index that
/// is missing, but never an alias.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) name: String,
    pub(super) writes: String,
}

impl Index {
    pub(super) fn new(prefix: &str, generation: Generation) -> Self {
        let name = format!("{prefix}_g{}", generation.0);
        Self { writes: format!("{name}_write"), name }
    }

    /// Whether a name is that of an index of this prefix.
    pub(super) fn is_of(prefix: &str, name: &str) -> bool {
        let generation = name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix("_g"));
        generation.is_some_and(|number| number.parse::<u32>().is_ok())
    }

    pub(super) async fn declare(&self, server: &Server, lexicon: &Lexicon) -> Result<(), Error> {
        let mut body = json!({ "settings": settings(lexicon)?, "mappings": mappings()? });
        body["aliases"][&self.writes] = json!({});
        match server.call::<Value>(Method::Put, &self.name, body.to_string()).await {
            Ok(_) => Ok(()),
            Err(Failure::Refused(refusal)) if refusal.is("resource_already_exists_exception") => {
                self.bring_up_to_date(server, lexicon).await
            }
            Err(failure) => Err(failure.into()),
        }
    }

    /// A dictionary is changed on a closed index, which takes some hundred milliseconds, and no
    /// entry is written anew: what is found by syllables and names needs none, and what nori finds
    /// by a new word follows with each entry's next change.
    async fn bring_up_to_date(&self, server: &Server, lexicon: &Lexicon) -> Result<(), Error> {
        let there: Value = server.call(Method::Get, &self.name, None).await?;
        let there = &there[&self.name];
        if let Some(problem) = difference(&self.name, there)? {
            return Err(Error::Configuration(problem));
        }
        let wanted = &settings(lexicon)?["index"]["analysis"];
        if there["settings"]["index"]["analysis"] != *wanted {
            let analysis = json!({ "index": { "analysis": wanted } });
            self.post(server, "_close").await?;
            let path = format!("{}/_settings", self.name);
            let changed = server.call::<Value>(Method::Put, &path, analysis.to_string()).await;
            self.post(server, "_open").await?;
            changed?;
        }
        // Whoever closed it may have died before opening it again.
        self.post(server, "_open").await
    }

    async fn post(&self, server: &Server, action: &str) -> Result<(), Error> {
        let path = format!("{}/{action}?wait_for_active_shards=1", self.name);
        server.call::<Value>(Method::Post, &path, None).await?;
        Ok(())
    }

    pub(super) async fn require(&self, server: &Server) -> Result<(), Error> {
        let path = format!("{}/_settings/index.uuid", self.name);
        server.call::<Value>(Method::Get, &path, None).await?;
        Ok(())
    }

    pub(super) async fn refresh(&self, server: &Server) -> Result<(), Error> {
        let path = format!("{}/_refresh", self.name);
        server.call::<Value>(Method::Post, &path, None).await?;
        Ok(())
    }

    pub(super) async fn drop(&self, server: &Server) -> Result<(), Error> {
        let path = format!("{}?ignore_unavailable=true", self.name);
        server.call::<Value>(Method::Delete, &path, None).await?;
        Ok(())
    }
}

/// Whether an index says that it was made of these very settings and mappings.
pub(super) fn is_of_this_making(there: &Value) -> bool {
    there["mappings"]["_meta"]["making"] == making()
}

fn making() -> String {
    let digest = Sha256::new().chain_update(SETTINGS).chain_update(MAPPINGS).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What makes an index unfit, and the way out.
pub(super) fn difference(name: &str, there: &Value) -> Result<Option<String>, Error> {
    let analysis = without_rules(there["settings"]["index"]["analysis"].clone());
    let wanted = without_rules(parsed(SETTINGS)?["index"]["analysis"].clone());
    let mut mappings = there["mappings"].clone();
    mappings.as_object_mut().and_then(|mappings| mappings.remove("_meta"));
    let path = first_difference("mappings", &mappings, &parsed(MAPPINGS)?)
        .or_else(|| first_difference("analysis", &analysis, &wanted));
    Ok(path.map(|path| {
        format!(
            "index {name} was made by another version, with other {path}: rebuild the view into a \
             new generation, or delete the index and start again"
        )
    }))
}

fn first_difference(path: &str, one: &Value, other: &Value) -> Option<String> {
    if let (Some(one), Some(other)) = (one.as_object(), other.as_object()) {
        let names = one.keys().chain(other.keys());
        let value = |all: &serde_json::Map<_, _>, name| all.get(name).cloned().unwrap_or_default();
        let differences = names.map(|name| {
            first_difference(&format!("{path}.{name}"), &value(one, name), &value(other, name))
        });
        return differences.flatten().next();
    }
    (one != other).then(|| path.to_owned())
}

fn without_rules(mut analysis: Value) -> Value {
    for tokenizer in TOKENIZERS {
        let tokenizer = analysis["tokenizer"][tokenizer].as_object_mut();
        tokenizer.and_then(|settings| settings.remove("user_dictionary_rules"));
    }
    analysis
}

fn settings(lexicon: &Lexicon) -> Result<Value, Error> {
    let mut settings = parsed(SETTINGS)?;
    for tokenizer in TOKENIZERS {
        settings["index"]["analysis"]["tokenizer"][tokenizer]["user_dictionary_rules"] =
            json!(lexicon.rules());
    }
    Ok(settings)
}

fn mappings() -> Result<Value, Error> {
    let mut mappings = parsed(MAPPINGS)?;
    mappings["_meta"] = json!({ "making": making() });
    Ok(mappings)
}

fn parsed(json: &str) -> Result<Value, Error> {
    serde_json::from_str(json).map_err(|error| Error::Configuration(error.to_string()))
}
