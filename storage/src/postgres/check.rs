//! What would make a store unsafe to use, or fail later: all of it, at once.

use deadpool_postgres::Object;
use events_schema::time::Timestamp;

use super::{Connections, Error, Instant, Login, Migrations};
use crate::world::World;

/// The oldest that all of this is tried on.
const VERSION_MIN: i32 = 15;
/// How far the server's clock may be from this machine's. Beyond it the log would not settle what
/// was recorded until now, and no later answer would be as of the time that was asked for.
const CLOCKS_APART_MAX_MICROS: i64 = 1_000_000;

impl Connections {
    /// Connects, and names every problem of the server, its clock, the tables and the role.
    pub(crate) async fn check(&self, migrations: &Migrations, world: &World) -> Result<(), Error> {
        let connection = self.first().await?;
        let mut problems = settings(&connection).await?;
        problems.extend(clock(&connection, world).await?);
        match migrations.level(&**connection).await {
            Ok(level) => problems.extend(migrations.problem(level)),
            Err(error) => problems.push(format!("the level of the tables cannot be read: {error}")),
        }
        problems.extend(privileges(&connection, self.login).await?);
        if problems.is_empty() { Ok(()) } else { Err(Error::Configuration(problems.join("; "))) }
    }
}

async fn settings(connection: &Object) -> Result<Vec<String>, Error> {
    let settings = connection.query_one(include_str!("check/settings.sql"), &[]).await?;
    let version: i32 = settings.try_get(6)?;
    let mut problems = Vec::from_iter(version_problem(version));
    for (column, problem) in [
        (0, "synchronous_commit is off or local: set it to on"),
        (1, "fsync is off"),
        (2, "full_page_writes is off"),
        (3, "the server is a standby: give the primary"),
        (4, "the database's encoding is not UTF8"),
        (5, "default_transaction_isolation is not read committed, which writes rest on"),
    ] {
        if settings.try_get(column)? {
            problems.push(problem.to_owned());
        }
    }
    Ok(problems)
}

/// `server_version_num`, as 150004 is 15.4.
fn version_problem(version: i32) -> Option<String> {
    let major = version / 10_000;
    (major < VERSION_MIN)
        .then(|| format!("the server is PostgreSQL {major}: it has to be {VERSION_MIN} or newer"))
}

async fn clock(connection: &Object, world: &World) -> Result<Option<String>, Error> {
    let before = world.now();
    let row = connection.query_one(include_str!("check/select_clock.sql"), &[]).await?;
    let Instant(there) = row.try_get(0)?;
    Ok(clock_problem(there, before, world.now()))
}

/// The server looked at its clock at some time between the two.
fn clock_problem(there: Timestamp, before: Timestamp, after: Timestamp) -> Option<String> {
    let micros = |at: Timestamp| at.as_unix_micros();
    let ahead = micros(there).saturating_sub(micros(after));
    let behind = micros(before).saturating_sub(micros(there));
    let (apart, way) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    (apart > CLOCKS_APART_MAX_MICROS).then(|| {
        let seconds = apart / 1_000_000;
        format!(
            "the server's clock is {seconds} s {way} this machine's, and 1 s is allowed: set both \
             by a time server (NTP)"
        )
    })
}

async fn privileges(connection: &Object, login: &Login) -> Result<Option<String>, Error> {
    let Login { needs, role, .. } = login;
    let missing = include_str!("check/missing_privileges.sql");
    let rows = connection.query(missing, &[&needs.tables, &needs.functions]).await?;
    let missing: Vec<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    Ok((!missing.is_empty()).then(|| {
        format!("{role} lacks {}: run `jangteo migrate`, which grants them", missing.join(", "))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_server_is_named_with_what_is_needed() {
        let told = "the server is PostgreSQL 14: it has to be 15 or newer";
        assert_eq!(version_problem(140_023).as_deref(), Some(told));
        assert_eq!((version_problem(150_000), version_problem(180_001)), (None, None));
    }

    #[test]
    fn clocks_may_be_a_second_apart_and_a_slow_answer_is_no_difference() {
        let at = |micros| Timestamp::EPOCH.plus_seconds(micros);
        for (there, before, after) in [(0, 0, 0), (1, 0, 0), (0, 1, 1), (0, -60, 60), (61, 0, 60)] {
            assert_eq!(clock_problem(at(there), at(before), at(after)), None, "{there}");
        }
        for (there, before, after, told) in
            [(2, 0, 0, "2 s ahead of"), (-90, 0, 60, "90 s behind"), (62, 0, 60, "2 s ahead of")]
        {
            let problem = clock_problem(at(there), at(before), at(after)).unwrap();
            assert!(problem.contains(told), "{problem}");
        }
    }
}
