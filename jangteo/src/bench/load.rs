//! A thousand people who ask at a pace of their own, whatever the answers take (an open loop): each request
//! is due at an instant, and the time of its answer counts from there, not from when it could be sent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events_schema::ids::ListingId;
use tokio_util::task::TaskTracker;

use super::Bench;
use super::figure::{Figure, Goal, number};
use super::fresh::{caught_up, mean, percentile};
use super::http::{Connection, get, post};
use super::market::{Market, order_body};
use super::orders::PIECES;
use super::pages::lists;
use super::site::Site;
use crate::service::Roles;

const USERS: u32 = 1_000;
const LISTINGS: usize = 1_000;
/// Requests a second of all together: as they come, and at a peak.
const RATES: [u32; 2] = [100, 1_000];
/// At the lower rate each asks three times.
const TIME_MIN: Duration = Duration::from_secs(30);
/// What a search asks for besides words, so that few have been asked before.
const PRICE_MAX: u32 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Page,
    List,
    Search,
    Order,
}

/// What each asks, one after the other. A twelfth are orders: 500 a minute at 100 requests a second.
const ROUND: [Kind; 12] = {
    use Kind::{List, Order, Page, Search};
    [Page, Search, List, Page, Search, Page, List, Order, Page, Search, List, Page]
};

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let site = Site::start(Roles::EMBEDDED, None, &bench.world).await?;
    let measured = measured(bench, &site, "embedded").await;
    site.stop().await?;
    measured
}

#[cfg(feature = "servers")]
pub(super) async fn on_servers(
    bench: &Bench,
    stack: &super::stack::Stack,
) -> anyhow::Result<Vec<Figure>> {
    let site = stack.site(&bench.world).await?;
    let measured = measured(bench, &site, "on servers").await;
    site.stop().await?;
    measured
}

async fn measured(bench: &Bench, site: &Site, stack: &str) -> anyhow::Result<Vec<Figure>> {
    let market = Market::open(&site.stores.log, &bench.world, LISTINGS, PIECES).await?;
    caught_up(&site.views, site.stores.log.head().await?.position).await?;
    let mut figures = vec![];
    for rate in RATES {
        let of = |what: &str| format!("{USERS} users, {rate} requests/s, {stack}: {what}");
        let Answered { failed, times } = asked(bench, site, &market, rate).await?;
        let all: Vec<Duration> = times.values().flatten().copied().collect();
        let goal = Goal::AtMost(200.0);
        figures.push(Figure::new(of("failed"), number(failed), "requests", Goal::Exactly(0.0)));
        figures.push(Figure::new(of("mean"), mean(&all), "ms", goal));
        figures.push(Figure::new(of("p95"), percentile(all, 95)?, "ms", Goal::AtMost(500.0)));
        for (kind, times) in times {
            let goal = match kind {
                Kind::Page | Kind::List => Goal::None,
                Kind::Search => Goal::AtMost(1_000.0),
                Kind::Order => Goal::AtMost(3_000.0),
            };
            let name = of(&format!("p99 of {} {kind:?}", times.len()));
            figures.push(Figure::new(name, percentile(times, 99)?, "ms", goal));
        }
    }
    Ok(figures)
}

#[derive(Debug, Default)]
struct Answered {
    /// Answered otherwise than well.
    failed: u64,
    times: BTreeMap<Kind, Vec<Duration>>,
}

async fn asked(bench: &Bench, site: &Site, market: &Market, rate: u32) -> anyhow::Result<Answered> {
    let (tracker, lists) = (TaskTracker::new(), lists(market));
    let listings: Arc<[ListingId]> = market.listings.clone().into();
    let mut users = vec![];
    for number in 0..USERS {
        users.push(User {
            number,
            address: site.address,
            token: site.buyer()?,
            listings: Arc::clone(&listings),
            lists: Arc::clone(&lists),
        });
    }
    let (started, time) = (Instant::now(), bench.time.max(TIME_MIN));
    let pause = Duration::from_secs(1) * USERS / rate;
    let ask = |user: User| {
        let first = started + pause * user.number / USERS;
        tracker.spawn(user.ask(bench.world.clone(), first, pause, started + time))
    };
    let mut all = Answered::default();
    for user in users.into_iter().map(ask).collect::<Vec<_>>() {
        let Answered { failed, times } = user.await??;
        all.failed += failed;
        for (kind, times) in times {
            all.times.entry(kind).or_default().extend(times);
        }
    }
    Ok(all)
}

struct User {
    number: u32,
    address: SocketAddr,
    token: String,
    listings: Arc<[ListingId]>,
    lists: Arc<Vec<Vec<u8>>>,
}

impl User {
    async fn ask(
        self,
        world: storage::world::World,
        first: Instant,
        pause: Duration,
        end: Instant,
    ) -> anyhow::Result<Answered> {
        let mut answered = Answered::default();
        // Whoever connects and says nothing is sent away.
        tokio::time::sleep_until(first.into()).await;
        let mut connection = Connection::open(self.address).await?;
        for round in 0_u32.. {
            let due = first + pause * round;
            if due >= end {
                break;
            }
            tokio::time::sleep_until(due.into()).await;
            let place = usize::try_from(round + self.number)?;
            let kind = ROUND[place % ROUND.len()];
            let request = self.request(kind, place, &world);
            let status = connection.send(&request).await?.status;
            answered.times.entry(kind).or_default().push(due.elapsed());
            if status != if kind == Kind::Order { 201 } else { 200 } {
                answered.failed += 1;
            }
        }
        Ok(answered)
    }

    fn request(&self, kind: Kind, place: usize, world: &storage::world::World) -> Vec<u8> {
        // Spread, so that neighbours ask for something else.
        let place = place * 7;
        let listing_id = self.listings[place % self.listings.len()];
        match kind {
            Kind::Page => get(&format!("/products/{listing_id}")),
            Kind::List => self.lists[place % self.lists.len()].clone(),
            Kind::Search => {
                let price = PRICE_MAX + u32::try_from(place).unwrap_or(0);
                get(&format!("/products?q=%EB%AF%B8%EB%8B%88&price_max={price}"))
            }
            Kind::Order => {
                let key = world.uuid().to_string();
                post("/orders", &self.token, &key, &order_body(listing_id))
            }
        }
    }
}
