//! Every route of the query API, with who may call it.

use edge::policy::Policy::Public;
use edge::policy::Routes;
use edge::state::Edge;
use utoipa_axum::routes;

use crate::access::TRADERS;
use crate::state::Queries;
use crate::{checkouts, events, ledger, likes, orders, policies, products, sellers};

/// The routes, ready for [`edge::app::App`].
#[must_use]
pub fn routes(edge: &Edge, queries: Queries) -> Routes {
    Routes::new(edge)
        .route(Public, routes!(products::list::list))
        .route(Public, routes!(products::categories::list))
        .route(Public, routes!(products::suggest::suggest))
        .route(Public, routes!(products::get::get))
        .route(Public, routes!(products::history::list))
        .route(Public, routes!(products::reviews::list))
        .route(Public, routes!(sellers::get::get))
        .route(Public, routes!(sellers::rating::rating))
        .route(Public, routes!(sellers::reviews::list))
        .route(sellers::balance::READERS, routes!(sellers::balance::balance))
        .route(TRADERS, routes!(likes::list::list))
        .route(TRADERS, routes!(orders::list::list))
        .route(TRADERS, routes!(orders::get::get))
        .route(TRADERS, routes!(orders::timeline::timeline))
        .route(checkouts::get::READERS, routes!(checkouts::get::get))
        .route(ledger::trial_balance::READERS, routes!(ledger::trial_balance::trial_balance))
        .route(Public, routes!(policies::list::list))
        .route(events::READERS, routes!(events::list::list))
        .route(events::READERS, routes!(events::get::get))
        .with_state(queries)
}
