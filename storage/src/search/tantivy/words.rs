//! What a text is found by: every pair of neighbouring syllables of Hangul (and of Han and Kana,
//! which are written without spaces too), and the words of all other letters and digits.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::UnicodeNormalization;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Syllable,
    Letter,
    Space,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        // Hangul syllables, Kana, Han.
        '\u{AC00}'..='\u{D7A3}'
        | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}' => Kind::Syllable,
        _letter if character.is_alphanumeric() => Kind::Letter,
        _space if character.is_whitespace() => Kind::Space,
        _other => Kind::Other,
    }
}

/// The runs of one kind, in NFKC and lower case.
fn runs(text: &str) -> Vec<(Kind, String)> {
    let mut runs: Vec<(Kind, String)> = Vec::new();
    for character in text.nfkc().flat_map(char::to_lowercase) {
        let kind = kind(character);
        match runs.last_mut() {
            Some((last, run)) if *last == kind => run.push(character),
            Some(_) | None => runs.push((kind, character.to_string())),
        }
    }
    runs
}

fn pairs(run: &str) -> impl Iterator<Item = String> + '_ {
    run.chars().zip(run.chars().skip(1)).map(|(first, second)| format!("{first}{second}"))
}

/// What all has to be in a text that somebody looks for, each once.
pub(super) fn wanted(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (kind, run) in runs(text) {
        match kind {
            Kind::Syllable if run.chars().nth(1).is_some() => words.extend(pairs(&run)),
            Kind::Syllable | Kind::Letter => words.push(run),
            Kind::Space | Kind::Other => {}
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// What a text can be found by. Single syllables stand in it for who looks for 책 alone, and pairs
/// across a space for who writes 아이폰케이스 in one.
pub(super) fn offered(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut before: Option<char> = None;
    for (kind, run) in runs(text) {
        match kind {
            Kind::Syllable => {
                words.extend(before.zip(run.chars().next()).map(|(a, b)| format!("{a}{b}")));
                words.extend(run.chars().map(String::from));
                words.extend(pairs(&run));
                before = run.chars().last();
            }
            Kind::Letter => {
                words.push(run);
                before = None;
            }
            Kind::Space => {}
            Kind::Other => before = None,
        }
    }
    words
}

/// [`offered`] for the index.
#[derive(Clone, Debug, Default)]
pub(super) struct Words;

#[derive(Debug)]
pub(super) struct Offered {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = Offered;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Offered {
        Offered { words: offered(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for Offered {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else { return false };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_go_in_pairs_and_letters_in_words() {
        assert_eq!(wanted("아이폰 15 Pro"), ["15", "pro", "아이", "이폰"]);
        assert_eq!(wanted("책"), ["책"]);
        assert_eq!(wanted("갤럭시S24"), ["s24", "갤럭", "럭시"]);
        assert_eq!(wanted(" AND \"(* "), ["and"]);
        assert_eq!(wanted("ＡＢＣ ① ｱｲ"), ["1", "abc", "アイ"]);
        assert_eq!(wanted("華為手機"), ["手機", "為手", "華為"]);
    }

    #[test]
    fn whatever_form_of_the_same_text_is_wanted_is_offered() {
        let offers = |text: &str, sought: &str| {
            let offered = offered(text);
            wanted(sought).iter().all(|word| offered.contains(word))
        };
        assert!(offers("아이폰 케이스", "아이폰케이스"));
        assert!(offers("아이폰케이스", "아이폰 케이스"));
        assert!(offers("만화책", "책"));
        assert!(offers("\u{1112}\u{1161}\u{11AB}글", "한글"));
        assert!(!offers("아이폰, 케이스", "아이폰케이스"));
        assert!(!offers("아이 폰", "이아"));
    }
}
