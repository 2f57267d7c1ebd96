//! The cache that processes share, in Redis. A server that is away is an error, at once or after
//! `CALL_TIMEOUT`; when it is back, the next calls reach it.

use std::fmt;
use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::io::tcp::TcpSettings;
use ::redis::{
    Client, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisError, TlsCertificates,
    cmd,
};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{Cache, Counted, Error, VALUE_BYTES_MAX};
use crate::authority;
use crate::url_parameter::take;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// Connecting included: a call that waits longer goes without.
const CALL_TIMEOUT: Duration = Duration::from_millis(250);
/// After this a connection whose other end has fallen silent is given up.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(2);
/// Redis refuses an end that its clock cannot hold, and one that is now.
const LIFE_MIN: Duration = Duration::from_millis(1);
const LIFE_MAX: Duration = Duration::from_secs(365 * 24 * 3_600);
const PREFIX_DEFAULT: &str = "jangteo";
const PREFIX_BYTES_MAX: usize = 64;
const RULE: &str = "the URL of Redis is redis(s)://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME]: \
                    1 to 64 ASCII letters, digits, - and _; with rediss also ca=FILE";

/// The adapter.
pub struct Redis {
    client: Client,
    connection: Mutex<ConnectionManager>,
    prefix: String,
}

impl Redis {
    /// Reads `redis(s)://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME][&ca=FILE]`. Installations
    /// that share a database each have a prefix of their own, of ASCII letters, digits, `-` and `_`.
    /// `rediss` is encrypted: the server's certificate is good by an authority that the system trusts,
    /// or that the file, in PEM, names. Connects with the first call.
    ///
    /// # Errors
    /// [`Error`] where the URL does not read; it does not repeat the URL, which may hold a password.
    pub fn open(url: &str) -> Result<Self, Error> {
        authority::encrypt_with_ring();
        let (url, prefix) = take(url, "prefix");
        let (url, authority) = take(&url, "ca");
        let prefix = prefix.unwrap_or_else(|| PREFIX_DEFAULT.to_owned());
        // Behind `#` the library would be told to trust anybody.
        if !is_prefix(&prefix) || url.contains(['?', '#']) {
            return Err(Error(RULE.into()));
        }
        let tcp = TcpSettings::default().set_nodelay(true).set_user_timeout(TCP_USER_TIMEOUT);
        let server = url.into_connection_info().map_err(unavailable)?.set_tcp_settings(tcp);
        let client = match (authority, server.addr()) {
            (None, _) => Client::open(server),
            (Some(path), ConnectionAddr::TcpTls { .. }) => {
                let root_cert = Some(authority::read(&path).map_err(|why| Error(why.into()))?);
                Client::build_with_tls(server, TlsCertificates { client_tls: None, root_cert })
            }
            (Some(_), _) => return Err(Error(RULE.into())),
        };
        let client = client.map_err(unavailable)?;
        let connection = Mutex::new(connection(&client)?);
        Ok(Self { client, connection, prefix })
    }

    fn value(&self, key: &str) -> String {
        format!("{}:value:{key}", self.prefix)
    }

    async fn call<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Error> {
        let mut manager = self.connection.lock().await.clone();
        let answer = timeout(CALL_TIMEOUT, command.query_async(&mut manager)).await;
        match answer.map_err(|silent| Error(silent.into()))? {
            Ok(value) => Ok(value),
            Err(error) => {
                // The manager mends what broke, but it keeps for ever what refused a connection, as
                // a wrong password does.
                if !error.is_io_error() && error.clone().into_server_errors().is_none() {
                    *self.connection.lock().await = connection(&self.client)?;
                }
                Err(unavailable(error))
            }
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[async_trait]
impl Cache for Redis {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        self.call(cmd("GET").arg(self.value(key))).await
    }

    async fn put(&self, key: &str, value: Bytes, time_to_live: Duration) -> Result<(), Error> {
        if value.len() > VALUE_BYTES_MAX {
            return self.remove(key).await;
        }
        let key = self.value(key);
        self.call(cmd("SET").arg(key).arg(&*value).arg("PX").arg(millis(time_to_live))).await
    }

    async fn remove(&self, key: &str) -> Result<(), Error> {
        self.call(cmd("DEL").arg(self.value(key))).await
    }

    async fn count(&self, key: &str, window: Duration) -> Result<Counted, Error> {
        let key = format!("{}:count:{key}", self.prefix);
        let count = include_str!("count.lua");
        let command = cmd("EVAL").arg(count).arg(1).arg(key).arg(millis(window)).take();
        let (count, ends_in_ms) = self.call(&command).await?;
        Ok(Counted { count, ends_in: Duration::from_millis(ends_in_ms) })
    }

    fn is_shared(&self) -> bool {
        true
    }
}

fn is_prefix(text: &str) -> bool {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    (1..=PREFIX_BYTES_MAX).contains(&text.len()) && text.bytes().all(named)
}

/// Connects when it is first used, and tries again with each call after a failure: it never lets a
/// call wait for a later attempt.
fn connection(client: &Client) -> Result<ConnectionManager, Error> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECT_TIMEOUT))
        .set_response_timeout(None)
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(unavailable)
}

fn unavailable(error: RedisError) -> Error {
    Error(error.into())
}

fn millis(life: Duration) -> u64 {
    let life = life.clamp(LIFE_MIN, LIFE_MAX).as_millis();
    u64::try_from(life).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::Redis;

    #[tokio::test]
    async fn a_url_is_read_without_a_server() {
        for url in ["redis://host", "rediss://u:p@host:1/2", "redis://[::1]:1?prefix=a-B_9"] {
            Redis::open(url).unwrap();
        }
    }

    #[tokio::test]
    async fn a_url_that_does_not_read_is_refused_without_its_password() {
        let long = format!("host?prefix={}", "a".repeat(65));
        let rests = ["", "host/x", "host:x", "host?prefix=", "host?prefix=a:b", "host?x=1", &long];
        let urls = rests.map(|rest| format!("redis://u:secret@{rest}"));
        let encrypted = ["rediss://u:secret@h#insecure", "rediss://u:secret@h?ca=/nowhere"];
        let plain = "redis://u:secret@h?ca=/etc/passwd";
        for url in urls.iter().map(String::as_str).chain(encrypted).chain([plain]) {
            let error = Redis::open(url).unwrap_err();
            let told = format!("{error} {:?} {error:?}", error.source());
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[tokio::test]
    async fn debugging_tells_no_password() {
        let cache = Redis::open("redis://u:secret@host?prefix=p").unwrap();
        assert_eq!(format!("{cache:?}"), "Redis { prefix: \"p\", .. }");
    }
}
