//! What clients do, over HTTP.

mod cancels;
mod categories;
mod likes;
mod orders;
mod payments;
mod policies;
mod products;
mod purchases;
mod reviews;
mod routes;
mod sellers;
mod shipments;
