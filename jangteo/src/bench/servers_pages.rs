//! Pages and lists as `pages` measures them, on the real stack. After the first round they come from
//! the query API's memory, as between two changes.

use super::Bench;
use super::figure::Figure;
use super::pages::measured;
use super::stack::Stack;

pub(super) async fn figures(bench: &Bench, stack: &Stack) -> anyhow::Result<Vec<Figure>> {
    let site = stack.site(&bench.world).await?;
    let names = ["listing page over HTTP, on servers", "listing list over HTTP, on servers"];
    let figures = measured(bench, &site, names, [5_000.0; 2]).await;
    site.stop().await?;
    figures
}
