//! `jangteo parked`: documents that met an event which does not fit them.

use clap::{Args, Subcommand};
use projector::registry::VIEWS;
use projector::{Projector, Unparked, parked};
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, Access, ViewOptions};

/// List parked documents, or replay what waits for one
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo parked list
  jangteo parked unpark order ord_01h455vb4pex5vsknk084sn02q")]
pub struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every parked document, why, and how many events wait for it
    List {
        #[command(flatten)]
        stores: ViewOptions,
    },
    /// Apply in order what waits for a document, once its cause is mended. No other process may
    /// run the views meanwhile
    Unpark {
        view: String,
        /// The document's id
        id: String,
        #[command(flatten)]
        stores: ViewOptions,
    },
}

/// # Errors
/// When a store cannot be used, or the document still does not take its events.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    match options.action {
        Action::List { stores } => list(&stores, output).await,
        Action::Unpark { view, id, stores } => unpark(&stores, (&view, &id), output).await,
    }
}

async fn list(options: &ViewOptions, output: Output) -> Result<Outcome, Failure> {
    let ports = stores::views(Access::Read, options, &World::system()).await?;
    ports.documents.declare(&parked::COLLECTION, parked::GENERATION).await?;
    let mut found = vec![];
    for view in VIEWS {
        found.extend(parked::list(&*ports.documents, view.name).await?);
    }
    output.answer(&serde_json::json!({ "parked": found }), |_| {
        let line = |document: &parked::Document| {
            let waiting = document.positions.len();
            format!("{} {}: {} ({waiting} wait)\n", document.view, document.key, document.reason)
        };
        if found.is_empty() {
            "nothing is parked".to_owned()
        } else {
            found.iter().map(line).collect()
        }
    })?;
    Ok(if found.is_empty() { Outcome::Well } else { Outcome::Findings })
}

async fn unpark(
    options: &ViewOptions,
    (view, id): (&str, &str),
    output: Output,
) -> Result<Outcome, Failure> {
    let ports = stores::views(Access::Write, options, &World::system()).await?;
    let log = ports.log.clone();
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let projector = Projector::start(ports, tracker.clone(), shutdown.clone());
    let head = log.head().await?.position;
    stores::caught_up(projector.views(), head, output).await?;
    let unparked = projector.unpark(view, id).await;
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    let unparked = unparked.map_err(|error| Failure::configuration(error.to_string()))?;
    let (outcome, text) = match unparked {
        Unparked::Flows(events) => (Outcome::Well, format!("{events} events replayed, it flows")),
        Unparked::NotParked => (Outcome::Well, "it was not parked".to_owned()),
        Unparked::ParkedAgain => {
            (Outcome::Findings, "an event still does not fit: it stays parked".to_owned())
        }
    };
    output.answer(&serde_json::json!({ "unparked": outcome == Outcome::Well }), |_| text)?;
    Ok(outcome)
}
