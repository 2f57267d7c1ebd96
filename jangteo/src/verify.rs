//! `jangteo verify`: recomputes everything that is stored, and names what is not what it should be.

mod chain;
mod escrow;
mod money;
mod stock;

use clap::Args;
use events_schema::Event;
use events_schema::envelope::{Payload, Position, Recorded};
use projector::Ports;
use projector::registry::VIEWS;
use projector::verify as views;
use serde::Serialize;
use storage::event_log::{EventLog, Filter, READ_MAX};
use storage::world::World;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, ViewOptions};

/// Recompute hashes, positions, versions, accounts, stock and every document
///
/// Reads the whole log; memory grows with the number of streams. Exit status 1 when something is
/// not what it should be.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo verify
  jangteo verify --log postgres://jangteo_app@localhost/jangteo --json")]
pub struct Options {
    #[command(flatten)]
    stores: ViewOptions,
}

/// Something that is not what it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<Position>,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    what: String,
}

impl Finding {
    fn at(position: Position, what: String) -> Self {
        Self { position: Some(position), document: None, what }
    }

    fn of(document: String, what: String) -> Self {
        Self { position: None, document: Some(document), what }
    }

    fn text(&self) -> String {
        match (self.position, &self.document) {
            (Some(position), _) => format!("position {position}: {}", self.what),
            (None, Some(document)) => format!("{document}: {}", self.what),
            (None, None) => self.what.clone(),
        }
    }
}

/// The most findings that are listed.
const LISTED_MAX: usize = 1_000;

/// All that was found, of which the first are listed.
#[derive(Debug, Default, Serialize)]
struct Findings {
    #[serde(rename = "findings_count")]
    count: u64,
    #[serde(rename = "findings")]
    listed: Vec<Finding>,
}

impl Findings {
    fn push(&mut self, finding: Finding) {
        self.count += 1;
        if self.listed.len() < LISTED_MAX {
            self.listed.push(finding);
        }
    }
}

#[derive(Debug, Default, Serialize)]
struct Report {
    events: u64,
    streams: usize,
    documents: u64,
    #[serde(flatten)]
    findings: Findings,
}

/// # Errors
/// When a store cannot be read at all.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let ports = stores::read_views(&options.stores, &World::system()).await?;
    let mut report = Report::default();
    let balances = log(&*ports.log, output, &mut report).await?;
    // Documents rest on a log that reads; where it does not, comparing them would say nothing new.
    if report.findings.count == 0 {
        documents(&ports, &mut report).await?;
        balances.against_view(&*ports.documents, &mut report.findings).await?;
    }
    output.answer(&report, text)?;
    Ok(if report.findings.count == 0 { Outcome::Well } else { Outcome::Findings })
}

async fn log(
    log: &dyn EventLog,
    output: Output,
    report: &mut Report,
) -> Result<money::Balances, Failure> {
    let head = log.head().await?.position;
    let bar = output.progress(head.0, "events");
    let mut checks = Checks::new();
    let mut after = Position(0);
    while after < head {
        let page = match log.read(after, &Filter::default(), READ_MAX).await {
            Ok(page) => page.events,
            Err(storage::event_log::Error::Corrupt { position, what }) => {
                report.findings.push(Finding::at(position, what));
                break;
            }
            Err(error) => return Err(error.into()),
        };
        let Some(last) = page.last() else {
            report.findings.push(Finding::at(after.next(), "the log ends before its head".into()));
            break;
        };
        after = last.position;
        bar.set_position(after.0);
        for event in page {
            checks.check(event, &mut report.findings);
        }
    }
    bar.finish_and_clear();
    (report.events, report.streams) = (checks.events, checks.chain.streams());
    checks.balances.end(&mut report.findings);
    Ok(checks.balances)
}

/// Everything that is checked in one pass over the log.
struct Checks {
    events: u64,
    chain: chain::Chain,
    stock: stock::Stock,
    escrows: escrow::Escrows,
    balances: money::Balances,
}

impl Checks {
    fn new() -> Self {
        Self {
            events: 0,
            chain: chain::Chain::new(),
            stock: stock::Stock::default(),
            escrows: escrow::Escrows::default(),
            balances: money::Balances::default(),
        }
    }

    fn check(&mut self, event: Recorded<Payload>, findings: &mut Findings) {
        self.events += 1;
        self.chain.check(&event, findings);
        let position = event.position;
        match event.decode() {
            Err(error) => findings.push(Finding::at(position, error.to_string())),
            Ok(Recorded { event, .. }) => {
                self.balances.check(position, &event, findings);
                match &event {
                    Event::Inventory(event) => self.stock.check(position, event, findings),
                    Event::Escrow(event) => self.escrows.check(position, event, findings),
                    Event::Seller(_)
                    | Event::Category(_)
                    | Event::Listing(_)
                    | Event::Checkout(_)
                    | Event::Order(_)
                    | Event::Shipment(_)
                    | Event::Review(_)
                    | Event::Like(_)
                    | Event::Policy(_) => {}
                }
            }
        }
    }
}

/// Every view that was ever built equals the fold of the log.
async fn documents(ports: &Ports, report: &mut Report) -> Result<(), Failure> {
    let mut generations = vec![];
    for spec in VIEWS {
        if let Some(generation) = ports.documents.serving((spec.collection)()).await? {
            generations.push((spec, generation));
        }
    }
    for verified in views::verify(ports, &generations).await? {
        report.documents += verified.documents;
        let view = verified.view;
        let differ = verified.differing_ids.iter().map(|id| (id, "is not the fold of the log"));
        let parked = verified.parked.iter().map(|id| (id, "is parked"));
        for (id, what) in differ.chain(parked) {
            report.findings.push(Finding::of(format!("{view} {id}"), what.to_owned()));
        }
        let named = u64::try_from(verified.differing_ids.len()).unwrap_or(u64::MAX);
        report.findings.count += verified.differing.saturating_sub(named);
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let Report { events, streams, documents, findings } = report;
    let checked = format!("{events} events in {streams} streams, {documents} documents");
    if findings.count == 0 {
        return format!("{checked}: all as it should be");
    }
    let lines: Vec<_> = findings.listed.iter().map(Finding::text).collect();
    format!("{checked}: {} findings\n{}", findings.count, lines.join("\n"))
}
