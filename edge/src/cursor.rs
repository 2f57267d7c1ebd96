//! Where a page ended, as opaque text: base64url of a JSON payload and its HMAC.
//!
//! A cursor that we did not write is a 400; so a payload can be trusted, but not kept secret.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem};
use crate::secret::Secret;

/// Text longer than this is no cursor of ours.
pub const TEXT_BYTES_MAX: usize = 2_048;
const TAG_BYTES: usize = 16;

/// Writes and reads cursors.
#[derive(Clone, Debug)]
pub struct Cursors(Secret);

impl Cursors {
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(secret.derive("cursor"))
    }

    /// `list` names the list that is paged: a cursor of one list is refused by every other.
    ///
    /// # Errors
    /// The payload cannot be written as JSON, which is a bug.
    pub fn seal<T: Serialize>(&self, list: &str, payload: &T) -> Result<String, Problem> {
        let mut bytes = serde_json::to_vec(payload).map_err(|error| {
            tracing::error!(%error, "cursor cannot be written");
            Problem::internal()
        })?;
        let tag = self.0.authenticate(&[list.as_bytes(), &bytes]);
        bytes.extend_from_slice(&tag[..TAG_BYTES]);
        Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// # Errors
    /// The text is no cursor that [`Self::seal`] gave for this list.
    pub fn open<T: DeserializeOwned>(&self, list: &str, text: &str) -> Result<T, Problem> {
        self.read(list, text).ok_or_else(|| {
            Problem::new(Code::CursorInvalid, "start again without a cursor; this one is not ours")
        })
    }

    fn read<T: DeserializeOwned>(&self, list: &str, text: &str) -> Option<T> {
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (payload, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        let ours = self.0.verifies_truncated(&[list.as_bytes(), payload], tag);
        if ours { serde_json::from_slice(payload).ok() } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::world;

    fn cursors() -> Cursors {
        Cursors::new(&Secret::generate(&world()))
    }

    #[test]
    fn a_cursor_reads_back() {
        let text = cursors().seal("orders", &("2026-01-01", 7)).unwrap();
        assert_eq!(cursors().open::<(String, u8)>("orders", &text).unwrap().1, 7);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let text = cursors().seal("orders", &7).unwrap();
        let problem = cursors().open::<u8>("listings", &text).unwrap_err();
        assert_eq!(problem.code(), "cursor_invalid");
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let text = cursors().seal("orders", &("2026-01-01", 7)).unwrap();
        for index in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[index] = if forged[index] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(cursors().open::<(String, u8)>("orders", &forged).is_err(), "at {index}");
        }
    }

    #[test]
    fn garbage_is_refused() {
        for text in ["", "A", "=", "%00", "a b", &"A".repeat(TEXT_BYTES_MAX + 1)] {
            assert!(cursors().open::<u8>("orders", text).is_err());
        }
    }
}
