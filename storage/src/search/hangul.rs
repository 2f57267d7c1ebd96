//! Hangul below the syllable: the keys that a syllable is typed with, and what it begins with.
//!
//! Texts are in NFKC, where a letter that stands alone is a conjoining one; what this gives are the
//! letters as they are shown (ㄱ, ㅏ), compounds taken apart as they are typed (ㅘ is ㅗㅏ).

const INITIALS: [char; 19] = [
    'ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ',
    'ㅌ', 'ㅍ', 'ㅎ',
];
const VOWELS: [&str; 21] = [
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ", "ㅜ",
    "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
];
const FINALS: [&str; 28] = [
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ",
    "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ",
    "ㅎ",
];
const SYLLABLES: u32 = 0xAC00;
const SYLLABLES_END: u32 = 0xD7A3;

/// Which initial, vowel and final a syllable is made of.
fn parts(syllable: char) -> Option<(usize, usize, usize)> {
    let code = u32::from(syllable);
    if !(SYLLABLES..=SYLLABLES_END).contains(&code) {
        return None;
    }
    let index = usize::try_from(code - SYLLABLES).ok()?;
    let block = VOWELS.len() * FINALS.len();
    Some((index / block, index % block / FINALS.len(), index % FINALS.len()))
}

/// A letter that stands alone, where it is one.
fn letter(character: char) -> Option<String> {
    let code = u32::from(character);
    let at = |first: u32| usize::try_from(code.checked_sub(first)?).ok();
    let initial = at(0x1100).and_then(|index| INITIALS.get(index)).map(ToString::to_string);
    let vowel = || at(0x1161).and_then(|index| VOWELS.get(index)).map(ToString::to_string);
    let last = || at(0x11A7).and_then(|index| FINALS.get(index)).map(ToString::to_string);
    initial.or_else(vowel).or_else(last)
}

pub(super) fn is_letter(character: char) -> bool {
    ('\u{1100}'..='\u{11FF}').contains(&character)
}

/// The keys that a text is typed with; whatever is not Hangul stays as it is.
pub(super) fn keystrokes(text: &str) -> String {
    let mut keys = String::with_capacity(text.len() * 2);
    for character in text.chars() {
        match (parts(character), letter(character)) {
            (Some((initial, vowel, last)), _) => {
                keys.extend(INITIALS.get(initial));
                keys.extend(VOWELS.get(vowel).copied());
                keys.extend(FINALS.get(last).copied());
            }
            (None, Some(letter)) => keys.push_str(&letter),
            (None, None) => keys.push(character),
        }
    }
    keys
}

/// What the syllables of a word begin with; `None` where one of them is not Hangul.
pub(super) fn initials(word: &str) -> Option<String> {
    let initial = |syllable| INITIALS.get(parts(syllable)?.0);
    word.chars().map(initial).collect()
}

/// The consonants that a text consists of, where it is at least two and nothing else.
pub(super) fn consonants(text: &str) -> Option<String> {
    let keys = keystrokes(text);
    let is_consonant = |key: char| INITIALS.contains(&key);
    (keys.chars().nth(1).is_some() && keys.chars().all(is_consonant)).then_some(keys)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }

    #[test]
    fn a_syllable_in_progress_begins_as_the_word_that_it_becomes() {
        assert_eq!(keystrokes("아이폰 s24"), "ㅇㅏㅇㅣㅍㅗㄴ s24");
        for (typed, word) in [
            ("아잎", "아이폰"),
            ("나잌", "나이키"),
            ("갑", "값"),
            ("달ㄱ", "닭"),
            ("고", "과자"),
            ("ㄲ", "꽃"),
            ("뷰", "뷰티"),
        ] {
            assert!(keystrokes(&nfkc(word)).starts_with(&keystrokes(&nfkc(typed))), "{typed}");
        }
    }

    #[test]
    fn letters_alone_are_what_they_look_like() {
        assert_eq!(keystrokes(&nfkc("ㅇㅇㅍ")), "ㅇㅇㅍ");
        assert_eq!(keystrokes(&nfkc("ㅢㄳ")), "ㅡㅣㄱㅅ");
        assert_eq!(consonants(&nfkc("ㅇㅇㅍ")).as_deref(), Some("ㅇㅇㅍ"));
        for other in ["ㅇ", "ㅇㅏ", "아ㅇ", "ab", ""] {
            assert_eq!(consonants(&nfkc(other)), None, "{other}");
        }
    }

    #[test]
    fn words_of_hangul_alone_have_initials() {
        assert_eq!(initials("아이폰").as_deref(), Some("ㅇㅇㅍ"));
        assert_eq!(initials("꽃").as_deref(), Some("ㄲ"));
        assert_eq!(initials("아이phone"), None);
        assert_eq!(initials("華為"), None);
    }
}
