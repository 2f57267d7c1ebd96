//! What a worker does with single events, told in the traces of the requests that they came of: a span
//! from when an event is folded to when the view has stored it. While a view catches up nothing is told.

use std::sync::Arc;

use events_schema::Event;
use events_schema::envelope::Recorded;
use tracing::{Level, Span};

use super::Worker;

/// Spans that are open at once; of more events nothing is told.
const OPEN_MAX: usize = 1_000;

/// They end when they are dropped.
#[derive(Debug, Default)]
pub(super) struct Traced(Vec<Span>);

impl Worker {
    /// Of those among the events that concern the view.
    pub(super) fn trace(&mut self, events: &[Arc<Recorded<Event>>]) {
        if self.is_in_bulk() || !tracing::span_enabled!(Level::INFO) {
            return;
        }
        for place in self.fold.places() {
            let Some(recorded) = events.get(place) else { continue };
            let context = recorded.meta.trace_context.as_deref();
            let Some((trace_id, parent_id)) = context.and_then(sampled) else { continue };
            if self.traced.0.len() == OPEN_MAX {
                return;
            }
            self.traced.0.push(tracing::info_span!(
                parent: None,
                "view",
                trace.id = trace_id,
                trace.parent_id = parent_id,
                trace.sampled = true,
                view = self.spec.name,
                event.position = recorded.position.0,
                event.name = recorded.event.event_type(),
            ));
        }
    }
}

/// Trace and span of a `traceparent` as our requests write it, where the trace is kept.
fn sampled(context: &str) -> Option<(&str, &str)> {
    let mut words = context.strip_prefix("00-")?.split('-');
    let (trace_id, span_id, flags) = (words.next()?, words.next()?, words.next()?);
    (flags == "01").then_some((trace_id, span_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_that_nobody_keeps_is_not_told() {
        let of =
            |flags: &str| format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}");
        let kept = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        assert_eq!(sampled(&of("01")), Some(kept));
        for context in [of("00"), String::new(), "00-".to_owned(), of("01").replacen("00", "cc", 1)]
        {
            assert_eq!(sampled(&context), None, "{context}");
        }
    }
}
