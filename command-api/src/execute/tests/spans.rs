//! An append is shown under the command that asked for it, and nobody else's.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Instrument, Subscriber};
use tracing_subscriber::layer::{Context as LayerContext, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

use super::*;

/// The spans that began, each with those around it: `request 1 > command > append`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

/// How a span is called.
struct Name(String);

impl Visit for Name {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "number" {
            self.0 = format!("{} {value}", self.0);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: LayerContext<'_, S>) {
        let span = context.span(id).unwrap();
        let mut name = Name(span.name().to_owned());
        attributes.record(&mut name);
        let around =
            span.parent().map(|parent| parent.extensions().get::<Name>().unwrap().0.clone());
        let name = around.map_or(name.0.clone(), |around| format!("{around} > {}", name.0));
        self.0.lock().unwrap().push(name.clone());
        span.extensions_mut().insert(Name(name));
    }
}

impl Seen {
    /// Whoever meets a span first decides for all threads whether anybody listens to it, until somebody
    /// begins to listen who finds it known. Before anybody listens, no span becomes known.
    async fn after_all_spans_are_known() -> Self {
        let _told = tracing::subscriber::set_default(Registry::default());
        let log = TestLog::open(&world()).await;
        let executor = executor(&log);
        request(1, &executor, Want::Stock(100)).await;
        request(2, &executor, Want::TakeInLane(2)).await;
        Self::default()
    }

    fn appends(&self) -> Vec<String> {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|name| name.ends_with("append")).cloned().collect()
    }
}

async fn request(number: u64, executor: &Executor, want: Want) {
    let span = tracing::info_span!("request", number);
    let command = executor.execute(submission(&format!("request-{number}"), want));
    command.instrument(span).await.unwrap();
}

#[tokio::test]
async fn an_append_is_of_the_request_that_waits_for_it() {
    let seen = Seen::after_all_spans_are_known().await;
    let _told = tracing::subscriber::set_default(Registry::default().with(seen.clone()));
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    request(1, &executor, Want::Stock(100)).await;
    request(2, &executor, Want::TakeInLane(2)).await;
    let of = |number| format!("request {number} > command > append");
    assert_eq!(seen.appends(), [of(1), of(2)]);
}

/// One of them owns the lane, and writes for the others too.
#[tokio::test]
async fn no_two_units_of_a_lane_are_shown_under_one_request() {
    let seen = Seen::after_all_spans_are_known().await;
    let _told = tracing::subscriber::set_default(Registry::default().with(seen.clone()));
    let log = TestLog::open(&world()).await;
    let executor = executor(&log);
    request(0, &executor, Want::Stock(100)).await;
    let buyers = (1..=100).map(|n| request(n, &executor, Want::TakeInLane(n.into())));
    join_all(buyers).await;
    let appends: BTreeSet<_> = seen.appends().into_iter().collect();
    assert!(appends.len() >= 3, "a unit holds 64: {appends:?}");
    assert_eq!(appends.len(), log.units().len(), "{appends:?}");
    assert!(appends.iter().all(|append| append.starts_with("request ")), "{appends:?}");
}
