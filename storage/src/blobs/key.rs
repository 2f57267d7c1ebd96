//! The name of a blob. What kind of image it is stands in its ending, so that a store need not keep
//! it, and nobody can have one thing stored and another one served.

use std::fmt;
use std::str::FromStr;

use super::Error;

const BYTES_MAX: usize = 200;
const PARTS_MAX: usize = 8;

/// Parts of `a` … `z`, `0` … `9`, `_` and `-` with `/` between them, and an ending that says the kind:
/// `listings/lst_01h455vb4pex5vsknk084sn02q/1.webp`. At most 8 parts and 200 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Avif,
    Jpeg,
    Png,
    Webp,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Avif, Self::Jpeg, Self::Png, Self::Webp];

    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Avif => "image/avif",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }

    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Avif => "avif",
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }
}

impl Key {
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let rule = Error::Invalid(
            "a key is 1 to 8 parts of a-z, 0-9, _ and - with / between them, at most 200 bytes, \
             and ends in .avif, .jpg, .png or .webp",
        );
        let Some((name, ending)) = text.rsplit_once('.') else { return Err(rule) };
        let kind = Kind::ALL.into_iter().find(|kind| kind.ending() == ending);
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let is_part = |part: &str| !part.is_empty() && part.bytes().all(allowed);
        let parts = name.split('/');
        match kind {
            Some(kind)
                if text.len() <= BYTES_MAX
                    && parts.clone().count() <= PARTS_MAX
                    && parts.clone().all(is_part) =>
            {
                Ok(Self { text: text.to_owned(), kind })
            }
            Some(_) | None => Err(rule),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_its_kind() {
        for (text, content_type) in [
            ("a.jpg", "image/jpeg"),
            ("listings/lst_01h455vb4pex5vsknk084sn02q/1-small.webp", "image/webp"),
            ("1/2/3/4/5/6/7/8.png", "image/png"),
            ("_/-.avif", "image/avif"),
        ] {
            let key: Key = text.parse().unwrap();
            assert_eq!((key.to_string().as_str(), key.kind().content_type()), (text, content_type));
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_no_key() {
        let long = format!("{}.jpg", "a".repeat(197));
        for text in [
            "",
            ".jpg",
            "a",
            "a.",
            "a.gif",
            "a.JPG",
            "a.html",
            "A.jpg",
            "a b.jpg",
            "a.b.jpg",
            "/a.jpg",
            "a//b.jpg",
            "a/.jpg",
            "../a.jpg",
            "a/../b.jpg",
            "a/./b.jpg",
            "a\\b.jpg",
            "a%2fb.jpg",
            "a#1.jpg",
            "a?b.jpg",
            "a\0.jpg",
            "사진.jpg",
            "1/2/3/4/5/6/7/8/9.jpg",
            &long,
        ] {
            assert!(matches!(text.parse::<Key>(), Err(Error::Invalid(_))), "{text}");
        }
    }
}
