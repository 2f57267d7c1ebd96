//! A foreign history comes in whole, once, whatever happens on the way.

#[cfg(test)]
#[path = "import/figures.rs"]
mod figures;
#[cfg(test)]
#[path = "import/killed.rs"]
mod killed;
#[cfg(test)]
#[cfg(feature = "real")]
#[path = "import/servers.rs"]
mod servers;
#[cfg(test)]
#[path = "import/source.rs"]
mod source;
