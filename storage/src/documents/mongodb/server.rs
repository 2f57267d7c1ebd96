//! What must be true of a server before it is used: its version, and what the user may do.

use mongodb::Database;
use mongodb::bson::{Document, doc};
use mongodb::error::ErrorKind;

use super::super::Error;
use super::{command, view};

/// The adapter is written for these, and uses nothing that came after version 5.
const WRITTEN_FOR: std::ops::RangeInclusive<u32> = 6..=8;
const OLDEST: u32 = 5;
/// All of these are in the role `readWrite`.
const ACTIONS: [&str; 6] =
    ["find", "insert", "update", "createCollection", "createIndex", "dropCollection"];
const COMMAND_NOT_FOUND: i32 = 59;

/// Names every problem at once.
pub(super) async fn check(database: &Database) -> Result<(), Error> {
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
    let lacking = lacking(&privileges(database).await?, database.name());
    if !lacking.is_empty() {
        problems.push(format!(
            "the user may not {} in the database {name}: grant the role readWrite on {name}",
            lacking.join(", "),
            name = database.name()
        ));
    }
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

fn lacking(status: &Document, database: &str) -> Vec<&'static str> {
    let Ok(info) = status.get_document("authInfo") else { return Vec::new() };
    // Without access control nobody is anybody, and everybody may do all.
    if info.get_array("authenticatedUsers").is_ok_and(Vec::is_empty) {
        return Vec::new();
    }
    let Ok(granted) = info.get_array("authenticatedUserPrivileges") else { return Vec::new() };
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
    ACTIONS.into_iter().filter(|action| !may(action)).collect()
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

    #[test]
    fn what_the_user_may_not_is_named_all_at_once() {
        let here = doc! { "db": "jangteo", "collection": "" };
        assert!(lacking(&status(here.clone(), &ACTIONS), "jangteo").is_empty());
        let every = doc! { "db": "", "collection": "" };
        assert!(lacking(&status(every, &ACTIONS), "jangteo").is_empty());
        assert!(lacking(&status(doc! { "anyResource": true }, &ACTIONS), "jangteo").is_empty());
        let reads = lacking(&status(here.clone(), &["find", "listCollections"]), "jangteo");
        assert_eq!(reads, ACTIONS[1..]);
        assert_eq!(lacking(&status(here, &ACTIONS), "other"), ACTIONS);
        let one = doc! { "db": "jangteo", "collection": "orders_g1" };
        assert_eq!(lacking(&status(one, &ACTIONS), "jangteo"), ACTIONS);
    }

    #[test]
    fn a_server_without_users_lets_everybody_do_all() {
        let open = doc! { "authInfo": {
            "authenticatedUsers": [], "authenticatedUserPrivileges": [],
        }};
        for status in [open, Document::new()] {
            assert!(lacking(&status, "jangteo").is_empty());
        }
    }
}
