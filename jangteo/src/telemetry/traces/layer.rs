//! Spans of `tracing` made into those of OpenTelemetry, with the ids that the request has already.
//!
//! A trace begins at a span that says which trace it is of (`trace.id`, `trace.span_id`, which are in
//! the events too), or goes on at one that says under which span of which trace it stands
//! (`trace.id`, `trace.parent_id`), as what follows an event does. What stands under no such span, or
//! under one that is not sampled, is not exported.

use std::fmt;
use std::time::{Duration, SystemTime};

use edge::trace::span_id;
use events_schema::time::Timestamp;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use storage::world::World;
use tokio::sync::mpsc;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::super::BoxedLayer;
use super::dropped;

/// Puts each span that ends into the queue.
#[derive(Debug)]
pub(super) struct Spans {
    queue: mpsc::Sender<SpanData>,
    world: World,
}

impl Spans {
    pub(super) fn layer(queue: mpsc::Sender<SpanData>, world: World) -> BoxedLayer {
        Self { queue, world }.with_filter(filter_fn(is_exported)).boxed()
    }

    fn id(&self) -> SpanId {
        SpanId::from_bytes(span_id(&self.world).to_be_bytes())
    }
}

fn is_exported(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO
}

/// A span that has not ended yet.
struct Open {
    trace_id: TraceId,
    span_id: SpanId,
    parent: Option<SpanId>,
    kind: SpanKind,
    started: Timestamp,
    fields: Fields,
}

impl<S> Layer<S> for Spans
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let place = match (fields.trace_id, fields.span_id) {
            (Some(trace_id), Some(span_id)) => {
                let parent = fields.parent_id;
                fields.is_sampled.then_some((trace_id, span_id, parent, SpanKind::Server))
            }
            (Some(trace_id), None) => {
                let parent = fields.parent_id;
                fields.is_sampled.then_some((trace_id, self.id(), parent, SpanKind::Consumer))
            }
            _inside => span.parent().and_then(|parent| {
                let extensions = parent.extensions();
                let parent = extensions.get::<Open>()?;
                Some((parent.trace_id, self.id(), Some(parent.span_id), SpanKind::Internal))
            }),
        };
        if let Some((trace_id, span_id, parent, kind)) = place {
            let started = self.world.now();
            let open = Open { trace_id, span_id, parent, kind, started, fields };
            span.extensions_mut().insert(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(open) = span.extensions_mut().get_mut::<Open>()
        {
            values.record(&mut open.fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(open) = span.extensions_mut().remove::<Open>() else { return };
        if self.queue.try_send(open.ended(span.name(), self.world.now())).is_err() {
            dropped("queue", 1);
        }
    }
}

impl Open {
    fn ended(self, name: &'static str, now: Timestamp) -> SpanData {
        let Self { trace_id, span_id, parent, kind, started, fields } = self;
        let status = if fields.has_failed { Status::error("") } else { Status::Unset };
        SpanData {
            span_context: SpanContext::new(
                trace_id,
                span_id,
                TraceFlags::SAMPLED,
                false,
                TraceState::NONE,
            ),
            parent_span_id: parent.unwrap_or(SpanId::INVALID),
            parent_span_is_remote: kind != SpanKind::Internal && parent.is_some(),
            span_kind: kind,
            name: fields.route_name().map_or(name.into(), Into::into),
            start_time: system_time(started),
            end_time: system_time(now),
            attributes: fields.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status,
            instrumentation_scope: InstrumentationScope::builder("jangteo")
                .with_version(env!("CARGO_PKG_VERSION"))
                .build(),
        }
    }
}

fn system_time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at.as_unix_micros()).unwrap_or(0))
}

/// What a span says of itself.
#[derive(Default)]
struct Fields {
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    parent_id: Option<SpanId>,
    is_sampled: bool,
    has_failed: bool,
    attributes: Vec<KeyValue>,
}

const METHOD: &str = "http.request.method";
const ROUTE: &str = "http.route";

impl Fields {
    /// A request is named by its route.
    fn route_name(&self) -> Option<String> {
        let of = |key: &str| self.attributes.iter().find(|attribute| attribute.key.as_str() == key);
        Some(format!("{} {}", of(METHOD)?.value, of(ROUTE)?.value))
    }

    /// The names of OpenTelemetry's conventions where they are others.
    fn put(&mut self, field: &Field, value: impl Into<opentelemetry::Value>) {
        let name = match field.name() {
            "http.method" => METHOD,
            "http.status" => "http.response.status_code",
            name => name,
        };
        self.attributes.push(KeyValue::new(name, value));
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.has_failed |= field.name() == "http.status" && value >= 500;
        self.put(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        match field.name() {
            "trace.sampled" => self.is_sampled = value,
            _own => self.put(field, value),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "trace.id" => self.trace_id = TraceId::from_hex(value).ok(),
            "trace.span_id" => self.span_id = SpanId::from_hex(value).ok(),
            "trace.parent_id" => self.parent_id = SpanId::from_hex(value).ok(),
            _own => self.put(field, value.to_owned()),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// A request that was answered, in this trace.
    fn answered(trace_id: &str, sampled: bool, status: u16) {
        let request = tracing::error_span!(
            "request",
            trace.id = trace_id,
            trace.span_id = "00f067aa0ba902b7",
            trace.sampled = sampled,
            http.method = "GET",
            http.route = "/orders/{order_id}",
            http.status = status,
        );
        request.in_scope(|| {
            tracing::debug_span!("too deep").in_scope(|| drop(tracing::info_span!("inside")));
        });
    }

    fn told(queue_max: usize, tell: impl FnOnce()) -> Vec<SpanData> {
        let (queue, mut spans) = mpsc::channel(queue_max);
        let layer = Spans::layer(queue, World::simulated(1, Timestamp::EPOCH));
        tracing::subscriber::with_default(Registry::default().with(layer), tell);
        std::iter::from_fn(|| spans.try_recv().ok()).collect()
    }

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn a_request_is_told_with_what_is_inside_it() {
        let spans = told(9, || answered(TRACE, true, 503));
        let names: Vec<_> = spans.iter().map(|span| &*span.name).collect();
        assert_eq!(names, ["inside", "GET /orders/{order_id}"]);
        let request = &spans[1];
        assert_eq!(spans[0].parent_span_id, request.span_context.span_id());
        assert_eq!((&request.span_kind, &request.status), (&SpanKind::Server, &Status::error("")));
        assert!(spans.iter().all(|span| span.span_context.trace_id().to_string() == TRACE));
    }

    #[test]
    fn what_follows_an_event_stands_under_the_request_that_it_came_of() {
        let follow = |sampled| {
            drop(tracing::info_span!(
                "view",
                trace.id = TRACE,
                trace.parent_id = "00f067aa0ba902b7",
                trace.sampled = sampled,
            ));
        };
        let spans = told(9, || [true, false].into_iter().for_each(follow));
        let [span] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!(span.span_kind, SpanKind::Consumer);
        assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
        assert_eq!(span.span_context.trace_id().to_string(), TRACE);
        assert_ne!(span.span_context.span_id(), span.parent_span_id);
    }

    #[test]
    fn what_is_not_sampled_or_of_no_request_is_not_told() {
        let spans = told(9, || {
            answered(TRACE, false, 200);
            drop(tracing::info_span!("alone"));
        });
        assert!(spans.is_empty(), "{spans:?}");
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let recorder = edge::metrics::recorder().unwrap();
        let spans = told(1, || answered(TRACE, true, 200));
        assert_eq!(spans.len(), 1);
        let counted = "trace_spans_dropped_total{reason=\"queue\"} 1";
        assert!(recorder.render().contains(counted), "{}", recorder.render());
    }
}
