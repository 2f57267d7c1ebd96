//! `jangteo parked`: documents that met an event which does not fit them.

use clap::{Args, Subcommand};
use events_schema::envelope::{Payload, Recorded};
use projector::parked::{self, ANSWER_TIMEOUT, Document, Unparked};
use projector::registry::VIEWS;
use projector::{Ports, Projector};
use serde_json::json;
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::failure::Failure;
use crate::output::{Outcome, Output, say};
use crate::stores::{self, Access, ViewOptions};

/// The most events that are shown of those that wait for a document.
const SHOWN_MAX: usize = 100;

/// List parked documents, show one, or replay what waits for it
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo parked list
  jangteo parked show order ord_01h455vb4pex5vsknk084sn02q
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
    /// Why a document is parked, and which events wait for it
    Show {
        #[command(flatten)]
        named: Named,
    },
    /// Have applied in order what waits for a document, once its cause is mended: by the process that
    /// works on it, or by this one where none does
    Unpark {
        #[command(flatten)]
        named: Named,
    },
}

#[derive(Args, Debug)]
struct Named {
    view: String,
    /// The document's id
    id: String,
    #[command(flatten)]
    stores: ViewOptions,
}

/// # Errors
/// When a store cannot be used, or nobody replays the document.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    match options.action {
        Action::List { stores } => list(&stores, output).await,
        Action::Show { named } => show(&named, output).await,
        Action::Unpark { named } => unpark(&named, output).await,
    }
}

fn of_request(error: parked::Error) -> Failure {
    match error {
        parked::Error::UnknownView(_) => Failure::configuration(error.to_string()),
        parked::Error::Unanswered { .. } | parked::Error::Documents(_) => error.into(),
    }
}

async fn list(options: &ViewOptions, output: Output) -> Result<Outcome, Failure> {
    let ports = stores::read_views(options, &World::system()).await?;
    let mut found = vec![];
    for view in VIEWS {
        found.extend(parked::list(&*ports.documents, view.name).await?);
    }
    output.answer(&json!({ "parked": found }), |_| {
        if found.is_empty() {
            "nothing is parked".to_owned()
        } else {
            found.iter().map(|document| line(document) + "\n").collect()
        }
    })?;
    Ok(if found.is_empty() { Outcome::Well } else { Outcome::Findings })
}

fn line(document: &Document) -> String {
    let Document { view, key, code, reason, positions, letters, .. } = document;
    let (code, waiting) = (code.as_str(), positions.len());
    let letters = match letters.len() {
        0 => String::new(),
        letters => format!(", {letters} letters not out yet"),
    };
    format!("{view} {key}: {code}: {reason} ({waiting} wait{letters})")
}

async fn show(named: &Named, output: Output) -> Result<Outcome, Failure> {
    let Named { view, id, stores } = named;
    let ports = stores::read_views(stores, &World::system()).await?;
    let found = parked::find(&*ports.documents, view, id).await.map_err(of_request)?;
    let not_parked = || Failure::configuration(format!("{view} {id} is not parked"));
    let document = found.ok_or_else(not_parked)?;
    let shown = document.positions.get(..SHOWN_MAX).unwrap_or(&document.positions);
    let mut events: Vec<Recorded<Payload>> = vec![];
    while let Some(rest) = shown.get(events.len()..).filter(|rest| !rest.is_empty()) {
        events.extend(ports.log.read_at(rest).await?);
    }
    let event = |event: &Recorded<Payload>| {
        json!({
            "position": event.position,
            "type": event.meta.event_type,
            "stream": event.meta.stream.to_string(),
            "recorded_at": event.recorded_at,
        })
    };
    let answer = json!({
        "parked": document,
        "events": events.iter().map(event).collect::<Vec<_>>(),
    });
    output.answer(&answer, |_| text(&document, &events))?;
    Ok(Outcome::Findings)
}

fn text(document: &Document, events: &[Recorded<Payload>]) -> String {
    let Document { generation, parked_at, positions, .. } = document;
    let mut text = format!("{}\ngeneration {generation}, parked at {parked_at}\n", line(document));
    for Recorded { position, recorded_at, meta, .. } in events {
        text += &format!("{position:>12} {recorded_at} {} of {}\n", meta.event_type, meta.stream);
    }
    match positions.len().saturating_sub(events.len()) {
        0 => text,
        more => text + &format!("and {more} more\n"),
    }
}

async fn unpark(named: &Named, output: Output) -> Result<Outcome, Failure> {
    let Named { view, id, stores } = named;
    let world = World::system();
    let unparked = match stores::alone(stores, &world).await? {
        Some(ports) => unpark_alone(ports, (view, id), output).await?,
        None => {
            say("another process works on the views: waiting for it to replay the document");
            let ports = stores::write_views(Access::Read, stores, &world).await?;
            wait(&ports, (view, id)).await?
        }
    };
    let (outcome, text) = match &unparked {
        Unparked::Flows(events) => (Outcome::Well, format!("{events} events replayed, it flows")),
        Unparked::NotParked => (Outcome::Well, "it was not parked".to_owned()),
        Unparked::ParkedAgain(reason) => {
            (Outcome::Findings, format!("an event still does not fit, it stays parked: {reason}"))
        }
    };
    let is_well = outcome == Outcome::Well;
    output.answer(&json!({ "unparked": is_well, "outcome": unparked }), |_| text)?;
    Ok(outcome)
}

async fn wait(ports: &Ports, named: (&str, &str)) -> Result<Unparked, Failure> {
    let unparked = parked::unpark(&*ports.documents, &ports.world, named, ANSWER_TIMEOUT).await;
    unparked.map_err(of_request)
}

/// Nobody else works on views: this process does until the document is replayed.
async fn unpark_alone(
    ports: Ports,
    named: (&str, &str),
    output: Output,
) -> Result<Unparked, Failure> {
    // A view that is not there is told before any is started.
    parked::find(&*ports.documents, named.0, named.1).await.map_err(of_request)?;
    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let projector = Projector::start(ports.clone(), tracker.clone(), shutdown.clone());
    let head = ports.log.head().await?.position;
    let unparked = match stores::caught_up(projector.views(), head, output).await {
        Ok(()) => wait(&ports, named).await,
        Err(failure) => Err(failure),
    };
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;
    unparked
}
