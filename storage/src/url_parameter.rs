//! What a store's URL says behind its question mark.

use percent_encoding::percent_decode_str;

/// Takes one parameter out of a URL: what is left, and its value.
pub(crate) fn take(url: &str, name: &str) -> (String, Option<String>) {
    let Some((server, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (mut value, mut rest) = (None, Vec::new());
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some((found, text)) if found == name => {
                value = Some(percent_decode_str(text).decode_utf8_lossy().into_owned());
            }
            Some(_) | None => rest.push(parameter),
        }
    }
    let rest = rest.join("&");
    let url = if rest.is_empty() { server.to_owned() } else { format!("{server}?{rest}") };
    (url, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_taken_out_and_the_others_stay_as_they_are() {
        for (url, rest, value) in [
            ("s:x", "s:x", None),
            ("s:x?a=1", "s:x", Some("1")),
            ("s:x?b=%31&a=%2Fdata%20folder/f&c", "s:x?b=%31&c", Some("/data folder/f")),
            ("s:x?a=", "s:x", Some("")),
            ("s:x?aa=1&b=a", "s:x?aa=1&b=a", None),
        ] {
            assert_eq!(take(url, "a"), (rest.to_owned(), value.map(str::to_owned)), "{url}");
        }
    }
}
