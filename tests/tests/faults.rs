//! What happens around a product under load on real servers: one of them is away, a role is stopped, all is
//! upgraded.

#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/away.rs"]
mod away;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/gateway.rs"]
mod gateway;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/history.rs"]
mod history;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/leading.rs"]
mod leading;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/load.rs"]
mod load;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/outcomes.rs"]
mod outcomes;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/probe.rs"]
mod probe;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/site.rs"]
mod site;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/stopping.rs"]
mod stopping;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "faults/upgrade.rs"]
mod upgrade;
