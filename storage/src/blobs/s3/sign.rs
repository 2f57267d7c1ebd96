//! The query that lets a request in: Signature Version 4. `object_store` signs such URLs too, but not
//! for a length, and a stranger must not put more than we allowed.

use std::fmt::Write;
use std::time::Duration;

use events_schema::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use object_store::aws::AwsCredential;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::Error;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What may be requested: nothing else, and with these headers alone.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) host: &'a str,
    /// Of characters that need no escape.
    pub(super) path: &'a str,
    /// In the order of their names, which come before `host`.
    pub(super) headers: &'a [(&'static str, String)],
    pub(super) life: Duration,
}

/// The request's query, signed at this instant for a region.
pub(super) fn query(
    request: &Request<'_>,
    credential: &AwsCredential,
    region: &str,
    at: Timestamp,
) -> Result<String, Error> {
    let instant = jiff::Timestamp::from_microsecond(at.as_unix_micros())
        .map_err(|_| Error::Invalid("a link begins in the years 1 to 9999"))?;
    let time = instant.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{region}/s3/aws4_request");
    let (mut names, mut headers) = (String::new(), String::new());
    for (name, value) in request.headers {
        names += &format!("{name};");
        headers += &format!("{name}:{value}\n");
    }
    names += "host";
    headers += &format!("host:{}\n", request.host);

    let mut query = String::from("X-Amz-Algorithm=AWS4-HMAC-SHA256");
    let token = credential.token.as_deref();
    for (name, value) in [
        ("Credential", Some(format!("{}/{scope}", credential.key_id).as_str())),
        ("Date", Some(&time)),
        ("Expires", Some(&request.life.as_secs().to_string())),
        ("Security-Token", token),
        ("SignedHeaders", Some(&names)),
    ] {
        let Some(value) = value else { continue };
        query += &format!("&X-Amz-{name}={}", utf8_percent_encode(value, RESERVED));
    }
    let Request { method, path, .. } = request;
    let canonical = format!("{method}\n{path}\n{query}\n{headers}\n{names}\nUNSIGNED-PAYLOAD");
    let digest = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");

    let mut key = format!("AWS4{}", credential.secret_key).into_bytes();
    for part in [day, region, "s3", "aws4_request", &text] {
        key = mac(&key, part)?;
    }
    Ok(format!("{query}&X-Amz-Signature={}", hex(&key)))
}

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>, Error> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .map_err(|_| Error::Invalid("a key of the store cannot sign"))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credential(token: Option<&str>) -> AwsCredential {
        AwsCredential {
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: token.map(str::to_owned),
        }
    }

    /// 2013-05-24.
    const AT: Timestamp = Timestamp::from_unix_micros(1_369_353_600_000_000);

    fn request<'a>(headers: &'a [(&'static str, String)]) -> Request<'a> {
        Request {
            method: "GET",
            host: "examplebucket.s3.amazonaws.com",
            path: "/test.txt",
            headers,
            life: Duration::from_secs(86_400),
        }
    }

    #[test]
    fn agrees_with_the_example_of_amazons_manual() {
        let query = query(&request(&[]), &credential(None), "us-east-1", AT).unwrap();
        assert_eq!(
            query,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524\
             %2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400\
             &X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da\
             4c265957d157751f604d404"
        );
    }

    #[test]
    fn length_type_and_token_are_signed() {
        let headers = |bytes: &str| {
            [("content-length", bytes.to_owned()), ("content-type", "image/png".to_owned())]
        };
        let sign = |headers: &[_], token| {
            query(&request(headers), &credential(token), "us-east-1", AT).unwrap()
        };
        let one = sign(&headers("1"), None);
        assert!(one.contains("SignedHeaders=content-length%3Bcontent-type%3Bhost&"), "{one}");
        assert_ne!(one, sign(&headers("2"), None));
        let with_token = sign(&headers("1"), Some("a/b+c="));
        assert!(with_token.contains("&X-Amz-Security-Token=a%2Fb%2Bc%3D&X-Amz-SignedHeaders"));
        assert_ne!(one.rsplit_once('=').unwrap().1, with_token.rsplit_once('=').unwrap().1);
    }
}
