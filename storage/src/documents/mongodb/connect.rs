//! From a URL to a database that has answered once.

use std::time::Duration;

use mongodb::options::{
    ClientOptions, ReadConcern, ReadPreference, SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Database};

use super::super::Error;
use super::server;
use crate::access::Access;

const SERVER_SELECTION_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
pub(super) const WRITE_CONCERN_TIMEOUT: Duration = Duration::from_secs(20);

pub(super) async fn database(url: &str, access: Access) -> Result<Database, Error> {
    let options = options(url).await?;
    let Some(name) = options.default_database.clone() else {
        return configuration("the URL of documents names no database: mongodb://HOST/DATABASE");
    };
    let client = Client::with_options(options).map_err(|error| unreadable(url, &error))?;
    let database = client.database(&name);
    server::check(&database, access).await?;
    Ok(database)
}

async fn options(url: &str) -> Result<ClientOptions, Error> {
    let mut options = ClientOptions::parse(url).await.map_err(|error| unreadable(url, &error))?;
    options.app_name.get_or_insert_with(|| "jangteo".to_owned());
    options.server_selection_timeout.get_or_insert(SERVER_SELECTION_TIMEOUT);
    options.connect_timeout.get_or_insert(CONNECT_TIMEOUT);
    // What is read must have been decided: no URL may weaken that.
    let mut majority = WriteConcern::majority();
    majority.w_timeout = Some(WRITE_CONCERN_TIMEOUT);
    options.write_concern = Some(majority);
    options.read_concern = Some(ReadConcern::majority());
    options.selection_criteria = Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
    Ok(options)
}

/// The driver's words may quote a part of the URL, and with it of the password.
fn unreadable(url: &str, error: &mongodb::error::Error) -> Error {
    if url.contains('@') {
        return Error::Configuration(
            "the URL of documents cannot be read: write mongodb://USER:PASSWORD@HOST/DATABASE, \
             with user and password percent-encoded, and only options that MongoDB knows"
                .to_owned(),
        );
    }
    Error::Configuration(format!("the URL of documents cannot be read: {}", error.kind))
}

fn configuration<T>(reason: &str) -> Result<T, Error> {
    Err(Error::Configuration(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What else a URL may not weaken shows in the commands that are sent.
    #[tokio::test]
    async fn a_url_says_how_long_to_look_for_a_server_and_not_which_one_to_read() {
        let primary = SelectionCriteria::ReadPreference(ReadPreference::Primary);
        let patient = "&serverSelectionTimeoutMS=9000&connectTimeoutMS=8000";
        for (more, seconds) in [("", (5, 5)), (patient, (9, 8))] {
            let url = format!("mongodb://h/d?replicaSet=r&readPreference=nearest{more}");
            let options = options(&url).await.unwrap();
            assert_eq!(options.selection_criteria.as_ref(), Some(&primary));
            let (selection, connection) = seconds;
            assert_eq!(options.server_selection_timeout, Some(Duration::from_secs(selection)));
            assert_eq!(options.connect_timeout, Some(Duration::from_secs(connection)));
        }
    }
}
