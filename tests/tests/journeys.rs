//! What people do, from beginning to end, on embedded stores and on a PostgreSQL log.

#[cfg(test)]
#[path = "journeys/cancelling.rs"]
mod cancelling;
#[cfg(test)]
#[path = "journeys/past.rs"]
mod past;
#[cfg(test)]
#[path = "journeys/repeating.rs"]
mod repeating;
#[cfg(test)]
#[path = "journeys/trading.rs"]
mod trading;

/// Each journey as two tests: one for each event log.
#[cfg(test)]
macro_rules! on_both_logs {
    ($($journey:ident,)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $journey() {
                super::$journey(tests::stage::Stage::on(tests::stage::Log::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $journey() {
                super::$journey(tests::stage::Stage::on(tests::stage::Log::Postgres).await).await;
            })*
        }
    };
}

#[cfg(test)]
use on_both_logs;
