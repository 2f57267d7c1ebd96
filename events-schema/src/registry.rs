//! How an enum of events gets its names: type and schema version stand apart from the payload.

/// Declares an aggregate's events: one variant, one payload struct, one type name and the schema
/// version that is written today. Older versions are lifted to it by [`crate::upcast`].
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $name:literal v $version:literal,)*) => {
        /// Everything that can happen here, as it is stored and published.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $variant($payload),)*
        }

        impl Event {
            /// Each type with the schema version that is written today.
            pub const TYPES: &'static [(&'static str, u16)] = &[$(($name, $version)),*];

            #[must_use]
            pub const fn event_type(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }

            #[must_use]
            pub const fn schema_version(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => $version,)*
                }
            }

            pub(crate) fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
                match self {
                    $(Self::$variant(payload) => serde_json::to_vec(payload),)*
                }
            }

            /// Today's version only; `None` for a type of somebody else.
            pub(crate) fn decode(event_type: &str, bytes: &[u8]) -> Option<serde_json::Result<Self>> {
                match event_type {
                    $($name => Some(serde_json::from_slice(bytes).map(Self::$variant)),)*
                    _ => None,
                }
            }

            pub(crate) fn schemas() -> Vec<(&'static str, u16, schemars::Schema)> {
                vec![$(($name, $version, schemars::schema_for!($payload))),*]
            }
        }

        $(
            impl From<$payload> for Event {
                fn from(payload: $payload) -> Self {
                    Self::$variant(payload)
                }
            }
        )*
    };
}

pub(crate) use events;
