//! Letters: copies of events that could not be applied, for operators and their tools. Nothing rests on
//! them: what is parked stands in the documents, and is replayed from the log.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use events_schema::envelope::{Epoch, Payload, Recorded};

use super::Error;

/// An event that queues behind a document, and why it does.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    pub view: &'a str,
    pub generation: u32,
    pub document: &'a str,
    /// What kind of error parked the document, and in words that name no person.
    pub code: &'a str,
    pub error: &'a str,
    /// Of the log when it is copied.
    pub epoch: Epoch,
    pub event: &'a Recorded<Payload>,
}

/// The port.
#[async_trait]
pub trait Letters: fmt::Debug + Send + Sync + 'static {
    /// Copies one event; it is durable before this returns, so that whoever copies one after the other
    /// keeps their order. What is copied again stands there twice.
    async fn copy(&self, letter: Letter<'_>) -> Result<(), Error>;
}

pub type SharedLetters = Arc<dyn Letters>;
