//! What of the work is this process's: by leases, a view's partition each where its documents come from
//! one, the whole view where they come from several.
//!
//! Every process computes who should have what from the same list of those who live, by rendezvous
//! hashing (Thaler and Ravishankar, 1998), so that little moves when one comes or goes. The leases decide.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use storage::bus::partition;
use storage::documents::Part;
use storage::leases::{self, LIFE, SharedLeases};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Ports;
use crate::registry::{Spec, VIEWS};
use crate::view::Order;

const MEMBERS: &str = "projector/";
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
    leases: SharedLeases,
    holder: String,
    partitions: u32,
    until: watch::Sender<Instant>,
    /// What it holds now, by the lease's name.
    held: BTreeSet<String>,
}

/// Every part of a view, on a bus of so many partitions.
pub(crate) fn parts(spec: &Spec, partitions: u32) -> BTreeSet<Part> {
    match spec.order {
        Order::Log => BTreeSet::from([Part::WHOLE]),
        Order::Key => (0..partitions).map(|number| Part { of: partitions, number }).collect(),
    }
}

fn lease(spec: &Spec, part: Part) -> String {
    format!("view/{}/{}of{}", spec.name, part.number, part.of)
}

impl Share {
    pub(crate) fn new(ports: &Ports) -> Self {
        let until = watch::Sender::new(Instant::now());
        let (leases, holder) = (ports.leases.clone(), ports.holder.clone());
        let partitions = ports.bus.partitions();
        Self { leases, holder, partitions, until, held: BTreeSet::new() }
    }

    pub(crate) fn tenure(&self) -> Tenure {
        Tenure(Some(self.until.subscribe()))
    }

    /// Takes and keeps what should be this process's; what it has then.
    pub(crate) async fn renew(&mut self) -> Result<Parts, leases::Error> {
        let asked_at = Instant::now();
        let me = format!("{MEMBERS}{}", self.holder);
        self.leases.hold(&self.holder, &[me]).await?;
        let members = self.leases.holders(MEMBERS).await?;
        let members: Vec<String> = members.into_iter().map(|(_, holder)| holder).collect();
        let all = VIEWS.iter().flat_map(|spec| {
            parts(spec, self.partitions).into_iter().map(move |part| (spec, part))
        });
        let mine: BTreeMap<String, (&'static Spec, Part)> = all
            .map(|(spec, part)| (lease(spec, part), (spec, part)))
            .filter(|(name, _)| owner(name, &members) == Some(self.holder.as_str()))
            .collect();
        let names: Vec<String> = mine.keys().cloned().collect();
        let held = self.leases.hold(&self.holder, &names).await?;
        self.until.send_replace(asked_at + LIFE);
        let mut share = Parts::new();
        self.held.extend(held.iter().map(|lease| lease.name.clone()));
        for lease in held {
            if let Some((spec, part)) = mine.get(&lease.name) {
                share.entry(spec.name).or_default().insert(*part);
            }
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
        let others: Vec<String> = self.held.difference(&kept).cloned().collect();
        if !others.is_empty() {
            self.leases.release(&self.holder, &others).await?;
        }
        self.held = kept;
        Ok(())
    }

    /// Gives everything back: others need not wait until it is over.
    pub(crate) async fn leave(&mut self) -> Result<(), leases::Error> {
        let mut all: Vec<String> = std::mem::take(&mut self.held).into_iter().collect();
        all.push(format!("{MEMBERS}{}", self.holder));
        self.leases.release(&self.holder, &all).await
    }

    /// Takes what only one process may do for a view, such as building it anew. It has to be taken again
    /// within the life of a lease.
    pub(crate) async fn alone(&self, view: &str) -> Result<bool, leases::Error> {
        let name = format!("rebuild/{view}");
        Ok(!self.leases.hold(&self.holder, &[name]).await?.is_empty())
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
