//! Whether a user may do what it is here for, where the server knows users and says so.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::super::Error;
use super::server::{Failure, Method, Server};
use crate::access::Access;

/// To search, and to see that an index is there and of this making.
const READ: &[&str] = &["read", "view_index_metadata"];
/// To make, change and drop indices too, and to write entries.
const WRITE: &[&str] = &["read", "view_index_metadata", "index", "manage"];

#[derive(Deserialize)]
struct Answer {
    /// By the name that was asked for, then by privilege.
    index: BTreeMap<String, BTreeMap<String, bool>>,
}

/// What the user may not, and what to grant. A server that knows no users, or asks them elsewhere,
/// refuses the question.
pub(super) async fn lacking(
    server: &Server,
    prefix: &str,
    access: Access,
) -> Result<Option<String>, Error> {
    let names = format!("{prefix}_g*");
    let privileges = match access {
        Access::Read => READ,
        Access::Write => WRITE,
    };
    let question =
        json!({ "index": [{ "names": [&names], "privileges": privileges }] }).to_string();
    match server.call(Method::Post, "_security/user/_has_privileges", question).await {
        Ok(answer) => Ok(lacking_of(answer, &names)),
        Err(Failure::Refused(_)) => Ok(None),
        Err(failure @ Failure::Silent(_)) => Err(failure.into()),
    }
}

fn lacking_of(Answer { index }: Answer, names: &str) -> Option<String> {
    let privileges = index.into_values().flatten();
    let lacking: Vec<String> =
        privileges.filter(|(_, is_granted)| !is_granted).map(|(name, _)| name).collect();
    let lacking = (!lacking.is_empty()).then(|| lacking.join(", "))?;
    Some(format!("the user of search lacks privileges: grant {lacking} on the indices {names}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the server's reference shows the answer.
    fn answer(read: bool, index: bool) -> Answer {
        let answer = json!({
            "username": "u",
            "has_all_requested": read && index,
            "cluster": {},
            "index": { "a_g*": { "read": read, "view_index_metadata": true, "index": index } },
            "application": {},
        });
        serde_json::from_value(answer).unwrap()
    }

    #[test]
    fn all_that_is_lacking_is_named() {
        assert_eq!(lacking_of(answer(true, true), "a_g*"), None);
        let lacking = lacking_of(answer(false, false), "a_g*").unwrap();
        assert!(lacking.ends_with("grant index, read on the indices a_g*"), "{lacking}");
        let lacking = lacking_of(answer(true, false), "a_g*").unwrap();
        assert!(lacking.ends_with("grant index on the indices a_g*"), "{lacking}");
    }
}
