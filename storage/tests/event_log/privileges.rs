//! What each role may do on a real server, and what is said of one that may not do enough.

use events_schema::envelope::Position;
use events_schema::time::Timestamp;
use storage::event_log::postgres::{PostgresLog, migrate};
use storage::event_log::{Error, EventLog, Filter, open_read_only};
use storage::world::World;
use tokio_postgres::Client;

use crate::database::{Database, a_name, connect};
use crate::postgres::Store;
use crate::support::{Store as _, a_stream, a_unit};

const FORBIDDEN_TO_ALL: [&str; 14] = [
    "UPDATE events SET payload = ''",
    "DELETE FROM events",
    "TRUNCATE events",
    "INSERT INTO events SELECT * FROM events",
    "UPDATE head SET position = 9",
    "DELETE FROM head",
    "TRUNCATE head",
    "UPDATE streams SET version = 9",
    "DELETE FROM commands",
    "UPDATE commands SET answer = ''",
    "TRUNCATE commands",
    "DROP TABLE events",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "CREATE TABLE mine (x integer)",
];

async fn is_forbidden(client: &Client, statement: &str) {
    let error = client.batch_execute(statement).await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "42501", "{statement}: {error:?}");
}

async fn a_log_with_an_event() -> Store {
    let store = Store::make().await;
    store.open().await.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    store
}

#[tokio::test]
async fn the_applications_role_can_append_and_nothing_else() {
    let store = a_log_with_an_event().await;
    let member = store.0.as_member_of("jangteo_app").await;
    let log = PostgresLog::open(&member, &World::system()).await.unwrap();
    log.append(a_unit(a_stream(), 0, 1)).await.unwrap();
    log.forget_keys().await.unwrap();
    let client = connect(&member).await;
    for statement in FORBIDDEN_TO_ALL {
        is_forbidden(&client, statement).await;
    }
    let history = "SELECT stream, payload->>'note' FROM event_history";
    let rows = client.query(history, &[]).await.unwrap();
    assert!(rows[0].get::<_, String>(0).starts_with("order/"));
    assert_eq!(rows[0].get::<_, String>(1), "한글");
}

#[tokio::test]
async fn the_readers_role_reads_all_of_the_log_and_writes_nothing() {
    let store = a_log_with_an_event().await;
    let member = store.0.as_member_of("jangteo_reader").await;
    let log = open_read_only(&member, World::system()).await.unwrap();
    let page = log.read(Position(0), &Filter::default(), 10).await.unwrap();
    assert_eq!(page.events.len(), 1);
    let stream = page.events[0].meta.stream;
    assert_eq!(log.read_stream(stream, Default::default(), 10).await.unwrap().events.len(), 1);
    assert_eq!(log.read_at(&[Position(1)]).await.unwrap().len(), 1);
    assert_eq!(log.position_at(Timestamp::EPOCH).await.unwrap(), Position(0));
    assert_eq!(log.position_at(log.head().await.unwrap().recorded_at).await.unwrap(), Position(1));
    let unit = a_unit(a_stream(), 0, 1);
    assert!(matches!(log.answer(&unit.commands[0].intent).await, Err(Error::Unavailable(_))));
    assert!(matches!(log.append(unit).await, Err(Error::Unavailable(_))));
    assert!(matches!(log.forget_keys().await, Err(Error::Unavailable(_))));
    log.close().await;

    let client = connect(&member).await;
    for statement in FORBIDDEN_TO_ALL {
        is_forbidden(&client, statement).await;
    }
    is_forbidden(&client, "SELECT answer FROM commands").await;
    is_forbidden(&client, "SELECT forget_keys(1)").await;
    let append = "SELECT append(false, '{}','{}','{}', '{}','{}','{}', '{}','{}', '{}','{}','{}',\
                  '{}','{}','{}', '{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}',\
                  '{}','{}','{}')";
    is_forbidden(&client, append).await;
    is_forbidden(&client, "SET ROLE jangteo_app").await;
}

#[tokio::test]
async fn a_reader_settles_what_is_over_and_cannot_move_the_logs_time_ahead() {
    let store = a_log_with_an_event().await;
    let member = store.0.as_member_of("jangteo_reader").await;
    let client = connect(&member).await;
    let settle = "SELECT settle(clock_timestamp() + interval '300 milliseconds')";
    assert!(client.query_one(settle, &[]).await.unwrap().get::<_, bool>(0));
    let ahead = "SELECT recorded_at > clock_timestamp() FROM head";
    assert!(!client.query_one(ahead, &[]).await.unwrap().get::<_, bool>(0));
    let far = "SELECT settle(clock_timestamp() + interval '2 seconds')";
    assert!(!client.query_one(far, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn what_a_role_lacks_is_named_and_migrating_grants_it_again() {
    let Store(database) = Store::make().await;
    let revoke = "REVOKE SELECT ON streams, head FROM jangteo_app; \
                  REVOKE EXECUTE ON FUNCTION append FROM jangteo_app";
    database.client().await.batch_execute(revoke).await.unwrap();
    let url = format!("{}?options=-csynchronous_commit%3Doff", database.url);
    let opened = PostgresLog::open(&url, &World::system()).await;
    let Err(Error::Configuration(told)) = opened else { panic!("{opened:?}") };
    for part in ["EXECUTE on append", "SELECT on head, SELECT on streams", "synchronous_commit"] {
        assert!(told.contains(part), "{told}");
    }
    migrate(&database.url).await.unwrap();
    PostgresLog::open(&database.url, &World::system()).await.unwrap();
}

#[tokio::test]
async fn a_clock_and_an_encoding_that_are_off_are_named_together() {
    let latin = "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    let database = Database::like("log", latin).await;
    let told = migrate(&database.url).await.unwrap_err().to_string();
    assert!(told.contains("ENCODING 'UTF8'"), "{told}");
    let now = World::system().now();
    for (seconds, told) in [(90, "behind this machine's"), (-90, "ahead of this machine's")] {
        let world = World::simulated(1, now.plus_seconds(seconds));
        let opened = PostgresLog::open(&database.url, &world).await;
        let Err(Error::Configuration(why)) = opened else { panic!("{opened:?}") };
        assert!(why.contains(told) && why.contains("NTP") && why.contains("UTF8"), "{why}");
    }
}

#[tokio::test]
async fn an_owner_who_may_make_roles_needs_to_be_no_superuser() {
    let (user, database) = (a_name("owner"), Database::make("log").await);
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let (_, place) = server.split_once('@').unwrap();
    let owner = format!("postgres://{user}@{place}/{name}");
    for statement in [
        format!("CREATE ROLE {user} LOGIN CREATEROLE"),
        format!("ALTER DATABASE {name} OWNER TO {user}"),
    ] {
        database.client().await.batch_execute(&statement).await.unwrap();
    }
    for _ in 0..2 {
        migrate(&owner).await.unwrap();
    }
    PostgresLog::open(&owner, &World::system()).await.unwrap();
    open_read_only(&owner, World::system()).await.unwrap();
}

#[tokio::test]
async fn who_belongs_to_no_role_is_told_which() {
    let store = Store::make().await;
    let member = store.0.as_member_of("jangteo_reader").await;
    let opened = PostgresLog::open(&member, &World::system()).await;
    let Err(Error::Configuration(told)) = opened else { panic!("{opened:?}") };
    assert!(told.contains("grant the role jangteo_app"), "{told}");
}
