//! Where in a title the words stand that it was found by.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

use super::hangul;
use super::plan::{Form, Plan, Word};
use super::words::{self, Kind};

/// One character in NFKC and lower case, and the bytes of the title that it is made of.
struct Letter {
    character: char,
    kind: Kind,
    place: Range<usize>,
}

/// Ranges of bytes, in order and apart.
pub(super) fn highlights(plan: &Plan, title: &str) -> Vec<Range<usize>> {
    let letters = letters(title);
    let mut found: Vec<Range<usize>> =
        plan.words.iter().flat_map(|word| of_word(word, &letters)).collect();
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            Some(_) | None => apart.push(range),
        }
    }
    apart
}

fn letters(title: &str) -> Vec<Letter> {
    // A vowel or final that stands alone, or a mark, belongs to what stands before it.
    let goes_on = |c: char| ('\u{1160}'..='\u{11FF}').contains(&c) || is_combining_mark(c);
    let starts = title.char_indices().filter(|(_, character)| !goes_on(*character));
    let mut bounds: Vec<usize> = starts.map(|(start, _)| start).collect();
    bounds.push(title.len());
    let places = bounds.iter().zip(bounds.iter().skip(1)).map(|(start, end)| *start..*end);
    let letter = |place: Range<usize>| {
        let text = title.get(place.clone()).unwrap_or_default();
        words::normal(text).map(move |character| Letter {
            character,
            kind: words::kind(character),
            place: place.clone(),
        })
    };
    places.flat_map(letter).collect()
}

fn of_word(word: &Word, letters: &[Letter]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> =
        word.forms.iter().flat_map(|form| of_form(form, letters)).collect();
    found.extend(word.initials.iter().flat_map(|initials| of_initials(initials, letters)));
    found
}

/// All of it has to be there.
fn of_form(form: &Form, letters: &[Letter]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for run in &form.runs {
        let places = of_run(run, letters);
        if places.is_empty() {
            return Vec::new();
        }
        found.extend(places);
    }
    found
}

fn of_run(run: &str, letters: &[Letter]) -> Vec<Range<usize>> {
    let wanted: Vec<char> = run.chars().collect();
    let is_syllables = wanted.iter().all(|character| words::kind(*character) == Kind::Syllable);
    // As the index has it: more than two syllables may stand apart.
    let may_be_apart = is_syllables && wanted.len() > 2;
    let starts = (0..letters.len()).filter_map(|start| {
        let end = end_of(&wanted, letters.get(start..)?, may_be_apart)?;
        let (first, last) = (letters.get(start)?, letters.get(start + end)?);
        let stands = is_syllables
            || is_bound(start.checked_sub(1).and_then(|before| letters.get(before)), first)
                && is_bound(letters.get(start + end + 1), last);
        stands.then_some(first.place.start..last.place.end)
    });
    starts.collect()
}

/// How far behind the first the last one of `wanted` stands.
fn end_of(wanted: &[char], letters: &[Letter], may_be_apart: bool) -> Option<usize> {
    let mut wanted = wanted.iter().peekable();
    for (index, letter) in letters.iter().enumerate() {
        if wanted.next_if(|next| **next == letter.character).is_some() {
            if wanted.peek().is_none() {
                return Some(index);
            }
        } else if index == 0 || !may_be_apart || letter.kind != Kind::Space {
            return None;
        }
    }
    None
}

/// Whether a word of letters ends between these two.
fn is_bound(outside: Option<&Letter>, inside: &Letter) -> bool {
    let is_digit = |letter: &Letter| letter.character.is_ascii_digit();
    outside
        .is_none_or(|outside| outside.kind != inside.kind || is_digit(outside) != is_digit(inside))
}

fn of_initials(initials: &str, letters: &[Letter]) -> Vec<Range<usize>> {
    let starts = (0..letters.len()).filter_map(|start| {
        let is_inside = |before: usize| Some(letters.get(before)?.kind == Kind::Syllable);
        if start.checked_sub(1).and_then(is_inside) == Some(true) {
            return None;
        }
        let mut wanted = initials.chars().peekable();
        for (index, letter) in letters.get(start..)?.iter().enumerate() {
            let initial = hangul::initials(&letter.character.to_string());
            let is_wanted = |next: &char| initial.as_deref() == Some(&*next.to_string());
            if wanted.next_if(is_wanted).is_some() {
                if wanted.peek().is_none() {
                    return Some(letters.get(start)?.place.start..letter.place.end);
                }
            } else if index == 0 || letter.kind == Kind::Syllable {
                return None;
            }
        }
        None
    });
    starts.collect()
}

#[cfg(test)]
mod tests {
    use super::super::lexicon::Lexicon;
    use super::*;

    fn marked(text: &str, title: &str) -> String {
        let plan = Plan::of(text, &Lexicon::built_in().unwrap());
        let mut marked = title.to_owned();
        for Range { start, end } in highlights(&plan, title).into_iter().rev() {
            marked.insert(end, ']');
            marked.insert(start, '[');
        }
        marked
    }

    #[test]
    fn words_are_marked_where_they_stand() {
        for (text, marks) in [
            ("나이키", "[나이키] 후드 [NIKE] XL"),
            ("후드 나이키", "[나이키] [후드] [NIKE] XL"),
            ("나이키후드", "[나이키] [후드] [NIKE] XL"),
            ("xl", "나이키 후드 NIKE [XL]"),
            ("ㅎㄷ", "나이키 [후드] NIKE XL"),
            ("ㄴㅇㅋㅎ", "[나이키 후]드 NIKE XL"),
            ("없는말", "나이키 후드 NIKE XL"),
            ("", "나이키 후드 NIKE XL"),
        ] {
            assert_eq!(marked(text, &marks.replace(['[', ']'], "")), marks, "{text}");
        }
    }

    #[test]
    fn what_an_index_holds_apart_is_not_marked() {
        assert_eq!(marked("상의", "최상 의자 상의"), "최상 의자 [상의]");
        assert_eq!(marked("책상의자", "책상 의자"), "[책상 의자]");
        assert_eq!(marked("ㅇㅇㅍ", "새 아 이폰"), "새 [아 이폰]");
        assert_eq!(marked("on", "on onward 아on"), "[on] onward 아[on]");
        assert_eq!(marked("iphone", "iPhone15 myiphone"), "[iPhone]15 myiphone");
        assert_eq!(marked("north face", "North pole"), "North pole");
    }

    #[test]
    fn a_range_holds_whole_characters_of_any_form() {
        let title = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF} ＮＩＫＥ 🙂";
        assert_eq!(marked("한글", title).replace(['[', ']'], ""), title);
        assert!(marked("한글", title).starts_with('['));
        assert!(marked("나이키", title).contains("[ＮＩＫＥ]"));
    }
}
