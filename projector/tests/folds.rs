//! What views make of histories, without any store.

#[cfg(test)]
#[path = "support/market.rs"]
mod market;

#[cfg(test)]
#[path = "folds/documents.rs"]
mod documents;
#[cfg(test)]
#[path = "folds/laws.rs"]
mod laws;
#[cfg(test)]
#[path = "folds/likes.rs"]
mod likes;
#[cfg(test)]
#[path = "folds/observed.rs"]
mod observed;
