//! What a URL says: `postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?sslmode=…&sslrootcert=…]`, and
//! every other parameter that tokio-postgres knows.

use std::net::IpAddr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Error;
use super::tls::{self, Mode, Roots};
use crate::url_parameter::take;

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(5);
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);

/// Where to connect, and how it is encrypted.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
    pub(super) mode: Mode,
}

impl Target {
    /// `settings` are options of the server's command line, which come after the URL's own.
    pub(super) fn read(url: &str, application: &str, settings: &str) -> Result<Self, Error> {
        let (url, mode) = take(url, "sslmode");
        let (url, roots) = take(&url, "sslrootcert");
        // The driver's words may quote a part of the URL, and with it of the password.
        let mut config: Config = url.parse().map_err(|_| {
            Error::Configuration(
                "the PostgreSQL URL does not read: write postgres://USER:PASSWORD@HOST/DATABASE, \
                 with user and password percent-encoded, and only parameters that the driver knows"
                    .to_owned(),
            )
        })?;
        let mode = match mode {
            Some(mode) => Mode::read(&mode)?,
            None if is_here(&config) => Mode::Prefer,
            None => Mode::VerifyFull,
        };
        let tls = tls::connector(mode, roots.map(Roots::read).as_ref())?;
        let options = [config.get_options().unwrap_or_default(), settings].join(" ");
        config
            .options(options.trim())
            .application_name(application)
            .ssl_mode(mode.of_driver())
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_user_timeout(TCP_USER_TIMEOUT)
            .keepalives_idle(KEEPALIVES_IDLE);
        Ok(Self { config, tls, mode })
    }
}

/// Whether nobody else can listen on the way: a socket, or this machine's own network.
fn is_here(config: &Config) -> bool {
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    hosts && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> Mode {
        Target::read(url, "test", "").unwrap_or_else(|error| panic!("{url}: {error:?}")).mode
    }

    #[test]
    fn another_machine_is_verified_unless_told_otherwise() {
        for here in ["localhost", "127.0.0.1", "127.9.9.9:1", "[::1]", "%2Frun%2Fpostgresql"] {
            assert_eq!(mode(&format!("postgres://u@{here}/d")), Mode::Prefer, "{here}");
        }
        let elsewhere = "postgres://u@db.example,localhost/d";
        assert_eq!(mode(elsewhere), Mode::VerifyFull);
        assert_eq!(mode("postgres://u@localhost/d?hostaddr=10.0.0.1"), Mode::VerifyFull);
        assert_eq!(mode(&format!("{elsewhere}?sslmode=disable")), Mode::Disable);
        assert_eq!(mode(&format!("{elsewhere}?connect_timeout=9&sslmode=prefer")), Mode::Prefer);
    }

    #[test]
    fn what_does_not_read_is_named_without_the_password() {
        for (rest, why) in [
            ("?sslmode=allow", "sslmode"),
            ("?sslmode=", "sslmode"),
            ("?sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem"),
            ("?sslmode=require&sslrootcert=system", "verify-full"),
            ("?sslcert=secret", "parameters"),
        ] {
            let read = Target::read(&format!("postgres://u:secret@h/d{rest}"), "test", "");
            let Err(Error::Configuration(told)) = read else { panic!("{rest} reads") };
            assert!(told.contains(why) && !told.contains("secret"), "{told}");
        }
    }
}
