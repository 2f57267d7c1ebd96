//! What a text can be found by, the same on every adapter: every pair of neighbouring syllables of
//! Hangul (and of Han and Kana, which are written without spaces too), and the words of all other
//! letters and digits.
//!
//! A pair is marked where its word begins (`<아이`) and ends (`이폰>`), and where it goes across a
//! space (`폰_케`). No mark is part of a word.

use unicode_normalization::UnicodeNormalization;

use super::hangul;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Syllable,
    /// A letter of Hangul that stands alone.
    Jamo,
    /// All other letters, and digits.
    Letter,
    Space,
    Other,
}

/// Neighbours of one kind, in NFKC and lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// A longer word goes on in the next run.
const LETTERS_MAX: usize = 64;
/// The most syllables whose initials find a text.
const INITIALS_MAX: usize = 10;

pub(super) fn kind(character: char) -> Kind {
    match character {
        // Hangul syllables, Kana, Han.
        '\u{AC00}'..='\u{D7A3}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' => Kind::Syllable,
        _jamo if hangul::is_letter(character) => Kind::Jamo,
        _letter if character.is_alphanumeric() => Kind::Letter,
        _space if character.is_whitespace() => Kind::Space,
        _other => Kind::Other,
    }
}

pub(super) fn normal(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkc().flat_map(char::to_lowercase)
}

pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut length = 0;
    for character in normal(text) {
        let kind = kind(character);
        length += 1;
        match runs.last_mut() {
            Some(run) if run.kind == kind && (kind == Kind::Syllable || length <= LETTERS_MAX) => {
                run.text.push(character);
            }
            Some(_) | None => {
                runs.push(Run { kind, text: character.to_string() });
                length = 1;
            }
        }
    }
    runs
}

/// A text without what is neither letter nor syllable.
pub(super) fn squeezed(text: &str) -> String {
    let is_word = |run: &Run| !matches!(run.kind, Kind::Space | Kind::Other);
    runs(text).into_iter().filter(is_word).map(|run| run.text).collect()
}

pub(super) fn pairs(run: &str) -> Vec<(char, char)> {
    run.chars().zip(run.chars().skip(1)).collect()
}

/// How a run of syllables is marked where it begins and where it ends.
pub(super) fn edges(run: &str) -> [String; 2] {
    let pairs = pairs(run);
    match (pairs.first(), pairs.last()) {
        (Some((a, b)), Some((y, z))) => [format!("<{a}{b}"), format!("{y}{z}>")],
        _ => [format!("<{run}"), format!("{run}>")],
    }
}

/// `iphone15` is `iphone` and `15` too; a single letter, as in `s24`, stays with its number.
pub(super) fn parts(letters: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for character in letters.chars() {
        let is_digit = |character: char| character.is_ascii_digit();
        match parts.last_mut() {
            Some(part) if part.chars().all(is_digit) == is_digit(character) => part.push(character),
            Some(_) | None => parts.push(character.to_string()),
        }
    }
    let stands_alone =
        |part: &String| part.chars().nth(1).is_some() || part.chars().all(|c| c.is_ascii_digit());
    if parts.len() > 1 && parts.iter().all(stands_alone) { parts } else { Vec::new() }
}

/// What a text can be found by. Single syllables stand in it for who looks for 책 alone, and pairs
/// across a space for who writes 아이폰케이스 in one.
pub(super) fn offered(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut before: Option<char> = None;
    for Run { kind, text } in runs(text) {
        match kind {
            Kind::Syllable => {
                words.extend(before.zip(text.chars().next()).map(|(a, b)| format!("{a}_{b}")));
                words.extend(text.chars().map(String::from));
                words.extend(pairs(&text).into_iter().map(|(a, b)| format!("{a}{b}")));
                words.extend(edges(&text));
                // For who looks for one syllable.
                let (first, last) = (text.chars().next(), text.chars().last());
                words.extend(first.map(|first| format!("<{first}")));
                words.extend(last.map(|last| format!("{last}>")));
                before = text.chars().last();
            }
            Kind::Letter | Kind::Jamo => {
                words.extend(parts(&text));
                words.push(text);
                before = None;
            }
            Kind::Space => {}
            Kind::Other => before = None,
        }
    }
    words
}

/// The initials that a title is found by: from the beginning of each word on, into the words after
/// it, at least two.
pub(super) fn initials_offered(title: &str) -> Vec<String> {
    let words: Vec<String> =
        runs(title).iter().filter_map(|run| hangul::initials(&run.text)).collect();
    let mut offered = Vec::new();
    for start in 0..words.len() {
        let initials = words.iter().skip(start).flat_map(|word| word.chars());
        let mut prefix = String::new();
        for initial in initials.take(INITIALS_MAX) {
            prefix.push(initial);
            if prefix.chars().nth(1).is_some() {
                offered.push(prefix.clone());
            }
        }
    }
    offered.sort_unstable();
    offered.dedup();
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_go_in_pairs_and_letters_in_words() {
        assert_eq!(
            offered("아이폰 S24"),
            ["아", "이", "폰", "아이", "이폰", "<아이", "이폰>", "<아", "폰>", "s24"]
        );
        assert_eq!(offered("책"), ["책", "<책", "책>", "<책", "책>"]);
        assert_eq!(offered("ＡＢＣ ①"), ["abc", "1"]);
        assert_eq!(offered("ｱｲ"), ["ア", "イ", "アイ", "<アイ", "アイ>", "<ア", "イ>"]);
        assert_eq!(offered(" \"(* 🙂_<>"), [""; 0]);
    }

    #[test]
    fn a_pair_across_a_space_is_marked() {
        assert!(offered("아이폰 케이스").contains(&"폰_케".to_owned()));
        assert!(!offered("아이폰, 케이스").contains(&"폰_케".to_owned()));
        assert!(!offered("아이폰 15 케이스").contains(&"폰_케".to_owned()));
    }

    #[test]
    fn letters_and_digits_come_apart_unless_a_single_letter_is_left() {
        assert_eq!(offered("iPhone15"), ["iphone", "15", "iphone15"]);
        assert_eq!(parts("24fw"), ["24", "fw"]);
        assert_eq!(parts("s24"), [""; 0]);
        assert_eq!(parts("2024"), [""; 0]);
    }

    #[test]
    fn a_word_without_end_is_cut() {
        let endless = "a".repeat(200);
        assert!(offered(&endless).iter().all(|word| word.len() <= LETTERS_MAX));
    }

    #[test]
    fn initials_go_on_into_the_next_words() {
        let offered = initials_offered("나이키 후드 XL 새상품");
        for initials in ["ㄴㅇ", "ㄴㅇㅋ", "ㄴㅇㅋㅎㄷ", "ㅎㄷ", "ㅅㅅㅍ"] {
            assert!(offered.contains(&initials.to_owned()), "{initials} in {offered:?}");
        }
        assert!(!offered.contains(&"ㅇㅋ".to_owned()));
    }
}
