//! The documents of a view, read to their end.

use projector::view::View;
use storage::documents::{Documents, PAGE_MAX};

/// Every document of the generation that serves; none where none does.
///
/// # Errors
/// When the documents cannot be read.
pub(crate) async fn each<V: View>(
    documents: &dyn Documents,
    mut visit: impl FnMut(V::Document),
) -> anyhow::Result<()> {
    let collection = V::collection();
    let Some(generation) = documents.serving(collection).await? else { return Ok(()) };
    let mut after: Option<String> = None;
    loop {
        let page = documents.scan(collection, generation, after.as_deref(), PAGE_MAX).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for body in page.into_iter().filter_map(|stored| stored.body) {
            visit(serde_json::from_slice(&body)?);
        }
    }
}
