//! Each server away under load: what `ARCHITECTURE.md` promises goes on and nothing else does, all
//! of it comes back by itself within ten seconds of the server, and nothing is lost or done twice.
//!
//! `JANGTEO_TEST_AWAY_SECONDS` is how long each is away; `deploy/drill away` makes it a minute.

use std::fmt::Write;
use std::time::Duration;

use tests::program;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

use super::history::is_unwell;
use super::load::Load;
use super::outcomes::{KINDS, Kind, Outcomes};
use super::probe::{Seen, Shop};
use super::site::{Process, Site};

const AWAY_SECONDS: u64 = 8;
/// A silent server is given up after seven seconds: it has to be so for longer, or nothing is refused.
const SILENT_MIN: Duration = Duration::from_secs(12);
/// What is promised, from when the server itself answers.
const BACK_WITHIN: Duration = Duration::from_secs(10);
/// Whoever asks while a server is silent has an answer by then: ten seconds, and five for a busy machine.
const ANSWERED_WITHIN: Duration = Duration::from_secs(15);
/// How long it is looked whether what came back stays.
const STAYS: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Killed,
    /// It holds its connections and says nothing.
    Silent,
}

/// What is asked for while a server is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Means {
    Answered,
    /// 503
    Refused,
    /// Answered where it is kept, else refused.
    Either,
}

/// A server, and what its absence means.
struct Case {
    server: &'static str,
    how: How,
    /// In the order of [`KINDS`].
    means: [Means; 5],
    /// Whether a change is taken, seen and found meanwhile.
    change: [bool; 3],
    /// The role whose health tells it, and the check.
    told: Option<(&'static str, &'static str)>,
}

const fn case(server: &'static str, how: How) -> Case {
    use Means::{Answered as A, Either as E, Refused as R};
    let (means, change) = match server.as_bytes() {
        b"postgres" => ([R, A, A, A, R], [false, false, false]),
        b"kafka" => ([A, A, A, A, A], [true, false, false]),
        b"mongodb" => ([A, R, E, R, A], [true, false, false]),
        b"elasticsearch" => ([A, A, A, R, A], [true, true, false]),
        _ => ([A, A, A, A, A], [true, true, true]),
    };
    let told = match server.as_bytes() {
        b"postgres" => Some(("command-api", "event_log")),
        // The relay gives it ten seconds.
        b"kafka" => None,
        b"mongodb" => Some(("query-api", "views")),
        b"elasticsearch" => Some(("query-api", "search")),
        _ => Some(("command-api", "cache")),
    };
    Case { server, how, means, change, told }
}

const CASES: [Case; 7] = [
    case("postgres", How::Killed),
    case("kafka", How::Killed),
    case("mongodb", How::Killed),
    case("elasticsearch", How::Killed),
    case("redis", How::Killed),
    case("postgres", How::Silent),
    case("mongodb", How::Silent),
];

/// One absence, as it was.
struct Absence {
    gone: Instant,
    back: Instant,
    watched_until: Instant,
    change: [bool; 3],
    is_told: bool,
    seen: Result<Seen, String>,
}

fn away() -> Duration {
    let given = std::env::var("JANGTEO_TEST_AWAY_SECONDS").ok();
    Duration::from_secs(given.map_or(AWAY_SECONDS, |seconds| seconds.parse().unwrap()))
}

impl Case {
    async fn happen(&self, site: &Site, shop: &Shop, processes: &[Process]) -> Absence {
        let lasts = match self.how {
            How::Killed => {
                site.servers.kill(self.server).await;
                away()
            }
            How::Silent => {
                site.servers.signal(self.server, "STOP").await;
                away().max(SILENT_MIN)
            }
        };
        // Before now parts of it may still have answered.
        let gone = Instant::now();
        let until = gone + lasts;
        let change = meanwhile(shop, until).await;
        sleep_until(until).await;
        let is_told = match self.told {
            Some((role, check)) => {
                let process = processes.iter().find(|process| process.role == role).unwrap();
                is_unwell(process.address, check).await
            }
            None => true,
        };
        let back = match self.how {
            How::Killed => {
                let servers = &site.servers;
                let address = servers.address(self.server);
                let accepts = async {
                    while TcpStream::connect(address).await.is_err() {
                        sleep(Duration::from_millis(10)).await;
                    }
                    Instant::now()
                };
                let names = [self.server];
                tokio::join!(servers.up(&names), accepts).1
            }
            How::Silent => {
                // From now on parts of it may answer.
                let back = Instant::now();
                site.servers.signal(self.server, "CONT").await;
                back
            }
        };
        let seen = shop.probe(back, BACK_WITHIN).await;
        sleep(STAYS).await;
        Absence { gone, back, watched_until: Instant::now(), change, is_told, seen }
    }

    /// What was not as it should be.
    fn judge(&self, absence: &Absence, outcomes: &Outcomes) -> Vec<String> {
        let Absence { gone, back, watched_until, change, is_told, seen } = absence;
        let mut wrong = vec![];
        let who = format!("{} {:?}", self.server, self.how);
        for (kind, means) in KINDS.into_iter().zip(self.means) {
            let tally = outcomes.tally(kind, *gone, *back);
            let status = if kind == Kind::Command { 201 } else { 200 };
            let is_so = match means {
                Means::Answered => tally.is_only(&[status]),
                Means::Refused => tally.is_only(&[503]),
                Means::Either => tally.is_only(&[200, 503]),
            };
            if !is_so {
                wrong.push(format!("{who}: {kind:?} is not {means:?}: {tally}"));
            }
            if tally.slowest > ANSWERED_WITHIN {
                wrong.push(format!("{who}: {kind:?} was answered after {:?}", tally.slowest));
            }
            match outcomes.well_again(kind, *back, *watched_until) {
                Some(after) if after <= BACK_WITHIN => {}
                late => wrong.push(format!("{who}: {kind:?} is back after {late:?}")),
            }
        }
        if *change != self.change {
            wrong.push(format!(
                "{who}: taken, seen, found: {change:?} instead of {:?}",
                self.change
            ));
        }
        if !is_told {
            wrong.push(format!("{who}: /health/ready does not tell it"));
        }
        wrong.extend(seen.as_ref().err().map(|why| format!("{who}: {why} after {BACK_WITHIN:?}")));
        wrong
    }

    /// Its lines of the table.
    fn tell(&self, absence: &Absence, outcomes: &Outcomes, table: &mut String) {
        let Absence { gone, back, watched_until, seen, .. } = absence;
        for kind in KINDS {
            let tally = outcomes.tally(kind, *gone, *back);
            let again = outcomes.well_again(kind, *back, *watched_until);
            let again = again.map_or("-".to_owned(), |after| format!("{:.1}", after.as_secs_f64()));
            writeln!(
                table,
                "{:<14}{:<8}{:<9}{:<24}{:>8.1}{:>9}",
                self.server,
                format!("{:?}", self.how),
                format!("{kind:?}"),
                tally.to_string(),
                tally.slowest.as_secs_f64(),
                again
            )
            .unwrap();
        }
        let change = seen.as_ref().map_or_else(Clone::clone, |seen| {
            let [taken, visible, searchable] =
                [seen.taken, seen.visible, seen.searchable].map(|after| after.as_secs_f64());
            format!("taken {taken:.1}, visible {visible:.1}, searchable {searchable:.1}")
        });
        writeln!(table, "{:<14}{:<8}change   {change}", "", "").unwrap();
    }
}

/// Whether a change is taken, seen and found while a server is away.
async fn meanwhile(shop: &Shop, until: Instant) -> [bool; 3] {
    let Some(change) = shop.change(until).await else { return [false; 3] };
    let (mut is_visible, mut is_searchable) = (false, false);
    while Instant::now() < until && !is_searchable {
        is_visible = is_visible || shop.is_visible(&change).await;
        is_searchable = Instant::now() < until && shop.is_searchable(&change).await;
    }
    [true, is_visible, is_searchable]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_server_may_be_away_and_everything_comes_back_with_it() {
    let binary = program::binary();
    let site = Site::new(&binary).await;
    let processes = site.start_all(&binary, 1).await;
    let shop = Shop::open(&site).await;
    let load = Load::start(&site, &shop);
    sleep(STAYS).await;
    let mut absences = vec![];
    for case in CASES {
        let absence = case.happen(&site, &shop, &processes).await;
        absences.push((case, absence));
    }
    let outcomes = load.outcomes.clone();
    let acknowledged = site.nothing_is_lost(load).await;
    let mut table = String::new();
    let mut wrong = outcomes.wrong();
    for (case, absence) in &absences {
        case.tell(absence, &outcomes, &mut table);
        wrong.extend(case.judge(absence, &outcomes));
    }
    println!("server        how     request  while it is away         slowest    again\n{table}");
    println!("{} requests, {acknowledged} commands acknowledged", outcomes.count());
    assert_eq!(wrong, Vec::<String>::new());
    site.views_catch_up(&processes).await;
    site.verify(&binary).await;
}
