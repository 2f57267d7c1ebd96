//! What may be meant by a text that is still being typed: its last word, completed.
//!
//! Each word of a title is offered by the keys that it is typed with and by its initials, so that
//! 아잎, a syllable in progress, is the beginning of 아이폰 as ㅇㅇㅍ is.

use std::collections::BTreeMap;

use super::hangul;
use super::words::{self, Kind};

/// A word that fewer listings have is no suggestion: it may be a slip, or somebody's name.
pub(super) const LISTINGS_MIN: u64 = 2;
const WORD_CHARS_MAX: usize = 20;

/// A text that is being typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Typed {
    /// What stands before the word in progress.
    pub(super) head: String,
    /// The keys of that word: letters and digits, nothing else.
    pub(super) keys: String,
}

impl Typed {
    /// `None` where no word is in progress.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text: String = words::normal(text.trim_start()).collect();
        let in_word = |kind: Kind, last: Kind| match last {
            Kind::Syllable | Kind::Jamo => matches!(kind, Kind::Syllable | Kind::Jamo),
            Kind::Letter => kind == Kind::Letter,
            Kind::Space | Kind::Other => false,
        };
        let last = words::kind(text.chars().next_back()?);
        let word = text.trim_end_matches(|character| in_word(words::kind(character), last));
        let (head, word) = text.split_at_checked(word.len())?;
        let keys = hangul::keystrokes(word);
        (!keys.is_empty()).then(|| Self { head: head.to_owned(), keys })
    }

    /// The most frequent of what was found, as whole texts.
    pub(super) fn best(&self, found: Vec<(String, u64)>, limit: usize) -> Vec<String> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (offer, count) in found.into_iter().filter(|(_, count)| *count >= LISTINGS_MIN) {
            let Some((_, word)) = offer.split_once(' ') else { continue };
            let most = counts.entry(word.to_owned()).or_default();
            *most = count.max(*most);
        }
        let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
        // Stable: words of one count stay in their order.
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let texts = counts.into_iter().map(|(word, _)| format!("{}{word}", self.head));
        texts.take(limit).collect()
    }
}

/// Keys or initials, a space, and the word, for each word of a title: what begins with the keys that
/// were typed is what may be meant.
pub(super) fn offered(title: &str) -> Vec<String> {
    let mut offered = Vec::new();
    for run in words::runs(title) {
        let fits = (2..=WORD_CHARS_MAX).contains(&run.text.chars().count());
        let is_word = match run.kind {
            Kind::Syllable => true,
            Kind::Letter => run.text.chars().any(char::is_alphabetic),
            Kind::Jamo | Kind::Space | Kind::Other => false,
        };
        if fits && is_word {
            offered.push(format!("{} {}", hangul::keystrokes(&run.text), run.text));
            offered.extend(hangul::initials(&run.text).map(|keys| format!("{keys} {}", run.text)));
        }
    }
    offered.sort_unstable();
    offered.dedup();
    offered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (String, String) {
        let Typed { head, keys } = Typed::of(text).unwrap();
        (head, keys)
    }

    #[test]
    fn the_last_word_is_in_progress() {
        assert_eq!(typed("아잎"), (String::new(), "ㅇㅏㅇㅣㅍ".to_owned()));
        assert_eq!(typed(" 나이키 후ㄷ"), ("나이키 ".to_owned(), "ㅎㅜㄷ".to_owned()));
        assert_eq!(typed("아이폰15"), ("아이폰".to_owned(), "15".to_owned()));
        assert_eq!(typed("NIK"), (String::new(), "nik".to_owned()));
        for nothing in ["", " ", "나이키 ", "나이키*", "\"("] {
            assert_eq!(Typed::of(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn words_are_offered_by_keys_and_initials() {
        assert_eq!(
            offered("[새] 아이폰 15 pro"),
            ["pro pro", "ㅇㅇㅍ 아이폰", "ㅇㅏㅇㅣㅍㅗㄴ 아이폰"]
        );
    }

    #[test]
    fn the_most_frequent_come_first_and_what_is_rare_not_at_all() {
        let found =
            [("ㅎㅜ 후", 2), ("a b", 9), ("ㅎㅜㄷㅡ 후드", 7), ("ㅎㄷ 후드", 7), ("x y", 1)];
        let found = found.map(|(offer, count)| (offer.to_owned(), count)).to_vec();
        let typed = Typed { head: "나이키 ".to_owned(), keys: String::new() };
        assert_eq!(typed.best(found, 2), ["나이키 b", "나이키 후드"]);
    }
}
