//! Who we are to the store: a file in the form of AWS's own, or what the environment says (`AWS_…`:
//! keys, a web identity's token, a container's credentials), or on AWS the machine's role.

use std::path::PathBuf;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use super::{Error, configuration};
use crate::private_file;

const OF_ENVIRONMENT: [AmazonS3ConfigKey; 4] = [
    AmazonS3ConfigKey::AccessKeyId,
    AmazonS3ConfigKey::WebIdentityTokenFile,
    AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    AmazonS3ConfigKey::ContainerCredentialsFullUri,
];

#[derive(Debug, Default, PartialEq, Eq)]
struct Credentials {
    id: String,
    secret: String,
    token: Option<String>,
}

pub(super) async fn set(
    builder: AmazonS3Builder,
    file: Option<String>,
    is_elsewhere: bool,
) -> Result<AmazonS3Builder, Error> {
    let Some(path) = file.map(PathBuf::from) else {
        let named = |key: &AmazonS3ConfigKey| builder.get_config_value(key).is_some();
        if is_elsewhere && !OF_ENVIRONMENT.iter().any(named) {
            return Err(configuration(
                "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
                 give credentials=FILE",
            ));
        }
        return Ok(builder);
    };
    let name = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || private_file::read(&path)).await;
    let bytes = read
        .map_err(|error| Error::Unavailable(Box::new(error)))?
        .map_err(|error| configuration(&format!("credentials: {error}")))?;
    let credentials = parse(&String::from_utf8_lossy(&bytes)).ok_or_else(|| {
        let rule = "has no lines aws_access_key_id = … and aws_secret_access_key = …";
        configuration(&format!("credentials: {name} {rule}"))
    })?;
    let builder =
        builder.with_access_key_id(credentials.id).with_secret_access_key(credentials.secret);
    Ok(match credentials.token {
        Some(token) => builder.with_token(token),
        None => builder,
    })
}

/// The first profile of the file.
fn parse(text: &str) -> Option<Credentials> {
    let mut found = Credentials::default();
    let mut profiles = 0;
    for line in text.lines().map(str::trim) {
        profiles += usize::from(line.starts_with('['));
        let Some((name, value)) = line.split_once('=').filter(|_| profiles < 2) else { continue };
        let value = value.trim().to_owned();
        match name.trim() {
            "aws_access_key_id" => found.id = value,
            "aws_secret_access_key" => found.secret = value,
            "aws_session_token" => found.token = Some(value),
            _ => (),
        }
    }
    (!found.id.is_empty() && !found.secret.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_profile_is_read() {
        let both = "aws_access_key_id = AK\naws_secret_access_key=s/=x\n";
        let expected = Credentials { id: "AK".into(), secret: "s/=x".into(), token: None };
        for text in [
            both.to_owned(),
            format!("# ours\n[default]\nregion = x\n{both}[other]\naws_access_key_id = B\n"),
        ] {
            assert_eq!(parse(&text).as_ref(), Some(&expected), "{text}");
        }
        assert_eq!(parse("[a]\naws_access_key_id = AK\n[b]\naws_secret_access_key = s\n"), None);
        assert_eq!(parse(""), None);
    }
}
