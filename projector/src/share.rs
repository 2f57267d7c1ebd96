//! What of the work is this process's: by leases, a view's partition each where its documents come from
//! one, the whole view where they come from several.
//!
//! Every process computes who should have what from the same list of those who live, by rendezvous
//! hashing (Thaler and Ravishankar, 1998), so that little moves when one comes or goes. The leases decide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use storage::bus::partition;
use storage::documents::Part;
use storage::leases::{self, LIFE, RENEWAL, SharedLeases};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Ports;
use crate::registry::{Spec, VIEWS};
use crate::view::Order;

const MEMBERS: &str = "projector/";
const WORK: &str = "view/";
/// Left of a lease's life, a write may still begin.
const RESERVE: Duration = Duration::from_millis(500);

/// Until when this process may write what it has leases for.
#[derive(Clone, Debug)]
pub(crate) struct Tenure(Option<watch::Receiver<Instant>>);

impl Tenure {
    /// Of work that nobody else does.
    pub(crate) const ENDLESS: Self = Self(None);

    pub(crate) fn holds(&self) -> bool {
        self.0.as_ref().is_none_or(|until| Instant::now() + RESERVE < *until.borrow())
    }
}

/// The parts of each view that this process works on.
pub(crate) type Parts = BTreeMap<&'static str, BTreeSet<Part>>;

#[derive(Debug)]
pub(crate) struct Share {
    partitions: u32,
    hold: Hold,
    /// Ends the task that keeps the leases.
    kept: CancellationToken,
}

/// What this process holds, kept by a task of its own: whoever starts views may take his time.
#[derive(Clone, Debug)]
struct Hold {
    leases: SharedLeases,
    holder: String,
    /// Whatever it holds lives at least so long: what was taken since it was last kept, longer.
    until: watch::Sender<Instant>,
    /// By the lease's name.
    held: Arc<Mutex<BTreeSet<String>>>,
}

/// Whether any process works on views, as far as these leases tell.
///
/// # Errors
/// As the leases'.
pub async fn is_worked_on(leases: &SharedLeases) -> Result<bool, leases::Error> {
    Ok(!leases.holders(MEMBERS).await?.is_empty())
}

/// Every part of a view, on a bus of so many partitions.
pub(crate) fn parts(spec: &Spec, partitions: u32) -> BTreeSet<Part> {
    match spec.order {
        Order::Log => BTreeSet::from([Part::WHOLE]),
        Order::Key => (0..partitions).map(|number| Part { of: partitions, number }).collect(),
    }
}

/// A view as this program knows it: during an upgrade another version is other work, of other processes.
fn version(spec: &Spec) -> String {
    format!("{}.{}", spec.name, spec.version)
}

fn lease(spec: &Spec, part: Part) -> String {
    format!("{WORK}{}/{}of{}", version(spec), part.number, part.of)
}

fn rebuild(view: &str) -> String {
    format!("rebuild/{view}")
}

impl Hold {
    fn held(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes those of these leases that it does not hold and that are free.
    async fn take(&self, names: impl IntoIterator<Item = String>) -> Result<(), leases::Error> {
        let missing: Vec<String> = {
            let held = self.held();
            names.into_iter().filter(|name| !held.contains(name)).collect()
        };
        if !missing.is_empty() {
            let taken = self.leases.hold(&self.holder, &missing).await?;
            self.held().extend(taken.into_iter().map(|lease| lease.name));
        }
        Ok(())
    }

    /// Holds again what it holds; what has passed on meanwhile it holds no more.
    async fn renew(&self) -> Result<(), leases::Error> {
        let names: Vec<String> = self.held().iter().cloned().collect();
        let kept = self.leases.hold(&self.holder, &names).await?;
        let kept: BTreeSet<String> = kept.into_iter().map(|lease| lease.name).collect();
        self.held().retain(|name| kept.contains(name) || names.binary_search(name).is_err());
        Ok(())
    }

    /// Again and again. What fails once is in time the next time, or is over.
    async fn keep(self) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            let asked_at = Instant::now();
            match tokio::time::timeout(LIFE, self.renew()).await {
                Ok(Ok(())) => drop(self.until.send_replace(asked_at + LIFE)),
                Ok(Err(error)) => tracing::warn!(%error, "leases were not renewed yet"),
                Err(_) => tracing::warn!("leases were not renewed in time"),
            }
        }
    }
}

impl Share {
    pub(crate) fn new(ports: &Ports, tracker: &TaskTracker) -> Self {
        let until = watch::Sender::new(Instant::now() + LIFE);
        let (leases, holder) = (ports.leases.clone(), ports.holder.clone());
        let hold = Hold { leases, holder, until, held: Arc::default() };
        let kept = CancellationToken::new();
        let keeping = kept.clone().run_until_cancelled_owned(hold.clone().keep());
        tracker.spawn(keeping);
        Self { partitions: ports.bus.partitions(), hold, kept }
    }

    pub(crate) fn tenure(&self) -> Tenure {
        Tenure(Some(self.hold.until.subscribe()))
    }

    /// Takes what should be this process's; what it has of that then.
    pub(crate) async fn take(&mut self) -> Result<Parts, leases::Error> {
        let holder = self.hold.holder.clone();
        // Who divides the work otherwise, as on another bus, is none of those who share it.
        let all = format!("{MEMBERS}{}/", self.partitions);
        let of_view = |spec: &Spec| format!("{all}{}/", version(spec));
        let own = VIEWS.iter().map(|spec| format!("{}{holder}", of_view(spec)));
        self.hold.take(own.collect::<Vec<_>>()).await?;
        let all_members = self.hold.leases.holders(&all).await?;
        let mut mine: BTreeMap<String, (&'static Spec, Part)> = BTreeMap::new();
        for spec in VIEWS {
            let of_view = of_view(spec);
            let members = all_members.iter().filter(|(name, _)| name.starts_with(&of_view));
            let members: Vec<String> = members.map(|(_, holder)| holder.clone()).collect();
            let parts = parts(spec, self.partitions).into_iter();
            let named = parts.map(|part| (lease(spec, part), (spec, part)));
            mine.extend(named.filter(|(name, _)| owner(name, &members) == Some(holder.as_str())));
        }
        self.hold.take(mine.keys().cloned()).await?;
        let (mut share, held) = (Parts::new(), self.hold.held());
        for (spec, part) in held.iter().filter_map(|name| mine.get(name)) {
            share.entry(spec.name).or_default().insert(*part);
        }
        Ok(share)
    }

    /// Gives back what it holds beyond this share, whose work has ended.
    pub(crate) async fn keep_only(&mut self, share: &Parts) -> Result<(), leases::Error> {
        let kept: BTreeSet<String> = VIEWS
            .iter()
            .filter_map(|spec| Some((spec, share.get(spec.name)?)))
            .flat_map(|(spec, parts)| parts.iter().map(|part| lease(spec, *part)))
            .collect();
        let is_work = |name: &&String| name.starts_with(WORK) && !kept.contains(*name);
        let others: Vec<String> = self.hold.held().iter().filter(is_work).cloned().collect();
        if !others.is_empty() {
            self.hold.held().retain(|name| !others.contains(name));
            self.hold.leases.release(&self.hold.holder, &others).await?;
        }
        Ok(())
    }

    /// Gives everything back: others need not wait until it is over.
    pub(crate) async fn leave(&mut self) -> Result<(), leases::Error> {
        self.kept.cancel();
        let all: Vec<String> = std::mem::take(&mut *self.hold.held()).into_iter().collect();
        self.hold.leases.release(&self.hold.holder, &all).await
    }

    /// Takes what only one process may do for a view, such as building it anew, and keeps it until it
    /// is [`Self::done`].
    pub(crate) async fn alone(&self, view: &str) -> Result<bool, leases::Error> {
        self.hold.take([rebuild(view)]).await?;
        Ok(self.hold.held().contains(&rebuild(view)))
    }

    pub(crate) async fn done(&self, view: &str) -> Result<(), leases::Error> {
        self.hold.held().remove(&rebuild(view));
        self.hold.leases.release(&self.hold.holder, &[rebuild(view)]).await
    }
}

/// Whose a lease should be: the member with the highest hash of both names.
fn owner<'a>(lease: &str, members: &'a [String]) -> Option<&'a str> {
    let weight =
        |member: &&String| (partition::hash(&format!("{member}|{lease}")), (*member).clone());
    members.iter().max_by_key(weight).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn another_version_of_a_view_is_other_work() {
        let spec = crate::registry::view("listing_search").unwrap();
        let newer = Spec { version: spec.version + 1, ..*spec };
        assert_ne!(lease(spec, Part::WHOLE), lease(&newer, Part::WHOLE));
        assert!(!version(&newer).starts_with(&format!("{}/", version(spec))));
    }

    #[test]
    fn work_is_spread_and_little_moves_when_a_member_comes() {
        let leases: Vec<String> =
            (0..600).map(|number| format!("view/order/{number}of36")).collect();
        let (two, three) = (members(&["a1", "b2"]), members(&["a1", "b2", "c3"]));
        let of = |member: &str, all: &[String]| {
            leases.iter().filter(|lease| owner(lease, all) == Some(member)).count()
        };
        assert!(two.iter().all(|member| of(member, &two) > 150), "{}", of("a1", &two));
        assert!(three.iter().all(|member| of(member, &three) > 100));
        let stays = |lease: &&String| {
            owner(lease, &three) == Some("c3") || owner(lease, &three) == owner(lease, &two)
        };
        assert!(leases.iter().all(|lease| stays(&lease)));
    }
}
