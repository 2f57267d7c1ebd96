//! History itself, for analysts, auditors and admins. Personal data stays sealed.

pub(crate) mod get;
pub mod line;
pub(crate) mod list;

use edge::policy::Policy;
use events_schema::envelope::Role;

pub(crate) const READERS: Policy = Policy::AnyOf(&[Role::Analyst, Role::Auditor, Role::Admin]);
