//! The rules that hold, have held and will hold.

pub(crate) mod list;
