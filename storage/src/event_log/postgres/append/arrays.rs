//! The arrays of one call, in the order of the function's parameters.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::event_log::bounds::stored;
use crate::event_log::seal::{Sealed, SealedCommand, SealedEvent, Touched};
use crate::postgres::Instant;

#[derive(Debug, Default)]
pub(super) struct Arrays<'a> {
    new_streams: NewStreams<'a>,
    old_streams: OldStreams<'a>,
    condition_units: Vec<i32>,
    condition_streams: Vec<i32>,
    commands: Commands<'a>,
    events: Events<'a>,
}

#[derive(Debug, Default)]
struct NewStreams<'a> {
    names: Vec<&'a str>,
    keys: Vec<&'a str>,
    events: Vec<i32>,
}

#[derive(Debug, Default)]
struct OldStreams<'a> {
    names: Vec<&'a str>,
    versions: Vec<i64>,
    events: Vec<i32>,
}

#[derive(Debug, Default)]
struct Commands<'a> {
    units: Vec<i32>,
    principals: Vec<&'a str>,
    keys: Vec<&'a str>,
    fingerprints: Vec<&'a [u8]>,
    answers: Vec<&'a [u8]>,
    last_events: Vec<i32>,
}

#[derive(Debug, Default)]
struct Events<'a> {
    units: Vec<i32>,
    streams: Vec<i32>,
    versions: Vec<i64>,
    ids: Vec<Uuid>,
    types: Vec<&'a str>,
    schema_versions: Vec<i32>,
    occurred: Vec<Instant>,
    actors: Vec<String>,
    on_behalf: Vec<Option<Uuid>>,
    origins: Vec<&'static str>,
    command_ids: Vec<Uuid>,
    correlation_ids: Vec<Uuid>,
    causation_ids: Vec<Option<String>>,
    trace_contexts: Vec<Option<&'a str>>,
    hashes: Vec<&'a [u8]>,
    payloads: Vec<&'a [u8]>,
}

/// A count or place; a batch holds far fewer than what fits.
fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

impl<'a> Arrays<'a> {
    pub(super) fn of(batch: &[&'a Sealed]) -> Self {
        let mut arrays = Self::default();
        let places = arrays.push_streams(batch);
        for (sealed, unit) in batch.iter().zip(1..) {
            let place = |stream: &Touched| places.get(stream.name.as_str()).copied().unwrap_or(0);
            let streams: Vec<i32> = sealed.streams.iter().map(place).collect();
            arrays.condition_units.extend(streams.iter().map(|_| unit));
            arrays.condition_streams.extend(&streams);
            for command in &sealed.commands {
                for event in &command.events {
                    arrays.events.push(unit, streams[event.stream], event);
                }
                arrays.commands.push(unit, command, arrays.events.units.len());
            }
        }
        arrays
    }

    /// Each stream once, sorted by name, the new ones first; the places that this gives them.
    fn push_streams(&mut self, batch: &[&'a Sealed]) -> BTreeMap<&'a str, i32> {
        let mut streams = BTreeMap::<&str, &Touched>::new();
        for stream in batch.iter().flat_map(|unit| &unit.streams) {
            let known = streams.entry(&stream.name).or_insert(stream);
            if stream.events > known.events {
                *known = stream;
            }
        }
        let (new, old): (Vec<_>, Vec<_>) =
            streams.into_values().partition(|stream| stream.expected == 0);
        for stream in &new {
            self.new_streams.names.push(&stream.name);
            self.new_streams.keys.push(&stream.partition_key);
            self.new_streams.events.push(i32::try_from(stream.events).unwrap_or(i32::MAX));
        }
        for stream in &old {
            self.old_streams.names.push(&stream.name);
            self.old_streams.versions.push(stored(stream.expected));
            self.old_streams.events.push(i32::try_from(stream.events).unwrap_or(i32::MAX));
        }
        new.into_iter().chain(old).map(|stream| stream.name.as_str()).zip(1..).collect()
    }

    pub(super) fn values<'b>(&'b self, look_for_keys: &'b bool) -> [&'b (dyn ToSql + Sync); 31] {
        let Self { new_streams, old_streams, commands, events, .. } = self;
        [
            look_for_keys,
            &new_streams.names,
            &new_streams.keys,
            &new_streams.events,
            &old_streams.names,
            &old_streams.versions,
            &old_streams.events,
            &self.condition_units,
            &self.condition_streams,
            &commands.units,
            &commands.principals,
            &commands.keys,
            &commands.fingerprints,
            &commands.answers,
            &commands.last_events,
            &events.units,
            &events.streams,
            &events.versions,
            &events.ids,
            &events.types,
            &events.schema_versions,
            &events.occurred,
            &events.actors,
            &events.on_behalf,
            &events.origins,
            &events.command_ids,
            &events.correlation_ids,
            &events.causation_ids,
            &events.trace_contexts,
            &events.hashes,
            &events.payloads,
        ]
    }
}

impl<'a> Commands<'a> {
    fn push(&mut self, unit: i32, command: &'a SealedCommand, last_event: usize) {
        self.units.push(unit);
        self.principals.push(&command.principal);
        self.keys.push(&command.intent.key);
        self.fingerprints.push(&command.intent.fingerprint);
        self.answers.push(&command.answer);
        self.last_events.push(number(last_event));
    }
}

impl<'a> Events<'a> {
    fn push(&mut self, unit: i32, stream: i32, event: &'a SealedEvent) {
        let meta = &event.new.meta;
        self.units.push(unit);
        self.streams.push(stream);
        self.versions.push(stored(meta.version.0));
        self.ids.push(meta.event_id.as_uuid());
        self.types.push(&meta.event_type);
        self.schema_versions.push(meta.schema_version.into());
        self.occurred.push(Instant(meta.occurred_at));
        self.actors.push(meta.actor.to_string());
        self.on_behalf.push(meta.on_behalf_of.map(|person| person.as_uuid()));
        self.origins.push(meta.origin.as_str());
        self.command_ids.push(meta.command_id.as_uuid());
        self.correlation_ids.push(meta.correlation_id.as_uuid());
        self.causation_ids.push(meta.causation_id.map(|cause| cause.to_string()));
        self.trace_contexts.push(meta.trace_context.as_deref());
        self.hashes.push(&event.hash.0);
        self.payloads.push(&event.new.payload);
    }
}
