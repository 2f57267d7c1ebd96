//! The contract of the event log, on each adapter.
//!
//! PostgreSQL is the cluster that `JANGTEO_TEST_POSTGRES` names; each test makes its own database.

#[cfg(test)]
#[path = "event_log/cases.rs"]
mod cases;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "postgres/cluster.rs"]
mod cluster;
#[cfg(test)]
#[path = "event_log/concurrency.rs"]
mod concurrency;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "postgres/database.rs"]
mod database;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "event_log/outage.rs"]
mod outage;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "event_log/postgres.rs"]
mod postgres;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "event_log/privileges.rs"]
mod privileges;
#[cfg(test)]
#[path = "event_log/reading.rs"]
mod reading;
#[cfg(test)]
#[path = "event_log/sqlite.rs"]
mod sqlite;
#[cfg(test)]
#[path = "event_log/support.rs"]
mod support;
#[cfg(test)]
#[cfg(feature = "postgres")]
#[path = "event_log/tls.rs"]
mod tls;

/// A case runs on every adapter that is named here.
macro_rules! suite {
    ($($module:ident :: $case:ident,)*) => {
        #[cfg(test)]
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$module::$case(&super::sqlite::Store::make()).await;
            })*
        }
        #[cfg(test)]
        #[cfg(feature = "postgres")]
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                super::$module::$case(&super::postgres::Store::make().await).await;
            })*
        }
    };
}

suite! {
    cases::what_is_appended_reads_back_with_dense_positions,
    cases::a_stream_that_moved_on_is_a_conflict_and_nothing_is_written,
    cases::a_stream_that_was_only_read_is_a_condition_too,
    cases::a_stream_read_as_empty_must_still_be_empty,
    cases::a_repeated_key_is_told_and_its_answer_stands,
    cases::a_key_with_another_fingerprint_is_reused,
    cases::a_command_without_events_has_the_heads_position,
    cases::a_unit_of_many_commands_is_done_as_a_whole,
    cases::what_breaks_the_contract_is_invalid,
    cases::a_persons_key_is_forgotten_after_30_days_and_a_processs_key_never,
    cases::a_raised_epoch_marks_what_comes_after,
    cases::a_closed_log_takes_no_more,
    reading::each_filter_finds_what_it_names,
    reading::a_rare_event_is_looked_for_piece_by_piece,
    reading::pages_of_large_events_are_short_and_miss_none,
    reading::positions_are_read_as_asked_or_not_at_all,
    reading::recorded_at_never_falls_and_a_settled_instant_is_a_prefix,
    concurrency::many_writers_and_a_tail_lose_double_and_reorder_nothing,
    concurrency::callers_that_go_away_leave_nothing_half_done,
    concurrency::one_stream_with_many_writers_has_one_winner_for_each_version,
    concurrency::one_key_from_many_callers_is_done_once,
    concurrency::neighbours_of_refused_units_have_the_positions_that_they_are_told,
    concurrency::units_of_one_stream_are_done_in_the_order_of_arrival,
}
