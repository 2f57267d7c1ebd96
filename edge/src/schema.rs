//! What the OpenAPI document says of bodies, told by the types that are read and answered.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use utoipa::openapi::{Object, RefOr, Schema};

/// The schema of `T` with everything in it.
#[must_use]
pub fn of<T: JsonSchema>() -> RefOr<Schema> {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let read = serde_json::from_value::<Schema>(schema.to_value());
    RefOr::T(read.unwrap_or_else(|_| Schema::Object(Object::new())))
}

/// Lets `utoipa` name bodies, each after its type or as it is called here (`Request = "PlaceOrder"`).
#[macro_export]
macro_rules! documented {
    ($($body:ty $(= $name:literal)?),* $(,)?) => {$(
        impl utoipa::PartialSchema for $body {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::schema::of::<Self>()
            }
        }

        impl utoipa::ToSchema for $body {$(
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        )?}
    )*};
}
