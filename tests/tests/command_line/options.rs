//! What is typed, and what the exit status says.

use std::os::unix::fs::PermissionsExt;

use clap::CommandFactory;
use jangteo::cli::Cli;
use storage::world::World;
use tests::program::{self, Ended, imported, run};

#[tokio::test]
async fn help_teaches_and_nonsense_is_refused() {
    let help = run(&["--help"]).await;
    assert_eq!(help.status, 0);
    for word in ["Examples:", "Exit status", "dev", "import", "verify"] {
        assert!(help.stdout.contains(word), "{word} in {}", help.stdout);
    }
    for words in [&["fly"][..], &["verify", "--fast"], &["replay"], &["token"], &[]] {
        let ended = run(words).await;
        assert_eq!(ended.status, 2, "{words:?}: {ended:?}");
        assert!(ended.stdout.is_empty(), "{ended:?}");
        assert!(ended.stderr.contains("Usage"), "{ended:?}");
    }
}

#[test]
fn every_command_has_an_example_and_every_option_a_variable() {
    let mut commands = vec![Cli::command()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        let name = command.get_name().to_owned();
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let variable = argument.get_env().and_then(|name| name.to_str());
            let of_clap = ["help", "version"].contains(&id);
            let is_named = variable.is_some_and(|name| name.starts_with("JANGTEO_"));
            // What is shown or mended is typed out.
            let is_typed = ["show", "unpark"].contains(&&*name) && argument.is_positional();
            assert!(of_clap || is_named || is_typed, "{name}: {id} has {variable:?}");
            seen += 1;
        }
        let has_parts = command.get_subcommands().next().is_some();
        let example =
            command.get_after_help().is_some_and(|help| help.to_string().contains("jangteo"));
        assert!(
            example || has_parts || ["list", "show", "unpark"].contains(&&*name),
            "{name} has no example"
        );
        commands.extend(command.get_subcommands().cloned());
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn a_command_takes_the_stores_that_it_uses_and_no_others() {
    const LOG: &[&str] = &["data", "log"];
    const VIEWS: &[&str] = &["data", "documents", "log", "search"];
    const ALL: &[&str] = &["data", "documents", "keys", "log", "search"];
    const SERVED: &[&str] = &["cache", "data", "documents", "keys", "log", "search"];
    for (words, stores) in [
        (&["token"][..], &["data"][..]),
        (&["migrate"], &["data", "keys", "log"]),
        (&["new-epoch"], LOG),
        (&["timeline"], LOG),
        (&["export"], LOG),
        (&["replay"], LOG),
        (&["rebuild"], VIEWS),
        (&["verify"], VIEWS),
        (&["parked", "list"], VIEWS),
        (&["parked", "show"], VIEWS),
        (&["parked", "unpark"], VIEWS),
        (&["dev"], SERVED),
        (&["serve"], SERVED),
        (&["import", "olist"], ALL),
    ] {
        let mut command = Cli::command();
        for word in words {
            command = command.find_subcommand(word).unwrap().clone();
        }
        let arguments = command.get_arguments().map(|argument| argument.get_id().as_str());
        let mut taken: Vec<_> = arguments.filter(|argument| SERVED.contains(argument)).collect();
        taken.sort_unstable();
        assert_eq!(taken, stores, "{words:?}");
    }
}

/// Each of these is named in a line of its own, and that is all that is said.
#[track_caller]
pub(crate) fn are_named(ended: &Ended, options: &[&str]) {
    assert_eq!((ended.status, ended.stdout.as_str()), (2, ""), "{ended:?}");
    for option in options {
        let named = |line: &str| line.contains(option);
        assert_eq!(
            ended.stderr.lines().filter(|line| named(line)).count(),
            1,
            "{option}: {ended:?}"
        );
    }
    assert_eq!(ended.stderr.lines().count(), options.len(), "{ended:?}");
}

const NO_STORES: [&str; 6] = [
    "--documents",
    "mongodb://localhost",
    "--search",
    "elastic://localhost",
    "--keys",
    "paper:drawer",
];

#[tokio::test]
async fn every_problem_of_the_configuration_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let under_a_file = file.join("data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let no_data = ["--data", under_a_file.to_str().unwrap()];
    let no_log = ["--log", "mysql://root@localhost/jangteo"];
    let no_stores = [&no_data[..], &no_log, &NO_STORES].concat();
    let named = ["--data:", "--log:", "--documents:", "--search:", "--keys:"];
    for words in [&["serve", "--role", "query-api"][..], &["dev"]] {
        let served = ["--listen", &address, "--cache", "memcached://u:secret@localhost"];
        let (no_bus, of_bus) = match words[0] {
            "serve" => (&["--bus", "amqp://u:secret@localhost"][..], &["--bus:"][..]),
            _ => (&[][..], &[][..]),
        };
        let ended = run(&[words, &served, &no_stores, no_bus].concat()).await;
        are_named(&ended, &[&named[..], &["--cache:", "--listen"], of_bus].concat());
        assert!(!ended.stderr.contains("secret"), "{ended:?}");
    }
    let ended = run(&[&["import", "olist", "/nowhere"][..], &no_log, &NO_STORES].concat()).await;
    are_named(&ended, &["/nowhere", "--log:", "--documents:", "--search:", "--keys:"]);
    let ended =
        run(&[&["verify", "--json"], &no_data[..], &no_log, &NO_STORES[..4]].concat()).await;
    are_named(&ended, &named[..4]);
    let ended = run(&[&["rebuild", "none"][..], &no_data, &no_log, &NO_STORES[..4]].concat()).await;
    are_named(&ended, &["view none", "--data:", "--log:", "--documents:", "--search:"]);
    let ended = run(&[&["replay", "none"][..], &no_log].concat()).await;
    are_named(&ended, &["view none", "--log:"]);
    let to = ["--to", under_a_file.to_str().unwrap(), "--format", "csv"];
    let ended = run(&[&["export"][..], &to, &no_log].concat()).await;
    are_named(&ended, &["--to:", "--log:"]);
    let no_keys = ["--keys", "vault:x"];
    let ended = run(&[&["migrate"][..], &no_data, &no_log, &no_keys].concat()).await;
    are_named(&ended, &["--data:", "--log:", "--keys:"]);
}

#[tokio::test]
async fn a_history_that_is_missing_hides_no_other_problem() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = ["--data", data.to_str().unwrap()];
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let serve = ["serve", "--role", "query-api", "--listen", &address];
    let ended = run(&[&serve[..], &data, &NO_STORES].concat()).await;
    are_named(&ended, &["no history", "--documents:", "--search:", "--keys:", "--listen"]);
    let ended = run(&[&["verify"][..], &data, &NO_STORES[..4]].concat()).await;
    are_named(&ended, &["no history", "--documents:", "--search:"]);
    // A store that is there is looked at, one that is not is not made.
    let documents = folder.path().join("documents.db");
    std::fs::write(&documents, "This is no database, whatever its name says.").unwrap();
    let documents = format!("sqlite:{}", documents.display());
    let search = format!("tantivy:{}", folder.path().join("search").display());
    let words = ["verify", "--documents", &documents, "--search", &search];
    let ended = run(&[&words[..], &data].concat()).await;
    are_named(&ended, &["no history", "--documents:"]);
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["documents.db"]);
}

#[tokio::test]
async fn secrets_that_others_may_read_are_named_with_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for name in ["token-key.pem", "edge-secret"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let words = ["dev", "--data", data, "--listen", "127.0.0.1:0", "--keys", "paper:drawer"];
    are_named(&run(&words).await, &["token-key.pem", "edge-secret", "--keys:"]);
}

#[tokio::test]
async fn what_is_asked_for_and_is_not_there_is_a_problem_of_the_request() {
    let (_folder, data) = imported().await;
    for words in [
        &["replay", "nothing"][..],
        &["rebuild", "nothing"],
        &["timeline", "ord_01h455vb4pex5vsknk084sn02q"],
        &["timeline", "lst_01h455vb4pex5vsknk084sn02q"],
        &["import", "olist", "/nowhere"],
        &["parked", "show", "nothing", "nothing"],
        &["parked", "show", "order", "nothing"],
        &["parked", "unpark", "nothing", "nothing"],
    ] {
        let ended = run(&[words, &["--data", &data]].concat()).await;
        assert_eq!((ended.status, ended.stdout.as_str()), (2, ""), "{words:?}: {ended:?}");
        assert!(!ended.stderr.trim().is_empty(), "{words:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
}

#[tokio::test]
async fn a_folder_without_a_history_says_what_to_do_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let serve = ["serve", "--role", "query-api"];
    for words in [&["verify"][..], &["parked", "list"], &["new-epoch"], &serve] {
        let ended = run(&[words, &["--data", data.to_str().unwrap()]].concat()).await;
        assert_eq!(ended.status, 2, "{ended:?}");
        assert!(ended.stderr.contains("jangteo migrate"), "{ended:?}");
        assert!(!data.exists(), "{words:?}");
    }
}

#[tokio::test]
async fn a_log_that_was_never_made_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let log = tests::postgres::new_database().await;
    let ended = run(&["serve", "--role", "command-api", "--data", data, "--log", &log]).await;
    assert_eq!(ended.status, 2, "{ended:?}");
    assert!(ended.stderr.contains("migrate"), "{ended:?}");
}

#[tokio::test]
async fn migrating_makes_the_tables_of_the_log_and_of_the_keys() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let log = tests::postgres::new_database().await;
    let keys = format!("{}?master={data}/master", tests::postgres::new_database().await);
    let ended = run(&["migrate", "--data", data, "--log", &log, "--keys", &keys, "--json"]).await;
    assert_eq!(ended.well()["migrated"], true);
    storage::event_log::open(&log, World::system()).await.unwrap();
    storage::keys::open(&keys, World::system()).await.unwrap();
}

#[tokio::test]
async fn a_new_epoch_begins_where_the_events_end_on_either_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for log in [format!("sqlite:{data}/log.db"), tests::postgres::new_database().await] {
        let stores = ["--data", data, "--log", &log, "--json"];
        let _ = run(&[&["migrate"][..], &stores].concat()).await.well();
        let ended = run(&[&["new-epoch"][..], &stores].concat()).await;
        assert_eq!(ended.well()["epoch"], 2, "{log}");
        let opened = storage::event_log::open(&log, World::system()).await.unwrap();
        let head = opened.head().await.unwrap();
        assert_eq!((head.epoch.0, head.position.0), (2, 0), "{log}");
    }
}

#[tokio::test]
async fn options_may_stand_in_the_environment() {
    let (_folder, data) = imported().await;
    let typed = run(&["verify", "--data", &data, "--json"]).await.well();
    let mut command = program::command(&["verify"]);
    command.env("JANGTEO_DATA", &data).env("JANGTEO_JSON", "true");
    assert_eq!(program::finish(command).await.well(), typed);
    let mut command = program::command(&["replay", "--json"]);
    command.env("JANGTEO_VIEW", "order").env("JANGTEO_UNTIL", "50").env("JANGTEO_DATA", &data);
    let typed = run(&["replay", "order", "--until", "50", "--data", &data, "--json"]).await.well();
    assert_eq!(program::finish(command).await.well(), typed);
    let mut command = program::command(&["token", "--json"]);
    command.env("JANGTEO_ROLE", "auditor").env("JANGTEO_DATA", &data);
    assert_eq!(program::finish(command).await.well()["roles"][0], "auditor");
    let mut command = program::command(&["verify", "--data", &data]);
    command.env("JANGTEO_LOG_FILTER", "storage=loud");
    are_named(&program::finish(command).await, &["--log-filter"]);
}
