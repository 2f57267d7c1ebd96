//! W3C trace context: which trace a request belongs to, and as which span of it.
//!
//! What a client sends is read by the rules of the specification, level 1. A header that breaks one
//! never fails a request: a new trace begins.

use std::fmt;

use axum::http::{HeaderMap, HeaderName};
use storage::world::World;

use crate::headers::text_of;

pub const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// The bytes of a header of version 00. Later versions begin with the same ones.
const LENGTH: usize = 55;
/// The one flag that is defined.
const SAMPLED: u8 = 1;

/// One request's place in its trace. As text, the `traceparent` for whatever the request causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// Never 0.
    pub trace_id: u128,
    /// Of the request itself. Never 0.
    pub span_id: u64,
    /// The caller's span; `None` where the trace begins here.
    pub parent_id: Option<u64>,
    /// Whether the caller keeps this trace. One that begins here is kept.
    pub sampled: bool,
}

impl TraceContext {
    /// Goes on with the client's trace, or begins one.
    pub(crate) fn of(headers: &HeaderMap, world: &World) -> Self {
        let sent = text_of(headers, &TRACE_PARENT).ok().flatten().and_then(parse);
        let span_id = span_id(world);
        match sent {
            Some((trace_id, parent_id, flags)) => Self {
                trace_id,
                span_id,
                parent_id: Some(parent_id),
                sampled: flags & SAMPLED == SAMPLED,
            },
            None => Self { trace_id: trace_id(world), span_id, parent_id: None, sampled: true },
        }
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.sampled);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace_id, self.span_id)
    }
}

/// A new id. The specification asks for anything but 0.
fn trace_id(world: &World) -> u128 {
    let mut bytes = [0; 16];
    world.fill(&mut bytes);
    u128::from_be_bytes(bytes).max(1)
}

/// As [`trace_id`].
#[must_use]
pub fn span_id(world: &World) -> u64 {
    let mut bytes = [0; 8];
    world.fill(&mut bytes);
    u64::from_be_bytes(bytes).max(1)
}

/// Trace, span and flags.
fn parse(text: &str) -> Option<(u128, u64, u8)> {
    // What comes after the flags, only a later version may know.
    let (known, rest) = text.split_at_checked(LENGTH)?;
    let mut words = known.split('-');
    let mut next = |digits| words.next().filter(|word| is_hex(word, digits));
    let (version, trace_id, parent_id, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    let is_whole = match version {
        "00" => rest.is_empty(),
        "ff" => false,
        _later => rest.is_empty() || rest.starts_with('-'),
    };
    let trace_id = u128::from_str_radix(trace_id, 16).ok()?;
    let parent_id = u64::from_str_radix(parent_id, 16).ok()?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    (is_whole && trace_id != 0 && parent_id != 0).then_some((trace_id, parent_id, flags))
}

fn is_hex(word: &str, digits: usize) -> bool {
    word.len() == digits && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;

    fn of(lines: &[&str]) -> TraceContext {
        let lines = lines.iter().map(|line| (TRACE_PARENT, line.parse().unwrap()));
        TraceContext::of(&lines.collect(), &world())
    }

    #[test]
    fn a_trace_goes_on_under_a_span_of_our_own() {
        let context = of(&[SENT]);
        assert_eq!(context.trace_id, TRACE);
        assert_eq!(context.parent_id, Some(0x00f0_67aa_0ba9_02b7));
        assert_ne!(Some(context.span_id), context.parent_id);
        let passed_on = context.to_string();
        assert_eq!(parse(&passed_on), Some((TRACE, context.span_id, 1)));
        assert_eq!(passed_on.len(), LENGTH);
    }

    #[test]
    fn whether_it_is_kept_is_the_callers_choice() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            let context = of(&[&SENT.replace("-01", &format!("-{flags}"))]);
            assert_eq!((context.trace_id, context.sampled), (TRACE, sampled), "{flags}");
            // Flags that nobody has defined are not passed on.
            let last = if sampled { "-01" } else { "-00" };
            assert!(context.to_string().ends_with(last), "{context}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = SENT.replacen("00", "cc", 1);
        for text in [later.clone(), format!("{later}-"), format!("{later}-what-else")] {
            let context = of(&[&text]);
            assert_eq!((context.trace_id, context.sampled), (TRACE, true), "{text}");
            assert!(context.to_string().starts_with("00-"), "{context}");
        }
    }

    #[test]
    fn a_header_that_breaks_a_rule_begins_a_new_trace() {
        let later = SENT.replacen("00", "cc", 1);
        for bad in [
            "",
            "00",
            &SENT.to_uppercase(),
            &SENT[..LENGTH - 1],
            &format!("{SENT}-"),
            &format!("{SENT}0"),
            &format!("{later}."),
            &SENT.replacen("00", "ff", 1),
            &SENT.replacen("00", "0", 1),
            &SENT.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &SENT.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &SENT.replace("4bf9", "4bg9"),
            &SENT.replace("4bf9", "+bf9"),
            &SENT.replace('-', "_"),
            &SENT.replace("-01", "-0x"),
        ] {
            let context = of(&[bad]);
            assert_ne!(context.trace_id, TRACE, "{bad}");
            assert_eq!((context.parent_id, context.sampled), (None, true), "{bad}");
        }
        assert_eq!(of(&[SENT, SENT]).parent_id, None, "it stands twice");
        assert_eq!(of(&[]).parent_id, None);
    }

    #[test]
    fn the_same_seed_gives_the_same_trace() {
        assert_eq!(of(&[]), of(&[]));
    }
}
