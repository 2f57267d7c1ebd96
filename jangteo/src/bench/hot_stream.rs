//! One stream that everybody wants: 64 callers hold stock of one listing through the executor's lane,
//! beside 32 clients that update one row.

use async_trait::async_trait;
use command_api::execute::{Body, Executor, Handle, UnitOfWork};
use command_api::problem::CommandError;
use domain::inventory::{Command, Inventory, Reserve, Restock, StockLine};
use events_schema::ids::{ListingId, OrderId};
use events_schema::quantity::{QUANTITY_MAX, Quantity};
use events_schema::stream::StreamId;
use storage::event_log;
use tokio_util::task::TaskTracker;

use super::Bench;
use super::callers::{Caller, closed_loop};
use super::figure::{Figure, Floor, Goal};
use super::market::Admin;
use super::postgres::Server;

const CALLERS: usize = 64;
const UPDATE: &str = "UPDATE hot SET version = version + 1 WHERE id = 1;\n";

#[derive(Debug)]
struct Hold {
    listing_id: ListingId,
}

/// Counts in as many pieces as one command can.
#[derive(Debug)]
struct Fill {
    listing_id: ListingId,
}

pub(super) async fn figures(bench: &Bench, server: &Server) -> anyhow::Result<Vec<Figure>> {
    let database = server.database(&bench.world).await?;
    let log = event_log::open(&database.url, bench.world.clone()).await?;
    let executor = Executor::new(log.clone(), bench.world.clone(), TaskTracker::new());
    let admin = Admin::new(executor, &bench.world);
    let listing_id = ListingId::new(bench.world.uuid());
    admin.execute(Fill { listing_id }).await?;
    database.settle().await?;
    let callers = (0..CALLERS).map(|_| Holder { admin: admin.clone(), listing_id }).collect();
    let tally = closed_loop(callers, bench.time).await?;
    log.close().await;

    let folder = tempfile::tempdir()?;
    database
        .sql("CREATE TABLE hot (id bigint PRIMARY KEY, version bigint) WITH (fillfactor = 10)")
        .await?;
    database.sql("INSERT INTO hot VALUES (1, 0)").await?;
    let updates = database.pgbench(folder.path(), UPDATE, bench.time).await?;
    let floor = Floor { name: "pgbench's UPDATE of one row", value: updates };
    let goal = Goal::Times(10.0, floor);
    let name = format!("one hot stream, PostgreSQL, {CALLERS} callers");
    Ok(vec![Figure::new(name, tally.per_second(), "commands/s", goal)])
}

#[derive(Debug)]
struct Holder {
    admin: Admin,
    listing_id: ListingId,
}

impl Caller for Holder {
    async fn call(&mut self) -> anyhow::Result<()> {
        let listing_id = self.listing_id;
        self.admin.execute(Hold { listing_id }).await.map(drop)
    }
}

#[async_trait]
impl Handle for Hold {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let listing_id = self.listing_id;
        let order_id = work.id(OrderId::new);
        let inventory = work.read::<Inventory>(listing_id).await?;
        let lines = vec![StockLine { option_id: None, quantity: Quantity::ONE }];
        let reserve = Reserve { listing_id, order_id, lines };
        let version = work.decide(&inventory, Command::Reserve(reserve))?;
        Body::of(&serde_json::json!({ "id": order_id, "version": version }))
    }

    fn lane(&self) -> Option<StreamId> {
        Some(StreamId::Inventory(self.listing_id))
    }
}

#[async_trait]
impl Handle for Fill {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        let listing_id = self.listing_id;
        let inventory = work.read::<Inventory>(listing_id).await?;
        let quantity = Quantity::new(QUANTITY_MAX).map_err(CommandError::bug)?;
        let line = StockLine { option_id: None, quantity };
        let restock = Command::Restock(Restock { listing_id, line });
        let version = work.decide(&inventory, restock)?;
        Body::of(&serde_json::json!({ "id": listing_id, "version": version }))
    }
}
