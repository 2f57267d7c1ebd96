//! What things are called: a line a thing, with all its names. Whoever looks for one name finds the
//! others; names of Hangul are words that no analyser takes apart.
//!
//! Names are looked up while a query is read, so a new one finds what was written long before.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::Error;
use super::words::{self, Kind};

/// The names that the program knows by itself.
const BUILT_IN: &str = include_str!("lexicon.txt");
/// The most names of one thing: a query asks for each of them.
const NAMES_MAX: usize = 8;
/// The most runs of letters or syllables in a name.
const RUNS_MAX: usize = 4;

#[derive(Clone, Debug, Default)]
pub(super) struct Lexicon {
    things: Vec<Vec<String>>,
    /// Where a name, without its spaces, stands in `things`.
    by_name: HashMap<String, usize>,
    /// Words for nori, as its dictionary has them: 갤럭시버즈, or 갤럭시버즈 갤럭시 버즈 where a name is made of others.
    rules: Vec<String>,
}

impl Lexicon {
    pub(super) fn built_in() -> Result<Self, Error> {
        Self::with("").map_err(Error::Configuration)
    }

    /// The built-in names, and those of a file in the same form.
    pub(super) fn from_file(path: &Path) -> Result<Self, Error> {
        let place = |reason: String| Error::Configuration(format!("{}: {reason}", path.display()));
        let own = fs::read_to_string(path).map_err(|error| place(error.to_string()))?;
        Self::with(&own).map_err(place)
    }

    fn with(own: &str) -> Result<Self, String> {
        let mut lexicon = Self::default();
        for (source, text) in [("built-in", BUILT_IN), ("own", own)] {
            for (index, line) in text.lines().enumerate() {
                let line = line.split('#').next().unwrap_or_default().trim();
                if !line.is_empty() {
                    let place = |reason| format!("{source} names, line {}: {reason}", index + 1);
                    lexicon.add(line).map_err(place)?;
                }
            }
        }
        lexicon.rules.sort_unstable();
        lexicon.rules.dedup();
        Ok(lexicon)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let names: Vec<&str> = line.split(',').map(str::trim).collect();
        // A line that begins with a name of a known thing adds to it.
        let known = names.iter().find_map(|name| self.by_name.get(&words::squeezed(name)));
        let thing = known.copied().unwrap_or(self.things.len());
        if thing == self.things.len() {
            self.things.push(Vec::new());
        }
        for name in names {
            let key = words::squeezed(name);
            let runs = words::runs(name);
            let is_word = |run: &&words::Run| !matches!(run.kind, Kind::Space | Kind::Other);
            if !(1..=RUNS_MAX).contains(&runs.iter().filter(is_word).count()) {
                return Err(format!("{name:?} is not 1 to {RUNS_MAX} words"));
            }
            match self.by_name.insert(key.clone(), thing) {
                Some(other) if other != thing => return Err(format!("{name:?} is two things")),
                Some(_) | None => {}
            }
            let name_in_one = name.replace('+', "");
            if let Some(names) =
                self.things.get_mut(thing).filter(|known| !known.contains(&name_in_one))
            {
                names.push(name_in_one);
            }
            self.rules.extend(rule(name, &key));
        }
        match self.things.get(thing) {
            Some(names) if names.len() > NAMES_MAX => {
                Err(format!("{line:?} has more than {NAMES_MAX} names"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// All names of what is called so, spaces apart.
    pub(super) fn names(&self, squeezed: &str) -> Option<&[String]> {
        self.things.get(*self.by_name.get(squeezed)?).map(Vec::as_slice)
    }

    /// A run of syllables in two, where it begins or ends with a name: the longest of at least two
    /// syllables that leaves as many.
    pub(super) fn split<'a>(&self, run: &'a str) -> Option<(&'a str, &'a str)> {
        let bounds: Vec<usize> = run.char_indices().map(|(index, _)| index).collect();
        let cuts = bounds.len().checked_sub(2).and_then(|last| bounds.get(2..=last))?;
        let split = |cut: &usize| run.split_at_checked(*cut);
        let is_known = |name: &str| self.by_name.contains_key(name);
        let begins = cuts.iter().rev().filter_map(split).find(|(name, _)| is_known(name));
        begins.or_else(|| cuts.iter().filter_map(split).find(|(_, name)| is_known(name)))
    }

    /// For nori's dictionary.
    #[cfg(feature = "elasticsearch")]
    pub(super) fn rules(&self) -> &[String] {
        &self.rules
    }
}

/// Only what is written in Hangul alone, and in one word.
fn rule(name: &str, key: &str) -> Option<String> {
    let is_hangul = |character: char| ('\u{AC00}'..='\u{D7A3}').contains(&character);
    let fits = key.chars().nth(1).is_some()
        && name.chars().all(|character| character == '+' || is_hangul(character));
    let parts = name.split('+').fold(String::new(), |parts, part| parts + " " + part);
    match (fits, name.contains('+')) {
        (true, true) => Some(format!("{key}{parts}")),
        (true, false) => Some(key.to_owned()),
        (false, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_names_are_read() {
        let lexicon = Lexicon::built_in().unwrap();
        let names = lexicon.names("노페").unwrap();
        assert!(names.contains(&"노스페이스".to_owned()), "{names:?}");
        assert!(lexicon.rules.contains(&"노스페이스".to_owned()));
    }

    #[test]
    fn own_names_add_to_things_and_may_be_made_of_others() {
        let own = "노스페이스, 뇌스페이스 # slips\n\n갤럭시+버즈구구";
        let lexicon = Lexicon::with(own).unwrap();
        assert_eq!(lexicon.names("노페"), lexicon.names("뇌스페이스"));
        assert_eq!(lexicon.names("갤럭시버즈구구").unwrap(), ["갤럭시버즈구구"]);
        assert!(lexicon.rules.contains(&"갤럭시버즈구구 갤럭시 버즈구구".to_owned()));
    }

    #[test]
    fn a_name_of_two_things_or_of_none_is_refused_with_its_line() {
        for (own, reason) in [
            ("가나다라\n나이키, 아디다스", "line 2: \"아디다스\" is two things"),
            ("가나다라, ", "line 1: \"\" is not 1 to 4 words"),
            ("a b c d e", "is not 1 to 4 words"),
            ("aa,bb,cc,dd,ee,ff,gg,hh,ii", "more than 8 names"),
        ] {
            let refused = Lexicon::with(own).unwrap_err();
            assert!(refused.contains(reason), "{refused}");
        }
    }

    #[test]
    fn the_longest_name_comes_off_where_enough_is_left() {
        let lexicon = Lexicon::built_in().unwrap();
        assert_eq!(lexicon.split("노페패딩"), Some(("노페", "패딩")));
        assert_eq!(lexicon.split("노스페이스패딩"), Some(("노스페이스", "패딩")));
        assert_eq!(lexicon.split("다운자켓"), Some(("다운", "자켓")));
        for whole in ["노페백", "노페", "책상의자", ""] {
            assert_eq!(lexicon.split(whole), None, "{whole}");
        }
    }
}
