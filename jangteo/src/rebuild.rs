//! `jangteo rebuild`: views anew, beside those that serve, then switched.

use clap::Args;
use projector::rebuild;
use serde::Serialize;
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output};
use crate::stores::{self, ViewOptions};

/// Rebuild views from the first event, compare them and switch
///
/// The new documents are written beside those that serve; the generation before is kept. Nothing
/// else may run on embedded stores meanwhile.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo rebuild
  jangteo rebuild order checkout --data ./data")]
pub struct Options {
    /// Names of views [default: all]
    #[arg(value_name = "VIEW", env = "JANGTEO_VIEWS", value_delimiter = ',')]
    views: Vec<String>,

    #[command(flatten)]
    stores: ViewOptions,
}

#[derive(Debug, Serialize)]
struct Rebuilt {
    view: &'static str,
    generation: u32,
    previous: Option<u32>,
    position: u64,
    documents: u64,
}

/// # Errors
/// When there is no such view, or a new generation is not what a second fold gives.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let names: Vec<&str> = options.views.iter().map(String::as_str).collect();
    let known = rebuild::named(&names);
    let known = known.map_err(|error| Failure::configuration(error.to_string()));
    let log = stores::access_to_work(&options.stores.log, false);
    let ports = stores::write_views(log, &options.stores, &World::system()).await;
    let (_, ports) = both(known, ports)?;
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let bar = output.progress(0, "rebuilding");
    let rebuilt = rebuild::rebuild(&ports, &tracker, &shutdown, &names).await;
    bar.finish_and_clear();
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    let rebuilt: Vec<_> = rebuilt?
        .into_iter()
        .map(|rebuilt| Rebuilt {
            view: rebuilt.verified.view,
            generation: rebuilt.verified.generation.0,
            previous: rebuilt.previous.map(|generation| generation.0),
            position: rebuilt.verified.position.0,
            documents: rebuilt.verified.documents,
        })
        .collect();
    output.answer(&serde_json::json!({ "rebuilt": rebuilt }), |_| text(&rebuilt))?;
    Ok(Outcome::Well)
}

fn text(rebuilt: &[Rebuilt]) -> String {
    let line = |view: &Rebuilt| {
        let Rebuilt { view, generation, position, documents, .. } = view;
        format!("{view:<16} generation {generation}, {documents} documents at {position}\n")
    };
    rebuilt.iter().map(line).collect()
}
