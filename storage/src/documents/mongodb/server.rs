//! What must be true of a server before it is used: its version, and what the user may do.

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;

use super::super::Error;
use super::{command, view};
use crate::access::Access;

/// The adapter is written for these, and uses nothing that came after version 5.
const WRITTEN_FOR: std::ops::RangeInclusive<u32> = 6..=8;
const OLDEST: u32 = 5;
/// What each of MongoDB's own roles is asked for. None of it is to remove a document.
const READ: (&str, &[&str]) = ("read", &["find"]);
const READ_WRITE: (&str, &[&str]) = (
    "readWrite",
    &["find", "insert", "update", "createCollection", "createIndex", "dropCollection"],
);
const COMMAND_NOT_FOUND: i32 = 59;

/// Names every problem at once.
pub(super) async fn check(database: &Database, access: Access) -> Result<(), Error> {
    let server = command(async { database.run_command(doc! { "buildInfo": 1 }).await }).await?;
    let mut problems = Vec::new();
    match fitness(server.get_str("version").unwrap_or_default()) {
        Fitness::Good => (),
        Fitness::Unknown(version) => tracing::warn!(
            mongodb.version = version,
            "documents are written for MongoDB 6 to 8: this server is used all the same"
        ),
        Fitness::TooOld(problem) => problems.push(problem),
    }
    // Nobody in particular, on a server that knows users, learns it here.
    view::serving(database, "").await?;
    problems.extend(lacking(&privileges(database).await?, database.name(), access));
    if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
}

#[derive(Debug, PartialEq, Eq)]
enum Fitness<'a> {
    Good,
    /// Tests run on a stand-in that calls itself 5.0, and whoever upgrades early is not locked out.
    Unknown(&'a str),
    TooOld(String),
}

fn fitness(version: &str) -> Fitness<'_> {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if WRITTEN_FOR.contains(&major) => Fitness::Good,
        Some(major) if major < OLDEST => {
            Fitness::TooOld(format!("the server is MongoDB {version}: give one of 6 to 8"))
        }
        Some(_) | None => Fitness::Unknown(version),
    }
}

/// What the server says of the user; nothing where it knows no users.
async fn privileges(database: &Database) -> Result<Document, Error> {
    let ask = doc! { "connectionStatus": 1, "showPrivileges": true };
    let answer = command(async {
        match database.run_command(ask).await {
            Err(error) if is_unknown(&error) => Ok(Document::new()),
            other => other,
        }
    });
    answer.await
}

fn is_unknown(error: &mongodb::error::Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(refusal) if refusal.code == COMMAND_NOT_FOUND)
}

/// What the user may not, and what to grant.
fn lacking(status: &Document, database: &str, access: Access) -> Option<String> {
    let info = status.get_document("authInfo").ok()?;
    // Without access control nobody is anybody, and everybody may do all.
    if info.get_array("authenticatedUsers").is_ok_and(Vec::is_empty) {
        return None;
    }
    let granted = info.get_array("authenticatedUserPrivileges").ok()?;
    let granted: Vec<&Document> = granted
        .iter()
        .filter_map(|privilege| privilege.as_document())
        .filter(|privilege| covers(privilege, database))
        .collect();
    let may = |action: &str| {
        let mut actions =
            granted.iter().filter_map(|privilege| privilege.get_array("actions").ok());
        actions.any(|all| all.iter().any(|known| known.as_str() == Some(action)))
    };
    let (role, actions) = match access {
        Access::Read => READ,
        Access::Write => READ_WRITE,
    };
    let lacking: Vec<&str> = actions.iter().copied().filter(|action| !may(action)).collect();
    let lacking = (!lacking.is_empty()).then(|| lacking.join(", "))?;
    Some(format!(
        "the user may not {lacking} in the database {database}: grant the role {role} on {database}"
    ))
}

/// Whether a privilege is for every collection of the database.
fn covers(privilege: &Document, database: &str) -> bool {
    let Ok(resource) = privilege.get_document("resource") else { return false };
    let any_collection = resource.get_str("collection").is_ok_and(str::is_empty);
    let this_database = resource.get_str("db").is_ok_and(|db| db.is_empty() || db == database);
    resource.get_bool("anyResource").unwrap_or(false) || (any_collection && this_database)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_servers_are_refused_and_unknown_ones_noted() {
        for version in ["6.0.0", "7.0.12", "8.2.1-rc0"] {
            assert_eq!(fitness(version), Fitness::Good);
        }
        for version in ["5.0.0", "9.0.0", "10.0", "", "x"] {
            assert_eq!(fitness(version), Fitness::Unknown(version));
        }
        for version in ["4.4.29", "3.6.0"] {
            assert!(matches!(fitness(version), Fitness::TooOld(told) if told.contains(version)));
        }
    }

    /// As MongoDB's manual shows the answer to `connectionStatus`.
    fn status(resource: Document, actions: &[&str]) -> Document {
        doc! { "authInfo": {
            "authenticatedUsers": [{ "user": "u", "db": "admin" }],
            "authenticatedUserRoles": [],
            "authenticatedUserPrivileges": [{ "resource": resource, "actions": actions }],
        }}
    }

    const ALL: &[&str] = READ_WRITE.1;

    fn lacks(resource: &Document, actions: &[&str], access: Access) -> Option<String> {
        lacking(&status(resource.clone(), actions), "jangteo", access)
    }

    #[test]
    fn a_writer_is_told_all_that_it_may_not() {
        let here = doc! { "db": "jangteo", "collection": "" };
        let every = doc! { "db": "", "collection": "" };
        for resource in [here.clone(), every, doc! { "anyResource": true }] {
            assert_eq!(lacks(&resource, ALL, Access::Write), None);
        }
        let reads = lacks(&here, &["find", "listCollections"], Access::Write).unwrap();
        let expected = "the user may not insert, update, createCollection, createIndex, \
                        dropCollection in the database jangteo: grant the role readWrite on jangteo";
        assert_eq!(reads, expected);
        for elsewhere in [
            doc! { "db": "other", "collection": "" },
            doc! { "db": "jangteo", "collection": "orders_g1" },
        ] {
            let nothing = lacks(&elsewhere, ALL, Access::Write).unwrap();
            assert!(nothing.contains(&ALL.join(", ")), "{nothing}");
        }
    }

    #[test]
    fn a_reader_is_asked_only_to_find() {
        let here = doc! { "db": "jangteo", "collection": "" };
        assert_eq!(lacks(&here, &["find", "listCollections"], Access::Read), None);
        assert_eq!(lacks(&here, ALL, Access::Read), None);
        let elsewhere = lacks(&doc! { "db": "other", "collection": "" }, ALL, Access::Read);
        let expected =
            "the user may not find in the database jangteo: grant the role read on jangteo";
        assert_eq!(elsewhere.as_deref(), Some(expected));
    }

    #[test]
    fn a_server_without_users_lets_everybody_do_all() {
        let open = doc! { "authInfo": {
            "authenticatedUsers": [], "authenticatedUserPrivileges": [],
        }};
        for status in [open, Document::new()] {
            assert_eq!(lacking(&status, "jangteo", Access::Write), None);
        }
    }
}
