//! How matches are weighed against each other, their age and who likes them. Every adapter uses these
//! numbers alone: what an engine knows of frequencies and lengths stays out, so that the order is
//! the same on all of them and does not move while somebody turns pages.

/// Title and brand, and what a word is worth there.
pub(super) const HEADING: (&str, f32) = ("heading", 4.0);
/// Tags and description.
pub(super) const DETAILS: (&str, f32) = ("details", 1.0);

/// More for each end of a word in the heading that is an end of a word there too: 책 is rather 책
/// than 만화책, and rather 만화책 than 만화책방.
pub(super) const EDGE: f32 = 2.0;
/// More for words that stand side by side in the heading.
pub(super) const TOGETHER: f32 = 4.0;
/// More for a title that says this and nothing else.
pub(super) const EXACT: f32 = 8.0;

/// A match a year older has to be twice as good. What is newer is better by a factor that does not
/// depend on today, so that nothing has to be written anew as time goes by.
const HALF_LIFE_HOURS: f64 = 365.0 * 24.0;
const MICROS_PER_HOUR: i64 = 3_600_000_000;
/// 2020-01-01.
const EPOCH_HOURS: i64 = 438_288;
/// 2010 to 2100: beyond, all is as old or as new.
const HOURS: std::ops::RangeInclusive<i64> = -87_648..=701_280;

/// Likes above do not count, and this many are worth so much. Less than 4/3, which a title that has a
/// word as a whole is better by than one that has it at the end of another (8 to 6, see [`EDGE`]): so
/// likes rank what says the same of one word, and never outdo what says it better.
const LIKES_MAX: u64 = 1_023;
const LIKES_WORTH_MAX: f64 = 0.3;

/// What a match is multiplied by: how new the thing is, and how well liked. 10 likes are as good as 7
/// weeks, 100 as three months, [`LIKES_MAX`] and more as four and a half.
pub(super) fn standing(created_at_micros: i64, likes: u64) -> f64 {
    freshness(created_at_micros) * (1.0 + LIKES_WORTH_MAX * liked(likes))
}

/// 0 to 1, by orders of magnitude: the first likes say most, and more of them are soon no news.
fn liked(likes: u64) -> f64 {
    let known = |likes: u64| f64::from(u32::try_from(likes).unwrap_or(u32::MAX));
    known(likes.min(LIKES_MAX)).ln_1p() / known(LIKES_MAX).ln_1p()
}

/// 2⁻¹⁰ to 2⁸⁰.
fn freshness(created_at_micros: i64) -> f64 {
    let hours = created_at_micros.div_euclid(MICROS_PER_HOUR).saturating_sub(EPOCH_HOURS);
    let hours = hours.clamp(*HOURS.start(), *HOURS.end());
    (f64::from(i32::try_from(hours).unwrap_or_default()) / HALF_LIFE_HOURS).exp2()
}

/// Times as numbers whose lowest is the newest, as cursors have them.
pub(super) fn newest(created_at_micros: i64) -> u64 {
    u64::MAX - (created_at_micros.cast_unsigned() ^ (1 << 63))
}

/// The time that [`newest`] was made of.
#[cfg(feature = "elasticsearch")]
pub(super) fn created_at(newest: u64) -> i64 {
    ((u64::MAX - newest) ^ (1 << 63)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const YEAR_MICROS: i64 = 365 * 24 * MICROS_PER_HOUR;

    #[test]
    fn a_year_makes_half_and_no_time_is_out_of_bounds() {
        let now = EPOCH_HOURS * MICROS_PER_HOUR;
        assert!((freshness(now) - 1.0).abs() < 1e-9);
        assert!((freshness(now + YEAR_MICROS) - 2.0).abs() < 1e-9);
        assert!((freshness(now - YEAR_MICROS) - 0.5).abs() < 1e-9);
        assert!(freshness(i64::MIN) > 0.0 && freshness(i64::MAX) < 2_f64.powi(81));
    }

    #[test]
    fn likes_are_worth_some_months_and_never_as_much_as_a_better_title() {
        let now = EPOCH_HOURS * MICROS_PER_HOUR;
        let day = YEAR_MICROS / 365;
        for (likes, days) in [(10, 52), (100, 96), (LIKES_MAX, 138)] {
            assert!(standing(now, likes) > standing(now + (days - 1) * day, 0), "{likes}");
            assert!(standing(now, likes) < standing(now + (days + 1) * day, 0), "{likes}");
        }
        let counts = [0, 1, 2, 10, 100, 1_000, LIKES_MAX];
        assert!(counts.is_sorted_by(|few, more| standing(now, *few) < standing(now, *more)));
        let (title, edge) = (f64::from(HEADING.1), f64::from(EDGE));
        let better = (title + 2.0 * edge) / (title + edge);
        assert!(standing(now, u64::MAX) < better * standing(now, 0));
        assert!((standing(now, 0) - freshness(now)).abs() < f64::EPSILON);
    }

    #[test]
    fn newer_is_lower_and_reads_back() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(times.map(newest).is_sorted_by(|one, other| one > other));
        #[cfg(feature = "elasticsearch")]
        assert_eq!(times.map(|time| created_at(newest(time))), times);
    }
}
