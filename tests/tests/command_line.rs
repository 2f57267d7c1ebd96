//! The command line as people and scripts meet it.

#[cfg(test)]
#[path = "command_line/history.rs"]
mod history;
#[cfg(test)]
#[path = "command_line/options.rs"]
mod options;
#[cfg(test)]
#[path = "command_line/running.rs"]
mod running;
#[cfg(test)]
#[path = "command_line/views.rs"]
mod views;

/// An imported history with its views, and the folder's name.
#[cfg(test)]
async fn imported() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/olist");
    let import = ["import", "olist", source, "--data", &data, "--json"];
    let _ = tests::program::run(&import).await.well();
    (folder, data)
}
