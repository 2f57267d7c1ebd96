//! What is asked of a server before it is used: all that is wrong, at once.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::Error;
use super::index::{self, Index};
use super::rights;
use super::server::{Failure, Method, Server};
use crate::access::Access;

#[derive(Deserialize)]
struct Root {
    version: Version,
}

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    distribution: Option<String>,
    number: String,
}

/// Of the indices that are there only those of this very making are looked at: others serve the programs that
/// made them. A reader is content with an index that is not there, and asks for no right to analyse.
pub(super) async fn none(server: &Server, prefix: &str, access: Access) -> Result<(), Error> {
    let root: Root = match server.call(Method::Get, "", None).await {
        Err(Failure::Refused(refusal)) if refusal.status == 401 => {
            let refused = "the search server refuses this user and password".to_owned();
            return Err(Error::Configuration(refused));
        }
        Err(Failure::Refused(refusal)) if refusal.status == 403 => {
            let refused = "the user of search may not look at the server: grant the cluster \
                           privilege monitor";
            return Err(Error::Configuration(refused.to_owned()));
        }
        Err(Failure::Silent(Error::Unavailable(error))) if error.is::<serde_json::Error>() => {
            let other = "what answers there is neither Elasticsearch nor OpenSearch".to_owned();
            return Err(Error::Configuration(other));
        }
        answer => answer?,
    };
    let mut problems: Vec<String> = too_old(&root.version).into_iter().collect();
    problems.extend(rights::lacking(server, prefix, access).await?);
    if access == Access::Write {
        problems.extend(no_nori(server).await?);
    }
    let path = format!("{prefix}_g*?expand_wildcards=open,closed");
    let indices: BTreeMap<String, Value> = server.call(Method::Get, &path, None).await?;
    let of_us =
        |name: &str, there: &Value| Index::is_of(prefix, name) && index::is_of_this_making(there);
    for (name, there) in indices.iter().filter(|(name, there)| of_us(name, there)) {
        problems.extend(index::difference(name, there)?);
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
}

fn too_old(version: &Version) -> Option<String> {
    let is_opensearch = version.distribution.as_deref() == Some("opensearch");
    let (name, least) = if is_opensearch { ("OpenSearch", 2) } else { ("Elasticsearch", 8) };
    let number = &version.number;
    let major: Option<u32> = number.split('.').next().and_then(|major| major.parse().ok());
    let is_too_old = major.is_none_or(|major| major < least);
    is_too_old.then(|| format!("{name} {number} is too old: {least} or newer is needed"))
}

async fn no_nori(server: &Server) -> Result<Option<String>, Error> {
    let body = json!({ "tokenizer": "nori_tokenizer", "text": "장터" });
    match server.call::<Value>(Method::Post, "_analyze", body.to_string()).await {
        Ok(_) => Ok(None),
        Err(Failure::Refused(refusal)) if refusal.status == 400 => {
            let way_out = "the server has no nori: install its plugin analysis-nori on every node";
            Ok(Some(way_out.to_owned()))
        }
        // This takes a right that nothing else does. Without nori the index is refused when it is made.
        Err(Failure::Refused(refusal)) if refusal.status == 403 => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_old_enough_or_named() {
        let version = |distribution: Option<&str>, number: &str| {
            let distribution = distribution.map(ToOwned::to_owned);
            too_old(&Version { distribution, number: number.to_owned() })
        };
        assert_eq!(version(None, "9.5.3"), None);
        assert_eq!(version(Some("opensearch"), "3.8.0"), None);
        for (distribution, number) in
            [(None, "7.17.0"), (Some("opensearch"), "1.3.20"), (None, "x")]
        {
            assert!(version(distribution, number).unwrap().contains(number));
        }
    }
}
