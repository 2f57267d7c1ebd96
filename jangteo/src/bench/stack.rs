//! The real stack of one measurement: a database, topics and an index of its own on the servers that
//! were given.

use anyhow::Context;
use projector::registry::VIEWS;
use storage::documents::{self, SharedDocuments};
use storage::search::{self, SharedSearch};
use storage::world::World;

use super::postgres::{Database, Server};
use super::site::Site;
use super::topics::Topics;
use crate::service::Roles;
use crate::stores::{BusOptions, Urls};

#[derive(Debug)]
pub(super) struct Stack {
    database: Database,
    topics: Topics,
    documents: String,
    search: String,
}

impl Stack {
    /// Only the event log's tables are made yet. The URLs are those of Kafka, documents and search.
    pub(super) async fn new(
        world: &World,
        server: &Server,
        [kafka, documents, search]: [&String; 3],
    ) -> anyhow::Result<Self> {
        let name = format!("jangteo_bench_{}", world.uuid().simple());
        let (at, options) = documents.split_once('?').unwrap_or((documents, ""));
        let documents = format!("{}/{name}?{options}", at.trim_end_matches('/'));
        let search = search.split('?').next().unwrap_or(search);
        Ok(Self {
            database: server.database(world).await?,
            topics: Topics::new(kafka, world)?,
            documents: documents.trim_end_matches('?').to_owned(),
            search: format!("{search}?prefix={name}"),
        })
    }

    /// Every role in one process.
    pub(super) async fn site(&self, world: &World) -> anyhow::Result<Site> {
        let roles = Roles { commands: true, queries: true, views: true, relay: true };
        let urls = Urls {
            log: Some(self.database.url.clone()),
            documents: Some(self.documents.clone()),
            search: Some(self.search.clone()),
            ..Urls::default()
        };
        Site::on(roles, urls, BusOptions::new(Some(self.topics.url.clone())), world).await
    }

    /// The event log's URL.
    pub(super) fn log(&self) -> &str {
        &self.database.url
    }

    /// The documents' URL.
    pub(super) fn documents(&self) -> &str {
        &self.documents
    }

    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        self.database.settle().await
    }

    pub(super) async fn kept(&self) -> anyhow::Result<(SharedDocuments, SharedSearch)> {
        Ok((documents::open(&self.documents).await?, search::open(&self.search).await?))
    }

    pub(super) async fn remove(self) -> anyhow::Result<()> {
        self.topics.remove().await?;
        self.remove_views().await
    }

    /// The documents and the index.
    pub(super) async fn remove_views(&self) -> anyhow::Result<()> {
        // The index bears the generation of the view that fills it, which only the documents know.
        let (documents, search) = self.kept().await?;
        for spec in VIEWS {
            if let Some(generation) = documents.serving((spec.collection)()).await? {
                search.drop_generation(generation).await?;
            }
        }
        let client = mongodb::Client::with_uri_str(&self.documents).await?;
        Ok(client.default_database().context("--documents")?.drop().await?)
    }
}
