//! What most requests are: a listing's page, and lists of listings. The client runs in the same
//! process and its time counts.

use std::sync::Arc;

use super::Bench;
use super::callers::{Caller, closed_loop};
use super::figure::{Figure, Goal};
use super::http::{Connection, get};
use super::market::Market;
use super::site::Site;
use crate::service::Roles;

const CALLERS: usize = 32;
const LISTINGS: usize = 1_000;
const PIECES: u32 = 10;

pub(super) async fn figures(bench: &Bench) -> anyhow::Result<Vec<Figure>> {
    let site = Site::start(Roles::EMBEDDED, None, &bench.world).await?;
    let names = ["listing page over HTTP", "listing list over HTTP"];
    let figures = measured(bench, &site, names, [10_000.0, 5_000.0]).await;
    site.stop().await?;
    figures
}

/// Of any stack: the page first, then the list.
pub(super) async fn measured(
    bench: &Bench,
    site: &Site,
    names: [&str; 2],
    goals: [f64; 2],
) -> anyhow::Result<Vec<Figure>> {
    let market = Market::open(&site.stores.log, &bench.world, LISTINGS, PIECES).await?;
    let head = site.stores.log.head().await?.position;
    super::fresh::caught_up(&site.views, head).await?;
    let pages = market.listings.iter().map(|listing_id| get(&format!("/products/{listing_id}")));
    let pages = Arc::new(pages.collect::<Vec<_>>());
    let lists = lists(&market);
    let mut figures = vec![];
    for ((name, requests), goal) in names.into_iter().zip([pages, lists]).zip(goals) {
        let mut readers = vec![];
        for number in 0..CALLERS {
            let connection = Connection::open(site.address).await?;
            let next = number * requests.len() / CALLERS;
            readers.push(Reader { connection, requests: Arc::clone(&requests), next });
        }
        let tally = closed_loop(readers, bench.time).await?;
        figures.push(Figure::new(name, tally.per_second(), "requests/s", Goal::AtLeast(goal)));
    }
    Ok(figures)
}

/// The newest, each condition, each order, words, and one shop's.
pub(super) fn lists(market: &Market) -> Arc<Vec<Vec<u8>>> {
    let mut paths =
        vec!["/products".to_owned(), format!("/products?seller_id={}", market.seller_id)];
    for condition in ["new", "like_new", "good", "fair"] {
        paths.push(format!("/products?condition={condition}"));
        for sort in ["newest", "price_asc", "price_desc"] {
            paths.push(format!("/products?condition={condition}&sort={sort}&q=%EB%AF%B8%EB%8B%88"));
        }
    }
    Arc::new(paths.iter().map(|path| get(path)).collect())
}

struct Reader {
    connection: Connection,
    requests: Arc<Vec<Vec<u8>>>,
    next: usize,
}

impl Caller for Reader {
    async fn call(&mut self) -> anyhow::Result<()> {
        let request = &self.requests[self.next % self.requests.len()];
        self.next += 1;
        self.connection.send(request).await?.expect(200)
    }
}
