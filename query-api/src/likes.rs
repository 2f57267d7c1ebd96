//! What persons like (찜).

pub(crate) mod list;
