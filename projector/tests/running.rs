//! The projector over real stores: tail and unruly bus, crashes, parked documents, rebuilds.

#[cfg(test)]
#[path = "support/faulty.rs"]
mod faulty;
#[cfg(test)]
#[path = "support/market.rs"]
mod market;
#[cfg(test)]
#[path = "support/postbox.rs"]
mod postbox;
#[cfg(test)]
#[path = "support/stores.rs"]
mod stores;

#[cfg(test)]
#[path = "running/elsewhere.rs"]
mod elsewhere;
#[cfg(test)]
#[path = "running/follow.rs"]
mod follow;
#[cfg(test)]
#[path = "running/letters.rs"]
mod letters;
#[cfg(test)]
#[path = "running/parking.rs"]
mod parking;
#[cfg(test)]
#[path = "running/rebuilding.rs"]
mod rebuilding;
#[cfg(test)]
#[path = "running/refused.rs"]
mod refused;
#[cfg(test)]
#[path = "running/searched.rs"]
mod searched;
#[cfg(test)]
#[path = "running/sharing.rs"]
mod sharing;
#[cfg(test)]
#[path = "running/trouble.rs"]
mod trouble;
