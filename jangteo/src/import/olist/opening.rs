//! What stood before the first order: the policies that held in 2016, and the categories.

use async_trait::async_trait;
use command_api::execute::{Body, Handle, UnitOfWork};
use command_api::problem::CommandError;
use domain::category::{self, Category};
use domain::policy::{self, DEFAULT_FEES, DEFAULT_LIMITS, Policy};
use events_schema::policy::{Recorded, Terms};
use events_schema::time::Timestamp;

use super::source::Dataset;
use super::{apply, ids};

/// 2016-01-01, before the first order of the source.
pub(crate) const OPENED_AT: Timestamp = Timestamp::from_unix_micros(1_451_606_400_000_000);

/// One thing that stood there, and the key it is imported under.
#[derive(Debug)]
pub(crate) enum Standing {
    Policy(Terms),
    Category { source_name: String, english: Option<String> },
}

impl Standing {
    /// Policies first: orders are priced by them.
    pub(crate) fn all(dataset: &Dataset) -> Vec<Self> {
        let categories = dataset.categories.iter().map(|(name, english)| Self::Category {
            source_name: name.clone(),
            english: english.clone(),
        });
        let policies = [Terms::Fees(DEFAULT_FEES), Terms::Limits(DEFAULT_LIMITS)];
        policies.into_iter().map(Self::Policy).chain(categories).collect()
    }

    pub(crate) fn key(&self) -> String {
        match self {
            Self::Policy(terms) => format!("policy/{}", terms.kind().as_str()),
            Self::Category { source_name, .. } => format!("category/{source_name}"),
        }
    }
}

#[async_trait]
impl Handle for Standing {
    async fn handle(&self, work: &mut UnitOfWork<'_>) -> Result<Body, CommandError> {
        match self {
            Self::Policy(terms) => {
                let policy = work.read::<Policy>(terms.kind()).await?;
                let seen = Recorded { effective_from: OPENED_AT, terms: terms.clone() };
                work.observe(&policy, policy::Observation::Seen(seen));
            }
            Self::Category { source_name, english } => {
                let category_id = ids::category(source_name);
                let name = english.as_deref().unwrap_or(source_name).replace('_', " ");
                let category = work.read::<Category>(category_id).await?;
                let create =
                    category::Create { category_id, name: apply::name(&name), parent: None };
                work.decide(&category, category::Command::Create(create))?;
            }
        }
        Body::of(&serde_json::json!({}))
    }
}
