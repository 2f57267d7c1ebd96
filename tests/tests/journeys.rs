//! What people do, from beginning to end, on embedded stores, on a PostgreSQL log, and
//! on the servers that carry the product beyond one machine.

#[cfg(test)]
#[path = "journeys/cancelling.rs"]
mod cancelling;
#[cfg(test)]
#[path = "journeys/liking.rs"]
mod liking;
#[cfg(test)]
#[path = "journeys/nearby.rs"]
mod nearby;
#[cfg(test)]
#[path = "journeys/past.rs"]
mod past;
#[cfg(test)]
#[path = "journeys/repeating.rs"]
mod repeating;
#[cfg(test)]
#[path = "journeys/trading.rs"]
mod trading;

/// Each journey as one test for each stack.
#[cfg(test)]
macro_rules! on_every_stack {
    ($($journey:ident,)*) => {
        $crate::on_every_stack! { embedded = Embedded: $($journey,)* }
        $crate::on_every_stack! { postgres = Postgres: $($journey,)* }
        #[cfg(feature = "real")]
        $crate::on_every_stack! { real = Real: $($journey,)* }
    };
    ($module:ident = $stack:ident: $($journey:ident,)*) => {
        mod $module {
            $(#[tokio::test]
            async fn $journey() {
                let stack = tests::stack::Stack::$stack;
                super::$journey(tests::stage::Stage::on(stack).await).await;
            })*
        }
    };
}

#[cfg(test)]
use on_every_stack;
