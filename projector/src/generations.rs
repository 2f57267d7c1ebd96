//! Which generation of a view is which. Its number holds the view's version, so that a new version
//! never reads what an old one wrote.

use storage::documents::{self, Generation};

use crate::registry::Spec;
use crate::{Ports, parked};

const VERSION_BITS: u32 = 16;

/// The first generation of the version that this program knows.
pub(crate) const fn first(spec: &Spec) -> Generation {
    Generation(spec.version << VERSION_BITS)
}

/// The one after `serving`.
pub(crate) fn next(spec: &Spec, serving: Option<Generation>) -> Generation {
    match serving {
        Some(serving) if is_current(spec, serving) => Generation(serving.0.saturating_add(1)),
        Some(_) | None => first(spec),
    }
}

/// Whether this program's version wrote it.
pub(crate) const fn is_current(spec: &Spec, generation: Generation) -> bool {
    generation.0 >> VERSION_BITS == spec.version
}

/// Whether a newer program wrote it.
pub(crate) const fn is_newer(spec: &Spec, generation: Generation) -> bool {
    generation.0 >> VERSION_BITS > spec.version
}

/// The generations beside the one that serves to which the view can be switched.
///
/// # Errors
/// As the store's.
pub async fn others(ports: &Ports, spec: &Spec) -> Result<Vec<Generation>, documents::Error> {
    let collection = (spec.collection)();
    let serving = ports.documents.serving(collection).await?;
    let Some(serving) = serving else { return Ok(vec![]) };
    let mut others = vec![];
    for number in [serving.0.checked_sub(1), serving.0.checked_add(1)].into_iter().flatten() {
        let generation = Generation(number);
        let is_mine = is_current(spec, generation);
        if is_mine && ports.documents.checkpoint(collection, generation).await?.is_some() {
            others.push(generation);
        }
    }
    Ok(others)
}

/// Removes a generation with all that belongs to it. The one that serves is left alone.
///
/// # Errors
/// [`documents::Error::Invalid`] for the one that serves; else as the stores'.
pub async fn remove(
    ports: &Ports,
    spec: &Spec,
    generation: Generation,
) -> Result<(), documents::Error> {
    let collection = (spec.collection)();
    if ports.documents.serving(collection).await? == Some(generation) {
        return Err(documents::Error::Invalid(format!("{} serves this generation", spec.name)));
    }
    if spec.searched {
        let dropped = ports.search.drop_generation(generation).await;
        dropped.map_err(|error| documents::Error::Unavailable(Box::new(error)))?;
    }
    parked::remove(&*ports.documents, spec.name, generation).await?;
    ports.documents.drop_generation(collection, generation).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    #[test]
    fn a_new_version_never_shares_a_generation_with_an_old_one() {
        let spec = registry::view("order").unwrap();
        let newer = Spec { version: spec.version + 1, ..*spec };
        let serving = next(spec, Some(next(spec, None)));
        assert_eq!(serving, Generation(first(spec).0 + 1));
        assert!(is_current(spec, serving) && !is_current(&newer, serving));
        assert_eq!(next(&newer, Some(serving)), first(&newer));
        assert!(!is_current(spec, first(&newer)));
    }
}
