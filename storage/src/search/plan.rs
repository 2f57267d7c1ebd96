//! What a text asks for, before any engine is asked: words, each by all its names.

use super::hangul;
use super::lexicon::Lexicon;
use super::words::{self, Kind, Run};

/// Every word has to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) words: Vec<Word>,
    /// What a title has where the words stand side by side in it: any of each.
    pub(super) joints: Vec<[String; 2]>,
    /// The whole text, without its spaces.
    pub(super) squeezed: String,
}

/// One of its forms has to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) forms: Vec<Form>,
    /// How any of the forms begins, and how any ends, where it stands as a word: the better.
    pub(super) edges: [Vec<String>; 2],
    /// Initials that a title may have instead.
    pub(super) initials: Option<String>,
    /// For an analyser that knows the language: the word as it was typed.
    pub(super) typed: Option<String>,
}

/// What all has to be in one place, where a form stands: any of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) terms: Vec<Vec<String>>,
    /// The runs of letters and syllables that it is made of.
    pub(super) runs: Vec<String>,
}

/// The most words of a text; the others count for nothing.
const WORDS_MAX: usize = 48;
/// Of a longer text, each word is looked for as it stands.
const WORDS_WITH_NAMES_MAX: usize = 12;
/// The most runs that one name has.
const NAME_RUNS_MAX: usize = 4;

impl Plan {
    pub(super) fn of(text: &str, lexicon: &Lexicon) -> Self {
        let runs = pieces(text, lexicon);
        let squeezed = runs.iter().map(|run| run.text.as_str()).collect();
        let knows_names = runs.len() <= WORDS_WITH_NAMES_MAX;
        let mut words: Vec<Word> = Vec::new();
        let mut rest = runs.as_slice();
        while !rest.is_empty() && words.len() < WORDS_MAX {
            let named = (1..=NAME_RUNS_MAX.min(rest.len())).rev().find_map(|length| {
                let (runs, after) = rest.split_at_checked(length)?;
                let key: String = runs.iter().map(|run| run.text.as_str()).collect();
                Some((runs, after, lexicon.names(&key)?)).filter(|_| knows_names)
            });
            let (word, after) = match (named, rest.split_first()) {
                (Some((runs, after, names)), _) => (named_word(runs, names), after),
                (None, Some((run, after))) => (plain_word(run), after),
                (None, None) => break,
            };
            if !words.contains(&word) {
                words.push(word);
            }
            rest = after;
        }
        Self { words, joints: joints(&runs), squeezed }
    }
}

/// The runs of letters and syllables. A known name comes off what is written on before or after it.
fn pieces(text: &str, lexicon: &Lexicon) -> Vec<Run> {
    let mut pieces = Vec::new();
    for Run { kind, text } in words::runs(text) {
        match kind {
            Kind::Space | Kind::Other => {}
            Kind::Letter | Kind::Jamo => {
                let parts = words::parts(&text);
                if parts.iter().any(|part| lexicon.names(part).is_some()) {
                    pieces.extend(parts.into_iter().map(|text| Run { kind, text }));
                } else {
                    pieces.push(Run { kind, text });
                }
            }
            Kind::Syllable => take_apart(&text, lexicon, &mut pieces),
        }
    }
    pieces
}

fn take_apart(run: &str, lexicon: &Lexicon, pieces: &mut Vec<Run>) {
    match lexicon.split(run).filter(|_| lexicon.names(run).is_none()) {
        Some((one, other)) => {
            take_apart(one, lexicon, pieces);
            take_apart(other, lexicon, pieces);
        }
        None => pieces.push(Run { kind: Kind::Syllable, text: run.to_owned() }),
    }
}

fn named_word(typed: &[Run], names: &[String]) -> Word {
    let is_word = |run: &Run| !matches!(run.kind, Kind::Space | Kind::Other);
    let mut word = Word::default();
    word.add(typed);
    for name in names {
        let runs: Vec<Run> = words::runs(name).into_iter().filter(is_word).collect();
        word.add(&runs);
    }
    word
}

fn plain_word(run: &Run) -> Word {
    let mut word = Word::default();
    word.add(std::slice::from_ref(run));
    let parts = words::parts(&run.text);
    if run.kind == Kind::Letter && !parts.is_empty() {
        let terms = parts.iter().map(|part| vec![part.clone()]).collect();
        word.forms.push(Form { terms, runs: parts });
    }
    word.initials = match run.kind {
        Kind::Jamo => hangul::consonants(&run.text),
        Kind::Syllable | Kind::Letter | Kind::Space | Kind::Other => None,
    };
    // A pair of syllables is as small as what an analyser cuts off by mistake.
    let is_spoken = run.kind == Kind::Syllable && run.text.chars().nth(2).is_some();
    word.typed = is_spoken.then(|| run.text.clone());
    word
}

impl Word {
    fn add(&mut self, runs: &[Run]) {
        let terms = runs.iter().flat_map(terms).collect();
        let form = Form { terms, runs: runs.iter().map(|run| run.text.clone()).collect() };
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return };
        if self.forms.contains(&form) {
            return;
        }
        self.forms.push(form);
        let ([start, _], [_, end]) = (edges(first), edges(last));
        let [starts, ends] = &mut self.edges;
        starts.push(start);
        ends.push(end);
    }
}

/// Letters always stand as a word.
fn edges(run: &Run) -> [String; 2] {
    match run.kind {
        Kind::Syllable => words::edges(&run.text),
        Kind::Letter | Kind::Jamo | Kind::Space | Kind::Other => {
            [run.text.clone(), run.text.clone()]
        }
    }
}

/// Two syllables alone may not be torn apart by a space: 상의 is not 최상 의자.
fn terms(run: &Run) -> Vec<Vec<String>> {
    let pairs = words::pairs(&run.text);
    match (run.kind, pairs.as_slice()) {
        (Kind::Syllable, [(first, second)]) => vec![vec![format!("{first}{second}")]],
        (Kind::Syllable, [_, _, ..]) => {
            let either = |(a, b): &(char, char)| vec![format!("{a}{b}"), format!("{a}_{b}")];
            pairs.iter().map(either).collect()
        }
        _ => vec![vec![run.text.clone()]],
    }
}

fn joints(runs: &[Run]) -> Vec<[String; 2]> {
    let neighbours = runs.iter().zip(runs.iter().skip(1));
    let joint = |(one, next): (&Run, &Run)| {
        let is_syllables = one.kind == Kind::Syllable && next.kind == Kind::Syllable;
        let (last, first) = (one.text.chars().last()?, next.text.chars().next()?);
        is_syllables.then(|| [format!("{last}{first}"), format!("{last}_{first}")])
    };
    neighbours.filter_map(joint).take(WORDS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Plan {
        Plan::of(text, &Lexicon::built_in().unwrap())
    }

    fn spoken(text: &str) -> Vec<Vec<String>> {
        let forms = |word: &Word| word.forms.iter().map(|form| form.runs.concat()).collect();
        plan(text).words.iter().map(forms).collect()
    }

    #[test]
    fn a_word_is_looked_for_by_all_its_names() {
        let named = spoken("노페 책상");
        assert_eq!(named.len(), 2);
        assert_eq!(named[0][0], "노페");
        assert!(named[0].contains(&"노스페이스".to_owned()));
        assert!(named[0].contains(&"thenorthface".to_owned()));
        assert_eq!(named[1], ["책상"]);
        assert_eq!(spoken("노스 페이스")[0][0], "노스페이스");
        assert_eq!(spoken("노페책상").len(), 2);
    }

    #[test]
    fn a_pair_stays_together_and_more_may_be_apart() {
        assert_eq!(plan("상의").words[0].forms[0].terms, [["상의"]]);
        assert_eq!(
            plan("책상의자").words[0].forms[0].terms,
            [["책상", "책_상"], ["상의", "상_의"], ["의자", "의_자"]]
        );
    }

    #[test]
    fn consonants_alone_are_initials_too() {
        let word = &plan("ㅇㅇㅍ").words[0];
        assert_eq!(word.initials.as_deref(), Some("ㅇㅇㅍ"));
        assert_eq!(plan("ㅋ").words[0].initials, None);
    }

    #[test]
    fn noise_asks_for_nothing_and_a_flood_for_a_bounded_number() {
        assert_eq!(plan(" \"(* 🙂 "), Plan::default());
        let flood: String =
            (0..130).map(|n| format!("{} ", char::from_u32(0xAC00 + n * 28).unwrap())).collect();
        assert_eq!(plan(&flood).words.len(), WORDS_MAX);
    }
}
