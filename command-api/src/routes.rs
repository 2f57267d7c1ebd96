//! Every route and who may call it.

use edge::policy::{Policy, Routes};
use edge::state::Edge;
use utoipa_axum::routes;

use crate::party::{ADMINS, BUYERS, SELLERS, TRADERS};
use crate::state::CommandApi;
use crate::{
    categories, checkouts, likes, orders, policies, products, reviews, sellers, shipments,
};

/// All commands.
#[must_use]
pub fn routes(edge: &Edge, api: CommandApi) -> Routes {
    Routes::new(edge)
        .route(Policy::SIGNED_IN, routes!(sellers::register::register))
        .route(ADMINS, routes!(sellers::suspend::suspend))
        .route(ADMINS, routes!(sellers::reinstate::reinstate))
        .route(SELLERS, routes!(products::draft::draft))
        .route(SELLERS, routes!(products::edit::edit))
        .route(SELLERS, routes!(products::withdraw::withdraw))
        .route(SELLERS, routes!(products::change_price::change_price))
        .route(SELLERS, routes!(products::submit::submit))
        .route(ADMINS, routes!(products::approve::approve))
        .route(ADMINS, routes!(products::reject::reject))
        .route(ADMINS, routes!(products::suspend::suspend))
        .route(ADMINS, routes!(products::resume::resume))
        .route(SELLERS, routes!(products::stock::stock))
        .route(ADMINS, routes!(categories::create::create))
        .route(ADMINS, routes!(categories::rename::rename))
        .route(ADMINS, routes!(categories::retire::retire))
        .route(ADMINS, routes!(policies::record::record))
        .route(BUYERS, routes!(orders::place::place))
        .route(SELLERS, routes!(orders::prepare::prepare))
        .route(SELLERS, routes!(orders::ship::ship))
        .route(SELLERS, routes!(orders::deliver::deliver))
        .route(TRADERS, routes!(orders::confirm::confirm))
        .route(TRADERS, routes!(orders::cancel::cancel))
        .route(TRADERS, routes!(orders::status::status))
        .route(ADMINS, routes!(checkouts::observe::observe))
        .route(ADMINS, routes!(shipments::observe::observe))
        .route(TRADERS, routes!(reviews::write::write))
        .route(TRADERS, routes!(reviews::report::report))
        .route(TRADERS, routes!(likes::give::give))
        .route(TRADERS, routes!(likes::take_back::take_back))
        .with_state(api)
}
