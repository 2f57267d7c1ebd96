//! `jangteo dev`: the whole product in one process, with a small market to look at.

mod demo;

use std::time::Instant;

use clap::Args;
use storage::world::World;

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output, say};
use crate::secrets;
use crate::service::{self, HttpOptions, Roles, Service};
use crate::stores::{self, Access, BusOptions, StoreOptions, Stores};

/// Run everything in one process on embedded stores
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo dev
  jangteo dev --data /tmp/try --listen 127.0.0.1:9000 --empty")]
pub struct Options {
    #[command(flatten)]
    stores: StoreOptions,

    #[command(flatten)]
    bus: BusOptions,

    #[command(flatten)]
    http: HttpOptions,

    /// Start without the demonstration market
    #[arg(long, env = "JANGTEO_EMPTY")]
    empty: bool,
}

/// # Errors
/// When a store or the address cannot be used.
pub async fn run(options: Options, output: Output) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let world = World::system();
    let listener = service::listen(options.http.listen).await;
    let secrets = secrets::check(options.stores.data(), &world);
    let kept = (&options.stores, &options.bus, &options.http.cache);
    let relay = options.bus.needs_relay();
    let roles = Roles { relay, ..Roles::EMBEDDED };
    let stores = Stores::serving(roles.needs(Access::Begin), kept, &world).await;
    let (stores, (listener, ())) = both(stores, both(listener, secrets))?;
    let address = listener.local_addr()?;
    let is_new = stores.log.head().await?.position.0 == 0;
    let parts =
        service::Options { stores: &options.stores, bus: &options.bus, http: &options.http };
    let service = Service::start(roles, &stores, parts, &world).await?;
    if is_new && !options.empty {
        say("first start: loading the demonstration market");
        demo::load(&service.app).await?;
    }
    let head = stores.log.head().await?;
    stores::caught_up(&service.views, head.position, output).await?;
    let milliseconds = started.elapsed().as_millis();
    let program =
        std::env::current_exe().map_or("jangteo".into(), |path| path.display().to_string());
    let ready = format!(
        "jangteo on http://{address} after {milliseconds} ms, history at {}.{}\n\n\
         curl 'http://{address}/products?q=%EC%95%84%EC%9D%B4%ED%8F%B0'\n\
         curl 'http://{address}/products?sort=price_asc&limit=3'\n\
         curl -H \"Authorization: Bearer $({program} token --role analyst --data {})\" \
         'http://{address}/events?after=0'\n\n\
         http://{address}/docs",
        head.epoch.0,
        head.position,
        options.stores.data().display(),
    );
    service.serve(listener, || say(&ready)).await?;
    Ok(Outcome::Well)
}
