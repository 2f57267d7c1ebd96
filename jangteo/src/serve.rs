//! `jangteo serve`: one role of the product, or several, in a process of its own.

use clap::{Args, ValueEnum};
use storage::world::World;

use crate::failure::{Failure, both};
use crate::output::{Outcome, Output, say};
use crate::secrets;
use crate::service::{self, HttpOptions, Roles, Service};
use crate::stores::{StoreOptions, Stores};

/// Run one role in a process of its own
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  jangteo serve --role command-api --log postgres://jangteo_app@db/jangteo
  jangteo serve --role projector --role query-api --log postgres://jangteo_app@db/jangteo")]
pub struct Options {
    /// May be given several times. The projector serves its health and metrics too
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
    http: HttpOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Role {
    CommandApi,
    QueryApi,
    Projector,
}

/// # Errors
/// When a store or the address cannot be used.
pub async fn run(options: Options, _output: Output) -> Result<Outcome, Failure> {
    let world = World::system();
    let listener = service::listen(options.http.listen).await;
    let secrets = secrets::check(options.stores.data(), &world);
    let cache = options.http.cache.open().await;
    let stores = Stores::open(&options.stores, &world).await;
    let (stores, ((listener, _), ())) = both(stores, both(both(listener, cache), secrets))?;
    let roles = Roles {
        commands: options.roles.contains(&Role::CommandApi),
        queries: options.roles.contains(&Role::QueryApi),
        views: options.roles.contains(&Role::Projector),
    };
    let address = listener.local_addr()?;
    let service = Service::start(roles, &stores, (&options.stores, &options.http), &world).await?;
    say(&format!("serving on http://{address}"));
    service.serve(listener).await?;
    Ok(Outcome::Well)
}
