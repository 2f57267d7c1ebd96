//! One store each, from its options.

use std::fs;
use std::path::Path;

use storage::documents::SharedDocuments;
use storage::event_log::SharedLog;
use storage::keys::SharedKeys;
use storage::search::SharedSearch;
use storage::world::World;
use storage::{documents, event_log, keys, search};

use super::{Access, LogOptions, Needs, Place, StoreOptions, ViewOptions};
use crate::failure::{Failure, both};

/// Where views are kept.
pub(super) type Kept = (SharedDocuments, SharedSearch);

/// Looks for what is wrong with the stores that are needed and there, and makes none.
pub(super) async fn check(
    needs: Needs,
    options: &StoreOptions,
    world: &World,
) -> Result<(), Failure> {
    let of_views = check_views(needs.views, &options.views, world).await;
    let of_keys = match needs.keys {
        true => if_there(options.keys(), keys(options, world)).await,
        false => Ok(()),
    };
    both(of_views, of_keys).map(drop)
}

/// The same without the keys.
pub(super) async fn check_views(
    access: Option<Access>,
    options: &ViewOptions,
    world: &World,
) -> Result<(), Failure> {
    let of_log = events(Access::Read, &options.log, world);
    let of_log = if_there(options.log.events(), of_log).await;
    let of_kept = match access {
        Some(access) => {
            let of_documents = if_there(options.documents(), documents(access, options)).await;
            let of_search = if_there(options.search(), search(access, options)).await;
            both(of_documents, of_search).map(drop)
        }
        None => Ok(()),
    };
    both(of_log, of_kept).map(drop)
}

async fn if_there<T>(
    place: Place,
    opening: impl Future<Output = Result<T, Failure>>,
) -> Result<(), Failure> {
    if place.is_missing() { Ok(()) } else { opening.await.map(drop) }
}

pub(super) async fn events(
    access: Access,
    options: &LogOptions,
    world: &World,
) -> Result<SharedLog, Failure> {
    let place = options.events();
    if access == Access::Begin {
        migrated(&place).await?;
    }
    let opened = match access {
        Access::Read => event_log::open_read_only(&place.url, world.clone()).await,
        Access::Write | Access::Begin => event_log::open(&place.url, world.clone()).await,
    };
    opened.map_err(|error| place.problem(&error))
}

pub(super) async fn kept(access: Access, options: &ViewOptions) -> Result<Kept, Failure> {
    both(documents(access, options).await, search(access, options).await)
}

async fn documents(access: Access, options: &ViewOptions) -> Result<SharedDocuments, Failure> {
    let place = options.documents();
    let opened = match access {
        Access::Read => documents::open_read_only(&place.url).await,
        Access::Write | Access::Begin => documents::open(&place.url).await,
    };
    opened.map_err(|error| place.problem(&error))
}

async fn search(access: Access, options: &ViewOptions) -> Result<SharedSearch, Failure> {
    let place = options.search();
    let opened = match access {
        Access::Read => search::open_read_only(&place.url).await,
        Access::Write | Access::Begin => search::open(&place.url).await,
    };
    opened.map_err(|error| place.problem(&error))
}

pub(super) async fn keys(options: &StoreOptions, world: &World) -> Result<SharedKeys, Failure> {
    let place = options.keys();
    keys::open(&place.url, world.clone()).await.map_err(|error| place.problem(&error))
}

/// Nothing is opened, and nothing made, where there is no history.
pub(super) fn no_history(access: Access, options: &LogOptions) -> Option<Failure> {
    let place = options.events();
    let path = place.path().filter(|path| access != Access::Begin && !path.exists())?;
    Some(Failure::configuration(format!(
        "--log: there is no history at {}; `jangteo dev`, `jangteo import` and `jangteo migrate` \
         begin one",
        path.display()
    )))
}

pub(super) async fn migrated(place: &Place) -> Result<(), Failure> {
    event_log::migrate(&place.url).await.map_err(|error| of_log(place, error))
}

/// What an operator can mend is told by the option.
pub(super) fn of_log(place: &Place, error: event_log::Error) -> Failure {
    match error {
        event_log::Error::Configuration(_) => place.problem(&error),
        event_log::Error::Unavailable(_)
        | event_log::Error::KeyReused
        | event_log::Error::Invalid(_)
        | event_log::Error::Corrupt { .. } => error.into(),
    }
}

pub(super) fn folder(data: &Path) -> Result<(), Failure> {
    let problem = |error| format!("--data: cannot make {}: {error}", data.display());
    fs::create_dir_all(data).map_err(|error| Failure::configuration(problem(error)))
}
