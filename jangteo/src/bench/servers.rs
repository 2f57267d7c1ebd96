//! The servers beside PostgreSQL, and what is measured on them.

use clap::Args;

use super::figure::Figure;
use super::{Bench, Subject};

/// On each of them a measurement makes what it needs under a name of its own, and removes it.
#[derive(Args, Clone, Debug)]
pub(super) struct ServerOptions {
    /// Kafka on which topics may be made, `kafka://HOST:PORT`
    #[arg(long, value_name = "URL", env = "JANGTEO_KAFKA")]
    pub(super) kafka: Option<String>,

    /// MongoDB on which databases may be made, `mongodb://HOST:PORT`
    #[arg(long, value_name = "URL", env = "JANGTEO_DOCUMENTS", hide_env_values = true)]
    pub(super) documents: Option<String>,

    /// Elasticsearch or OpenSearch on which indexes may be made, `http(s)://HOST:PORT`
    #[arg(long, value_name = "URL", env = "JANGTEO_SEARCH", hide_env_values = true)]
    pub(super) search: Option<String>,

    /// How many events views are rebuilt from
    #[cfg(feature = "servers")]
    #[arg(
        long,
        value_name = "N",
        env = "JANGTEO_EVENTS",
        default_value_t = 1_000_000,
        value_parser = clap::value_parser!(u64).range(10_000..=10_000_000)
    )]
    pub(super) events: u64,
}

#[cfg(feature = "servers")]
pub(super) async fn figures(bench: &Bench, subject: Subject) -> anyhow::Result<Vec<Figure>> {
    use super::{load, relay, servers_fresh, servers_pages, servers_rebuild, stack::Stack};

    let not_measured = |needs| Ok(vec![Figure::not_measured(subject.name(), needs)]);
    let ServerOptions { kafka, documents, search, .. } = &bench.servers;
    let (Some(server), Some(kafka)) = (&bench.postgres, kafka) else {
        return not_measured("give --postgres and --kafka");
    };
    if subject == Subject::Relay {
        return relay::figures(bench, server, kafka).await;
    }
    let (Some(documents), Some(search)) = (documents, search) else {
        return not_measured("give --documents and --search too");
    };
    let stack = Stack::new(&bench.world, server, [kafka, documents, search]).await?;
    let measured = if subject == Subject::ServersPages {
        servers_pages::figures(bench, &stack).await
    } else if subject == Subject::ServersLoad {
        load::on_servers(bench, &stack).await
    } else if subject == Subject::ServersRebuild {
        servers_rebuild::figures(bench, &stack).await
    } else {
        servers_fresh::figures(bench, &stack).await
    };
    // However the measurement ended.
    stack.remove().await?;
    measured
}

#[cfg(not(feature = "servers"))]
pub(super) async fn figures(bench: &Bench, subject: Subject) -> anyhow::Result<Vec<Figure>> {
    let ServerOptions { kafka, documents, search } = &bench.servers;
    if kafka.is_some() || documents.is_some() || search.is_some() {
        anyhow::bail!("this build has no servers: build it with the cargo feature `servers`");
    }
    Ok(vec![Figure::not_measured(subject.name(), "build with the cargo feature `servers`")])
}
