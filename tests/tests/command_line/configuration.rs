//! Where the values of options come from.

use std::collections::BTreeSet;

use clap::CommandFactory;
use jangteo::cli::Cli;
use jangteo::configuration;
use tests::program::{self, run};

use super::options::are_named;

/// `deploy/example.toml`, its lines for servers taken instead of those above them.
fn example(on_servers: bool) -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let text = std::fs::read_to_string(root.join("deploy/example.toml")).unwrap();
    let mut lines: Vec<String> = vec![];
    for line in text.lines() {
        match line.strip_prefix("#real ").filter(|_| on_servers) {
            Some(real) => {
                let key = real.split(' ').next().unwrap();
                lines.retain(|line| line.split(' ').next() != Some(key));
                lines.push(real.to_owned());
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

#[test]
fn the_example_of_a_configuration_names_every_option_that_serves() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Cli::command().find_subcommand("serve").unwrap().clone();
    let cli = Cli::command();
    let options = serve.get_arguments().chain(cli.get_arguments());
    let named = options.filter_map(|option| option.get_long());
    // What is asked of one run alone, and where the example itself stands.
    let wanted: BTreeSet<&str> =
        named.filter(|name| !["config", "help", "json", "version"].contains(name)).collect();
    for on_servers in [false, true] {
        let path = folder.path().join("example.toml");
        std::fs::write(&path, example(on_servers)).unwrap();
        let values = configuration::read(&path).unwrap();
        let given: BTreeSet<&str> = values.keys().map(String::as_str).collect();
        // Nothing is sent anywhere from one machine.
        let left_out = BTreeSet::from(["otlp-endpoint"]);
        let wanted = if on_servers { wanted.clone() } else { &wanted - &left_out };
        assert_eq!(given, wanted, "on servers: {on_servers}");
        assert_eq!(values["log"].starts_with("postgres:"), on_servers);
    }
}

#[tokio::test]
async fn what_is_typed_comes_before_variables_and_those_before_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let secret = write("secret", "sqlite:/nowhere/secret\n");
    let config = write("jangteo.toml", "log = \"sqlite:/nowhere/config\"\njson = true\n");
    let told = async |words: &[&str], variables: &[(&str, &str)]| {
        let words = [&["timeline", "ord_01h455vb4pex5vsknk084sn02q"], words].concat();
        let ended =
            program::command(&words).envs(variables.iter().copied()).output().await.unwrap();
        assert_eq!(ended.status.code(), Some(2));
        String::from_utf8(ended.stderr).unwrap()
    };
    let from_config = ("JANGTEO_CONFIG", config.as_str());
    let from_secret = ("JANGTEO_LOG_FILE", secret.as_str());
    let from_variable = ("JANGTEO_LOG", "sqlite:/nowhere/variable");
    assert!(told(&[], &[from_config]).await.contains("/nowhere/config"));
    assert!(told(&["--config", &config], &[]).await.contains("/nowhere/config"));
    assert!(told(&[], &[from_config, from_secret]).await.contains("/nowhere/secret"));
    let all = [from_config, from_secret, from_variable];
    assert!(told(&[], &all).await.contains("/nowhere/variable"));
    let typed = ["--log", "sqlite:/nowhere/typed"];
    assert!(told(&typed, &all).await.contains("/nowhere/typed"));
}

#[tokio::test]
async fn everything_wrong_with_a_configuration_file_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jangteo.toml");
    std::fs::write(&path, "colour = 1\nlisten = 1.5\nlog_file = \"/nowhere/log\"\n").unwrap();
    let ended = run(&["serve", "--config", path.to_str().unwrap()]).await;
    are_named(&ended, &["no option colour", "listen: is a text", "log: /nowhere/log"]);
    let ended = run(&["serve", "--config", "/nowhere/jangteo.toml"]).await;
    are_named(&ended, &["/nowhere/jangteo.toml"]);
}
