//! `jangteo bench`: how fast it is here and now. What can be compared is measured against a floor in
//! the same run on the same machine; `BENCHMARKS.md` says what each figure means.

mod append;
mod append_postgres;
mod append_sqlite;
#[cfg(feature = "servers")]
mod bare_producer;
mod callers;
mod figure;
mod fresh;
#[cfg(feature = "servers")]
mod held_bus;
mod hot_stream;
mod http;
mod load;
mod market;
mod orders;
mod pages;
mod postgres;
mod rebuild;
#[cfg(feature = "servers")]
mod relay;
mod rush;
mod search;
mod search_listings;
mod servers;
#[cfg(feature = "servers")]
mod servers_fresh;
#[cfg(feature = "servers")]
mod servers_pages;
#[cfg(feature = "servers")]
mod servers_rebuild;
mod site;
#[cfg(feature = "servers")]
mod stack;
mod start;
#[cfg(feature = "servers")]
mod topics;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use storage::world::World;

use self::figure::{Figure, Report};
use self::postgres::Server;
use self::servers::ServerOptions;
use crate::failure::Failure;
use crate::output::{Outcome, Output, say};

/// Measure how fast this machine runs it, each figure beside its floor
///
/// Works in folders and databases of its own, which it removes. Build with `--release` and, for what
/// is measured on PostgreSQL, with the feature `postgres`. Exit status 1: a goal was missed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo bench
  jangteo bench --only start --only pages --seconds 5
  jangteo bench --postgres \"$(deploy/postgres-cluster start /var/tmp/bench)\"
  jangteo bench --only rebuild --history ./data")]
pub struct Options {
    /// A superuser's URL of a throw-away cluster; without it nothing is measured on PostgreSQL
    #[arg(long, value_name = "URL", env = "JANGTEO_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,

    #[command(flatten)]
    servers: ServerOptions,

    /// Measure only this; may be repeated
    #[arg(long, value_enum, value_name = "NAME", env = "JANGTEO_ONLY", value_delimiter = ',')]
    only: Vec<Subject>,

    /// How long each figure is measured
    #[arg(
        long,
        value_name = "N",
        env = "JANGTEO_SECONDS",
        default_value_t = 10,
        value_parser = clap::value_parser!(u64).range(1..=600)
    )]
    seconds: u64,

    /// Data folder whose history is rebuilt [default: some 100,000 events made for it]
    #[arg(long, value_name = "DIR", env = "JANGTEO_HISTORY")]
    history: Option<PathBuf>,

    /// How many listings are searched
    #[arg(
        long,
        value_name = "N",
        env = "JANGTEO_LISTINGS",
        default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(1..=10_000_000)
    )]
    listings: u64,

    /// File with a title a line, of which they are made [default: titles of a few words of our own]
    #[arg(long, value_name = "FILE", env = "JANGTEO_TITLES")]
    titles: Option<PathBuf>,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Subject {
    AppendPostgres,
    HotStream,
    AppendSqlite,
    Orders,
    Rush,
    Pages,
    Fresh,
    Rebuild,
    Search,
    Load,
    Start,
    Relay,
    ServersPages,
    ServersFresh,
    ServersLoad,
    ServersRebuild,
    ServersSearch,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Self::AppendPostgres => "append, PostgreSQL",
            Self::HotStream => "one hot stream, PostgreSQL",
            Self::AppendSqlite => "append, SQLite",
            Self::Orders => "orders over HTTP, PostgreSQL",
            Self::Rush => "rush for one item",
            Self::Pages => "pages over HTTP",
            Self::Fresh => "commit to visible",
            Self::Rebuild => "rebuild of every view",
            Self::Search => "search by 16 callers",
            Self::Load => "1,000 users in an open loop",
            Self::Start => "start of jangteo dev",
            Self::Relay => "relay, PostgreSQL to Kafka",
            Self::ServersPages => "pages over HTTP, on servers",
            Self::ServersFresh => "commit to visible, on servers",
            Self::ServersLoad => "1,000 users in an open loop, on servers",
            Self::ServersRebuild => "rebuild of every view, on servers",
            Self::ServersSearch => "search by 16 callers, on a server",
        }
    }
}

/// What every measurement needs.
#[derive(Debug)]
struct Bench {
    world: World,
    postgres: Option<Server>,
    servers: ServerOptions,
    time: Duration,
    history: Option<PathBuf>,
    listings: u64,
    titles: Option<PathBuf>,
}

/// # Errors
/// When something could not be measured at all; a missed goal is a finding.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let bench = Bench {
        world: World::system(),
        postgres: options.postgres.map(Server::new).transpose()?,
        servers: options.servers,
        time: Duration::from_secs(options.seconds),
        history: options.history,
        listings: options.listings,
        titles: options.titles,
    };
    let subjects = Subject::value_variants().iter().copied();
    let mut figures = vec![];
    for subject in subjects.filter(|one| options.only.is_empty() || options.only.contains(one)) {
        say(&format!("measuring: {}", subject.name()));
        let measured = bench.measure(subject).await?;
        measured.iter().for_each(|figure| say(&format!("  {figure}")));
        figures.extend(measured);
    }
    let report = Report { figures };
    output.answer(&report, Report::table)?;
    Ok(if report.is_met() { Outcome::Well } else { Outcome::Findings })
}

impl Bench {
    async fn measure(&self, subject: Subject) -> anyhow::Result<Vec<Figure>> {
        match (subject, &self.postgres) {
            (Subject::AppendPostgres | Subject::HotStream | Subject::Orders, None) => {
                Ok(vec![Figure::not_measured(subject.name(), "give --postgres")])
            }
            (Subject::AppendPostgres, Some(server)) => append_postgres::figures(self, server).await,
            (Subject::HotStream, Some(server)) => hot_stream::figures(self, server).await,
            (Subject::Orders, Some(server)) => orders::figures(self, server).await,
            (Subject::AppendSqlite, _) => append_sqlite::figures(self).await,
            (Subject::Rush, server) => rush::figures(self, server.as_ref()).await,
            (Subject::Pages, _) => pages::figures(self).await,
            (Subject::Fresh, _) => fresh::figures(self).await,
            (Subject::Rebuild, _) => rebuild::figures(self).await,
            (Subject::Search, _) => search::figures(self).await,
            (Subject::ServersSearch, _) => search::on_server(self).await,
            (Subject::Start, _) => start::figures().await,
            (Subject::Load, _) => load::figures(self).await,
            (
                Subject::Relay
                | Subject::ServersPages
                | Subject::ServersFresh
                | Subject::ServersLoad
                | Subject::ServersRebuild,
                _,
            ) => servers::figures(self, subject).await,
        }
    }
}
