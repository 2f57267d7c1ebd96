//! What people type over real Korean listings and what they have to be shown, the same on every
//! adapter. The listings are nobody's of this project and not in it: `JANGTEO_TEST_BUNJANG` names the
//! folder or the archive that they are in, else they lie in `../shared/data` beside the project.

#[cfg(feature = "relevance")]
#[cfg(test)]
#[path = "relevance/cases.rs"]
mod cases;
#[cfg(feature = "relevance")]
#[cfg(test)]
#[path = "relevance/listings.rs"]
mod listings;

#[cfg(feature = "relevance")]
#[cfg(test)]
mod real {
    use std::panic::{AssertUnwindSafe, resume_unwind};

    use futures::FutureExt as _;
    use storage::search::open;

    use super::cases;

    type Shown = Vec<(&'static str, Vec<String>)>;

    /// One after the other: what differs between two adapters is a fault too.
    #[tokio::test]
    async fn every_adapter_shows_what_was_looked_for_and_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("tantivy:{}", folder.path().display());
        let embedded = cases::hold_on(open(&url).await.unwrap()).await;
        for server in servers() {
            let shown = on_server(&server).await;
            let differs = |(one, other): &(&(_, _), &(_, _))| one != other;
            let different = embedded.iter().zip(&shown).filter(differs);
            let different: Vec<&str> = different.map(|((typed, _), _)| *typed).collect();
            assert!(different.is_empty(), "{server} shows others than tantivy: {different:?}");
        }
    }

    /// The second one need not be there.
    fn servers() -> Vec<String> {
        if !cfg!(feature = "elasticsearch") {
            return Vec::new();
        }
        let elasticsearch = std::env::var("JANGTEO_TEST_ELASTICSEARCH");
        let mut servers = vec![elasticsearch.expect("JANGTEO_TEST_ELASTICSEARCH names no server")];
        servers.extend(std::env::var("JANGTEO_TEST_OPENSEARCH"));
        servers
    }

    async fn on_server(server: &str) -> Shown {
        let folder = tempfile::Builder::new().prefix("relevance-").tempdir().unwrap();
        let prefix = folder.path().file_name().unwrap().to_str().unwrap().to_lowercase();
        let url = format!("{}?prefix={prefix}", server.trim_end_matches('/'));
        let search = open(&url).await.unwrap();
        // The index goes even where a case does not hold.
        let ran = AssertUnwindSafe(cases::hold_on(search.clone())).catch_unwind().await;
        search.drop_generation(cases::GENERATION).await.unwrap();
        ran.unwrap_or_else(|fault| resume_unwind(fault))
    }
}
