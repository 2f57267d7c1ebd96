//! What the books say, for auditors and admins.

pub(crate) mod trial_balance;
