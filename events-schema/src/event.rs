//! All events together, and how their bytes are written and read.

use crate::envelope::{Payload, Recorded};
use crate::ids::CheckoutId;
use crate::{
    category, checkout, escrow, inventory, like, listing, order, policy, review, seller, shipment,
    upcast,
};

macro_rules! aggregates {
    ($($variant:ident = $module:ident,)*) => {
        /// Everything that can happen. A new kind does not compile until every view has visited it.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $($variant($module::Event),)*
        }

        impl Event {
            #[must_use]
            pub const fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$variant(event) => event.event_type(),)*
                }
            }

            /// The version that is written today.
            #[must_use]
            pub const fn schema_version(&self) -> u16 {
                match self {
                    $(Self::$variant(event) => event.schema_version(),)*
                }
            }

            /// The bytes to be stored: the payload alone, as JSON without white space.
            ///
            /// # Errors
            /// None for events that were built by this program; serde's type says it might.
            pub fn encode(&self) -> Result<Payload, serde_json::Error> {
                match self {
                    $(Self::$variant(event) => event.encode(),)*
                }
            }

            fn decode_current(event_type: &str, bytes: &[u8]) -> Option<serde_json::Result<Self>> {
                $(
                    if let Some(event) = $module::Event::decode(event_type, bytes) {
                        return Some(event.map(Self::$variant));
                    }
                )*
                None
            }

            /// The written version of a type, under the type's one copy of its name.
            #[must_use]
            pub fn known(event_type: &str) -> Option<(&'static str, u16)> {
                #[cfg(feature = "testing")]
                if !crate::older::knows(event_type) {
                    return None;
                }
                [$($module::Event::TYPES),*]
                    .into_iter()
                    .flatten()
                    .copied()
                    .find(|(name, _)| *name == event_type)
            }

            /// Every type there is.
            pub fn types() -> impl Iterator<Item = (&'static str, u16)> {
                [$($module::Event::TYPES),*].into_iter().flatten().copied()
            }
        }

        /// Type, schema version and JSON Schema of every payload.
        #[must_use]
        pub fn schemas() -> Vec<(&'static str, u16, schemars::Schema)> {
            [$($module::Event::schemas()),*].concat()
        }

        $(
            impl From<$module::Event> for Event {
                fn from(event: $module::Event) -> Self {
                    Self::$variant(event)
                }
            }
        )*
    };
}

aggregates! {
    Seller = seller,
    Category = category,
    Listing = listing,
    Inventory = inventory,
    Checkout = checkout,
    Order = order,
    Escrow = escrow,
    Shipment = shipment,
    Review = review,
    Like = like,
    Policy = policy,
}

/// Why stored bytes are no event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A newer program wrote it: readers are deployed first.
    #[error("event type {0} is unknown")]
    UnknownType(String),
    #[error("event type {event_type} has no schema version {version} here")]
    UnknownVersion { event_type: String, version: u16 },
    #[error("payload of {event_type} is malformed: {reason}")]
    Malformed { event_type: String, reason: String },
}

impl Event {
    /// Reads the bytes of any version that was ever written.
    ///
    /// # Errors
    /// [`DecodeError`], always before anything is applied.
    pub fn decode(event_type: &str, version: u16, bytes: &[u8]) -> Result<Self, DecodeError> {
        let (_, current) =
            Self::known(event_type).ok_or_else(|| DecodeError::UnknownType(event_type.into()))?;
        let malformed = |error: serde_json::Error| DecodeError::Malformed {
            event_type: event_type.to_owned(),
            reason: error.to_string(),
        };
        let decoded = if version == current {
            Self::decode_current(event_type, bytes)
        } else {
            let unknown =
                || DecodeError::UnknownVersion { event_type: event_type.to_owned(), version };
            let old = serde_json::from_slice(bytes).map_err(malformed)?;
            let lifted = upcast::upcast(event_type, version, current, old)
                .filter(|_| version < current)
                .ok_or_else(unknown)?;
            let bytes = serde_json::to_vec(&lifted).map_err(malformed)?;
            Self::decode_current(event_type, &bytes)
        };
        decoded.ok_or_else(|| DecodeError::UnknownType(event_type.into()))?.map_err(malformed)
    }

    /// The trade that the event belongs to; `None` outside trades.
    #[must_use]
    pub const fn checkout_id(&self) -> Option<CheckoutId> {
        match self {
            Self::Checkout(event) => Some(event.checkout_id()),
            Self::Order(event) => Some(event.trade().checkout_id),
            Self::Escrow(event) => Some(event.trade().checkout_id),
            Self::Shipment(event) => Some(event.trade().checkout_id),
            Self::Review(event) => Some(event.subject().checkout_id),
            Self::Seller(_)
            | Self::Category(_)
            | Self::Listing(_)
            | Self::Inventory(_)
            | Self::Like(_)
            | Self::Policy(_) => None,
        }
    }
}

impl Recorded<Payload> {
    /// The record with its bytes read.
    ///
    /// # Errors
    /// As [`Event::decode`].
    pub fn decode(self) -> Result<Recorded<Event>, DecodeError> {
        let event = Event::decode(&self.meta.event_type, self.meta.schema_version, &self.event)?;
        Ok(self.map(|_| event))
    }
}
