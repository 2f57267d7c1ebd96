//! `jangteo serve`: one role of the product, or several, in a process of its own.

use clap::{Args, ValueEnum};
use storage::world::World;

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output, say};
use crate::secrets;
use crate::service::{self, HttpOptions, Roles, Service};
use crate::stores::{self, BusOptions, StoreOptions, Stores};

/// Run one role in a process of its own
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo serve --role command-api --log postgres://writer@db/jangteo
  jangteo serve --role projector --role query-api --log postgres://reader@db/jangteo
  jangteo serve --role relay --log postgres://reader@db/jangteo --bus kafka://kafka:9092")]
pub struct Options {
    /// May be given several times. The projector and the relay serve their health and metrics too
    #[arg(
        long = "role",
        value_name = "ROLE",
        value_enum,
        required = true,
        env = "JANGTEO_ROLES",
        value_delimiter = ','
    )]
    roles: Vec<Role>,

    #[command(flatten)]
    stores: StoreOptions,

    #[command(flatten)]
    bus: BusOptions,

    #[command(flatten)]
    http: HttpOptions,
}

impl Options {
    const fn parts(&self) -> service::Options<'_> {
        service::Options { stores: &self.stores, bus: &self.bus, http: &self.http }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    CommandApi,
    QueryApi,
    Projector,
    /// Publishes the event log to Kafka
    Relay,
}

/// # Errors
/// When a store or the address cannot be used.
pub async fn run(options: Options, _output: Output) -> Result<Outcome, Failure> {
    let world = World::system();
    let listener = service::listen(options.http.listen).await;
    let secrets = secrets::check(options.stores.data(), &world);
    let roles = Roles {
        commands: options.roles.contains(&Role::CommandApi),
        queries: options.roles.contains(&Role::QueryApi),
        views: options.roles.contains(&Role::Projector),
        relay: options.roles.contains(&Role::Relay),
    };
    let log = stores::access_to_work(&options.stores.views.log, roles.commands);
    let kept = (&options.stores, &options.bus, &options.http.cache);
    let stores = Stores::serving(roles.needs(log), kept, &world).await;
    let (stores, (listener, ())) = both(stores, both(listener, secrets))?;
    let address = listener.local_addr()?;
    let service = Service::start(roles, &stores, options.parts(), &world).await?;
    service.serve(listener, || say(&format!("serving on http://{address}"))).await?;
    Ok(Outcome::Well)
}
