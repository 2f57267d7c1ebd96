//! The command line as people and scripts meet it.

#[cfg(test)]
#[path = "command_line/configuration.rs"]
mod configuration;
#[cfg(test)]
#[path = "command_line/history.rs"]
mod history;
#[cfg(test)]
#[path = "command_line/options.rs"]
mod options;
#[cfg(test)]
#[path = "command_line/parked.rs"]
mod parked;
#[cfg(test)]
#[path = "command_line/running.rs"]
mod running;
#[cfg(test)]
#[path = "command_line/views.rs"]
mod views;
