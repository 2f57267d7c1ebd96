//! The body as a tree, with what JSON readers let pass in silence refused: a key that stands twice,
//! and more keys and items than anybody needs (a tree of 2 MiB of noughts would take 60 MiB).

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{Code, Problem};

pub(super) const NODES_MAX: usize = 10_000;

#[derive(Default)]
struct Scan {
    nodes: Cell<usize>,
    refusal: RefCell<Option<Problem>>,
}

pub(super) fn read(text: &str) -> Result<Value, Problem> {
    let scan = Scan::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let tree = (&scan).deserialize(&mut reader).and_then(|tree| reader.end().map(|()| tree));
    tree.map_err(|error| scan.refusal.take().unwrap_or_else(|| unreadable(&error)))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    if text.starts_with("recursion limit exceeded") {
        return Problem::new(Code::TooDeep, "the body has more than 127 levels");
    }
    Problem::new(Code::UnreadableJson, format!("the body is not JSON: {text}"))
}

impl Scan {
    fn refuse<E: Error>(&self, problem: Problem) -> E {
        self.refusal.replace(Some(problem));
        E::custom("refused")
    }

    fn count<E: Error>(&self) -> Result<(), E> {
        self.nodes.set(self.nodes.get().saturating_add(1));
        if self.nodes.get() <= NODES_MAX {
            return Ok(());
        }
        let detail = format!("the body has more than {NODES_MAX} keys and items");
        Err(self.refuse(Problem::new(Code::TooManyKeys, detail)))
    }
}

impl<'de> DeserializeSeed<'de> for &Scan {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Scan {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            self.count()?;
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            self.count()?;
            if object.contains_key(&key) {
                let key = super::mismatch::shortened(&key);
                let detail = "stands twice in one object";
                return Err(self.refuse(Problem::of_field(Code::DuplicateKey, key, detail)));
            }
            let value = members.next_value_seed(self)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
