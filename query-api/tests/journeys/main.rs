//! What clients of the query API meet, over real embedded stores and live views.

#[cfg(test)]
mod support;

#[cfg(test)]
mod access;
#[cfg(test)]
mod conditional;
#[cfg(test)]
mod events;
#[cfg(test)]
mod kept;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod likes;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod past;
#[cfg(test)]
mod products;
#[cfg(test)]
mod timeline;
