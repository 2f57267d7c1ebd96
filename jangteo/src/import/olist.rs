//! `jangteo import olist`: orders of a Brazilian marketplace, 2016 to 2018, observed as they are.
//!
//! Each fact of the source is one command under a key of its own, so that a second import, or one
//! that goes on after it was killed, answers what is there and appends only what is missing.

mod apply;
mod facts;
mod ids;
mod opening;
mod source;
mod totals;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use command_api::execute::{Context, Executor, Submission};
use events_schema::envelope::{Actor, Origin, Position};
use events_schema::ids::CommandId;
use events_schema::personal::{Address, Comment, Field, Personal};
use events_schema::text::Prose;
use events_schema::time::Timestamp;
use futures::future::try_join_all;
use projector::Projector;
use serde::Serialize;
use storage::event_log::{Intent, Principal};
use storage::keys::seal::Sealer;
use storage::world::World;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::failure::Failure;
use crate::output::{Outcome, Output};
use crate::stores::{self, Needs, StoreOptions, Stores};
use apply::{Applied, name};
use facts::{Dated, Fact};
use source::{Dataset, Order};
use totals::Totals;

/// Import the orders of olist (nine CSV files)
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo import olist ./olist --data ./data
  jangteo import olist ./olist --log postgres://jangteo_app@localhost/jangteo")]
pub(crate) struct Options {
    /// The folder that holds the files
    #[arg(env = "JANGTEO_FOLDER")]
    folder: PathBuf,

    #[command(flatten)]
    stores: StoreOptions,
}

/// How many facts go to the executor at once: it appends them in units of 64.
const FACTS_AT_ONCE: usize = 64;
const PROCESS: &str = "import:olist";

#[derive(Debug, Serialize)]
struct Report {
    facts: usize,
    appended: u64,
    head: Position,
    totals: Totals,
    /// Figures that are not the same by the events and by the views.
    differences: Vec<String>,
}

/// # Errors
/// When a file or a store cannot be used.
pub(crate) async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let world = World::system();
    let dataset = match Dataset::read(&options.folder) {
        Ok(dataset) => dataset,
        Err(error) => {
            let failure = Failure::configuration(format!("{:#}", anyhow::Error::from(error)));
            return Err(failure.and(stores::check(&options.stores, &world).await));
        }
    };
    let needs = Needs::all(stores::access_to_fill(&options.stores));
    let stores = Stores::with(needs, &options.stores, &world).await?;
    let import = Import::new(Arc::new(dataset), &stores, &world)?;
    let before = stores.log.head().await?.position;
    let facts = import.all(output).await?;
    let head = stores.log.head().await?.position;

    let (tracker, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let ports = stores.views()?;
    let projector = Projector::start(ports.clone(), tracker.clone(), shutdown.clone());
    stores::caught_up(projector.views(), head, output).await?;
    let totals = Totals::from_log(&*stores.log).await?;
    let differences = totals.differences(&Totals::from_views(&*ports.documents).await?);
    shutdown.cancel();
    tracker.close();
    tracker.wait().await;

    let appended = head.0.saturating_sub(before.0);
    let report = Report { facts, appended, head, totals, differences };
    output.answer(&report, text)?;
    Ok(if report.differences.is_empty() { Outcome::Well } else { Outcome::Findings })
}

fn text(report: &Report) -> String {
    let Report { facts, appended, head, totals, differences } = report;
    let verdict = match differences.as_slice() {
        [] => "the views say the same, counted independently".to_owned(),
        differences => format!("the views differ:\n  {}", differences.join("\n  ")),
    };
    let totals = totals.text();
    format!("{facts} facts, {appended} events appended, head {head}\n{totals}\n{verdict}")
}

/// What turns facts into commands.
struct Import {
    dataset: Arc<Dataset>,
    executor: Executor,
    sealer: Arc<Sealer>,
    world: World,
}

impl Import {
    fn new(dataset: Arc<Dataset>, stores: &Stores, world: &World) -> Result<Self, Failure> {
        let executor = Executor::new(stores.log.clone(), world.clone(), TaskTracker::new());
        Ok(Self { dataset, executor, sealer: stores.sealer()?, world: world.clone() })
    }

    /// Every command of the source, in its order. How many facts there were.
    async fn all(&self, output: Output) -> anyhow::Result<usize> {
        let standing = opening::Standing::all(&self.dataset);
        for standing in standing {
            let key = standing.key();
            let submission = self.submission(key, opening::OPENED_AT, Box::new(standing));
            self.executor.execute(submission).await?;
        }
        let facts = facts::merged(&self.dataset);
        let bar = output.progress(facts.len().try_into()?, "facts");
        for unit in facts.chunks(FACTS_AT_ONCE) {
            // Sealed together, so that new keys share one flush.
            let submissions = try_join_all(unit.iter().map(|fact| self.fact(fact))).await?;
            for result in self.executor.execute_batch(submissions).await {
                result?;
            }
            bar.inc(unit.len().try_into()?);
        }
        bar.finish_and_clear();
        Ok(facts.len())
    }

    async fn fact(&self, dated: &Dated) -> anyhow::Result<Submission> {
        let Dated { order, fact, occurred_at, .. } = dated;
        let buyer_id = ids::buyer(&order.customer.unique_id);
        let (mut sealed_address, mut sealed_comment) = (None, None);
        match fact {
            Fact::Placed => sealed_address = Some(self.seal(buyer_id, &address(order)).await?),
            Fact::Reviewed { index } => {
                if let Some(comment) = comment(order, *index) {
                    sealed_comment = Some(self.seal(buyer_id, &comment).await?);
                }
            }
            Fact::Paid | Fact::HandedOver | Fact::Delivered | Fact::Ended => {}
        }
        let applied = Applied {
            dataset: Arc::clone(&self.dataset),
            order: Arc::clone(order),
            fact: *fact,
            buyer_id,
            address: sealed_address,
            comment: sealed_comment,
        };
        Ok(self.submission(fact.key(order), *occurred_at, Box::new(applied)))
    }

    async fn seal<T: Field + Sync>(
        &self,
        person: events_schema::ids::PersonId,
        field: &T,
    ) -> anyhow::Result<Personal<T>> {
        Ok(self.sealer.seal_observed(person, field).await?)
    }

    /// The command's id follows from its key, and its events' ids from that.
    fn submission(
        &self,
        key: String,
        occurred_at: Timestamp,
        command: Box<dyn command_api::execute::Handle>,
    ) -> Submission {
        let command_id = CommandId::new(Uuid::new_v5(&ids::NAMESPACE, key.as_bytes()));
        let actor = Actor::Process(PROCESS.into());
        let context = Context {
            occurred_at,
            ..Context::new(actor, Origin::Import, command_id, self.world.now())
        };
        let principal = Principal::Process(PROCESS.to_owned());
        let intent = Intent { principal, key, fingerprint: [0; 32] };
        Submission { intent, context, command }
    }
}

fn address(order: &Order) -> Address {
    let customer = &order.customer;
    Address {
        recipient: None,
        phone: None,
        postcode: name(&customer.zip_code_prefix),
        region: name(&customer.state),
        city: name(&customer.city),
        street: None,
    }
}

/// Title and message, where there is either.
fn comment(order: &Order, index: usize) -> Option<Comment> {
    let review = order.reviews.get(index)?;
    let text = format!("{}\n{}", review.title, review.message);
    Prose::new(&text.replace('\r', "")).ok().map(Comment)
}
