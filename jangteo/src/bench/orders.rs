//! Orders over HTTP on PostgreSQL: authorised, decided, and checkout, order, escrow and stock in one
//! durable append. 32 callers, each with a connection.

use std::time::Duration;

use events_schema::ids::ListingId;
use storage::world::World;

use super::Bench;
use super::append_postgres::{insert_floor, insert_rate};
use super::callers::{Caller, Tally, closed_loop};
use super::figure::{Figure, Goal};
use super::http::{Connection, post};
use super::market::{Market, order_body};
use super::postgres::Server;
use super::site::Site;
use crate::service::Roles;

const CALLERS: usize = 32;
const LISTINGS: usize = 512;
/// Of each listing: more than anybody buys in one run.
pub(super) const PIECES: u32 = 100_000;

pub(super) async fn figures(bench: &Bench, server: &Server) -> anyhow::Result<Vec<Figure>> {
    let database = server.database(&bench.world).await?;
    let roles = Roles::COMMANDS;
    let site = Site::start(roles, Some(database.url.clone()), &bench.world).await?;
    let market = Market::open(&site.stores.log, &bench.world, LISTINGS, PIECES).await?;
    database.settle().await?;
    let tally = placed(&site, &market, CALLERS, &bench.world, bench.time).await?;
    site.stop().await?;
    let floor = insert_floor(insert_rate(bench, server).await?);
    let name = format!("orders over HTTP, PostgreSQL, {CALLERS} callers");
    Ok(vec![Figure::new(name, tally.per_second(), "orders/s", Goal::Times(0.25, floor))])
}

/// Buyers who place orders until the time is up.
pub(super) async fn placed(
    site: &Site,
    market: &Market,
    callers: usize,
    world: &World,
    time: Duration,
) -> anyhow::Result<Tally> {
    let mut buyers = vec![];
    for number in 0..callers {
        buyers.push(Buyer {
            connection: Connection::open(site.address).await?,
            token: site.buyer()?,
            world: world.clone(),
            listings: market.listings.clone(),
            // Spread, so that no two begin with the same listing.
            next: number * market.listings.len() / callers,
        });
    }
    closed_loop(buyers, time).await
}

struct Buyer {
    connection: Connection,
    token: String,
    world: World,
    listings: Vec<ListingId>,
    next: usize,
}

impl Caller for Buyer {
    async fn call(&mut self) -> anyhow::Result<()> {
        let body = order_body(self.listings[self.next % self.listings.len()]);
        self.next += 1;
        let request = post("/orders", &self.token, &self.world.uuid().to_string(), &body);
        loop {
            let answer = self.connection.send(&request).await?;
            // As the API asks of its clients: the same again, under the same key.
            if answer.status != 503 {
                return answer.expect(201);
            }
        }
    }
}
