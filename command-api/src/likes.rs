//! Commands on likes (찜).

pub mod give;
pub mod take_back;
