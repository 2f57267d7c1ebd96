//! Who goes first where the views of one process compete: risk before trades, trades before batch work.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;

use crate::view::Rank;

/// So long a batch of events waits for views of a higher rank. Then it is folded all the same: none
/// can hold up the others for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// How many workers of each rank are behind.
type Behind = BTreeMap<Rank, usize>;

/// What the workers of one process know of each other. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Precedence(watch::Sender<Behind>);

impl Precedence {
    pub(crate) fn claim(&self, rank: Rank) -> Claim {
        Claim { precedence: self.clone(), rank, is_behind: false }
    }
}

/// One worker's place among the others.
#[derive(Debug)]
pub(crate) struct Claim {
    precedence: Precedence,
    rank: Rank,
    is_behind: bool,
}

impl Claim {
    /// Whether others have to wait for it.
    pub(crate) fn set_behind(&mut self, is_behind: bool) {
        if self.is_behind == is_behind {
            return;
        }
        self.is_behind = is_behind;
        self.precedence.0.send_modify(|behind| {
            let count = behind.entry(self.rank).or_default();
            *count = if is_behind { *count + 1 } else { count.saturating_sub(1) };
        });
    }

    pub(crate) fn set_rank(&mut self, rank: Rank) {
        let is_behind = self.is_behind;
        self.set_behind(false);
        self.rank = rank;
        self.set_behind(is_behind);
    }

    /// Waits until none of a higher rank is behind, or long enough.
    pub(crate) async fn give_way(&self) {
        let mut behind = self.precedence.0.subscribe();
        let is_first = |behind: &Behind| behind.range(..self.rank).all(|(_, count)| *count == 0);
        // The sender lives as long as this claim does.
        let _impatient = tokio::time::timeout(PATIENCE, behind.wait_for(is_first)).await;
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.set_behind(false);
    }
}
