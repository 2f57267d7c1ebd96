//! Checks a unit against the port's contract before it costs anybody anything, and settles its
//! hashes and the streams it touches.

use std::collections::{HashMap, HashSet};

use events_schema::content_hash::{self, ContentHash};
use events_schema::envelope::{Actor, Meta, Position, Version};
use events_schema::stream::StreamId;
use serde::de::IgnoredAny;

use super::{
    COMMAND_EVENTS_MAX, Command, Error, Intent, NewEvent, PAYLOAD_BYTES_MAX, Principal,
    UNIT_COMMANDS_MAX, Unit,
};

const KEY_BYTES_MAX: usize = 255;
const NAME_BYTES_MAX: usize = 255;
/// A version that can grow by a unit's events and still fit a column.
const VERSION_MAX: u64 = 1 << 62;
const CONDITIONS_MAX: usize = 4_096;

/// A unit that keeps the contract.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) streams: Vec<Touched>,
    pub(super) commands: Vec<SealedCommand>,
    pub(super) bytes: usize,
}

/// A stream that a unit read, and perhaps writes.
#[derive(Debug)]
pub(super) struct Touched {
    pub(super) id: StreamId,
    pub(super) name: String,
    pub(super) expected: u64,
    /// How many events are written to it.
    pub(super) events: u32,
    /// Of its events; empty where none is written.
    pub(super) partition_key: String,
}

#[derive(Debug)]
pub(super) struct SealedCommand {
    pub(super) principal: String,
    pub(super) intent: Intent,
    pub(super) answer: Vec<u8>,
    pub(super) events: Vec<SealedEvent>,
}

#[derive(Debug)]
pub(super) struct SealedEvent {
    /// Its place in [`Sealed::streams`].
    pub(super) stream: usize,
    pub(super) new: NewEvent,
    pub(super) hash: ContentHash,
}

impl Principal {
    /// As it is stored: `per_…` or `process:…`.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Process(name) => format!("process:{name}"),
        }
    }
}

fn require(holds: bool, otherwise: &'static str) -> Result<(), Error> {
    if holds { Ok(()) } else { Err(Error::Invalid(otherwise)) }
}

fn is_text(text: &str, bytes_max: usize) -> bool {
    (1..=bytes_max).contains(&text.len()) && !text.contains('\0')
}

pub(super) fn check_intent(intent: &Intent) -> Result<(), Error> {
    require(is_text(&intent.key, KEY_BYTES_MAX), "a key has 1 to 255 bytes, none of them 0")?;
    match &intent.principal {
        Principal::Person(_) => Ok(()),
        Principal::Process(name) => {
            require(is_text(name, NAME_BYTES_MAX), "a process's name has 1 to 255 bytes")
        }
    }
}

pub(super) fn seal(unit: Unit) -> Result<Sealed, Error> {
    let count = unit.commands.len();
    require((1..=UNIT_COMMANDS_MAX).contains(&count), "a unit has 1 to 64 commands")?;
    let (mut streams, places) = conditions(&unit.conditions)?;
    let mut keys = HashSet::new();
    let mut commands = Vec::with_capacity(count);
    for command in unit.commands {
        let sealed = seal_command(command, &mut streams, &places)?;
        let key = (sealed.principal.clone(), sealed.intent.key.clone());
        require(keys.insert(key), "a key stands twice in one unit")?;
        commands.push(sealed);
    }
    let bytes = commands.iter().map(SealedCommand::bytes).sum();
    Ok(Sealed { streams, commands, bytes })
}

type Places = HashMap<StreamId, usize>;

fn conditions(conditions: &[(StreamId, Version)]) -> Result<(Vec<Touched>, Places), Error> {
    require(conditions.len() <= CONDITIONS_MAX, "a unit has at most 4096 conditions")?;
    let mut streams = Vec::with_capacity(conditions.len());
    let mut places = HashMap::with_capacity(conditions.len());
    for (place, (id, Version(expected))) in conditions.iter().enumerate() {
        require(*expected <= VERSION_MAX, "a version is out of range")?;
        require(places.insert(*id, place).is_none(), "a stream has two conditions")?;
        streams.push(Touched {
            id: *id,
            name: id.to_string(),
            expected: *expected,
            events: 0,
            partition_key: String::new(),
        });
    }
    Ok((streams, places))
}

fn seal_command(
    command: Command,
    streams: &mut [Touched],
    places: &Places,
) -> Result<SealedCommand, Error> {
    let Command { intent, answer, events } = command;
    check_intent(&intent)?;
    require(answer.len() <= PAYLOAD_BYTES_MAX, "an answer has at most 1 MiB")?;
    require(events.len() <= COMMAND_EVENTS_MAX, "a command has at most 512 events")?;
    let payload_bytes: usize = events.iter().map(|event| event.payload.len()).sum();
    require(payload_bytes <= PAYLOAD_BYTES_MAX, "a command has at most 1 MiB of payload")?;
    let mut sealed = Vec::with_capacity(events.len());
    for new in events {
        let place = *places
            .get(&new.meta.stream)
            .ok_or(Error::Invalid("a stream is written without a condition"))?;
        touch(&mut streams[place], &new.meta)?;
        check_event(&new)?;
        let hash = content_hash::of(&new.meta, &new.payload);
        sealed.push(SealedEvent { stream: place, new, hash });
    }
    Ok(SealedCommand { principal: intent.principal.text(), intent, answer, events: sealed })
}

fn touch(stream: &mut Touched, meta: &Meta) -> Result<(), Error> {
    let next = stream.expected + u64::from(stream.events) + 1;
    require(meta.version == Version(next), "versions go on from the condition without a gap")?;
    let partition_key = meta.partition_key.as_str();
    if stream.events == 0 {
        require(is_text(partition_key, NAME_BYTES_MAX), "a partition key has 1 to 255 bytes")?;
        partition_key.clone_into(&mut stream.partition_key);
    }
    require(stream.partition_key == partition_key, "a stream has one partition key")?;
    stream.events += 1;
    Ok(())
}

/// PostgreSQL takes no NUL in a text, and analysts read payloads as JSON.
fn check_event(new: &NewEvent) -> Result<(), Error> {
    let NewEvent { meta, payload } = new;
    require(is_text(&meta.event_type, NAME_BYTES_MAX), "an event type has 1 to 255 bytes")?;
    if let Actor::Process(name) = &meta.actor {
        require(is_text(name, NAME_BYTES_MAX), "a process's name has 1 to 255 bytes")?;
    }
    let trace_context = meta.trace_context.as_deref();
    require(
        trace_context.is_none_or(|text| is_text(text, NAME_BYTES_MAX)),
        "a trace context has 1 to 255 bytes",
    )?;
    require(
        serde_json::from_slice::<IgnoredAny>(payload).is_ok(),
        "a payload is one JSON value in UTF-8",
    )
}

impl SealedCommand {
    fn bytes(&self) -> usize {
        let payloads: usize = self.events.iter().map(|event| event.new.payload.len()).sum();
        self.answer.len() + payloads
    }
}

impl Sealed {
    /// A position for each command, when the unit's first event comes after `before`.
    pub(super) fn positions(&self, before: u64) -> Vec<Position> {
        let mut position = before;
        self.commands
            .iter()
            .map(|command| {
                position += u64::try_from(command.events.len()).unwrap_or(0);
                Position(position)
            })
            .collect()
    }
}
