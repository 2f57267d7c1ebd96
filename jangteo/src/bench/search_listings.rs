//! The listings that are searched, and what is asked of them: titles that were given or made here,
//! varied the same way in every run.

use std::path::Path;

use anyhow::{Context, ensure};
use events_schema::envelope::Position;
use events_schema::point::{GRID_MICRODEGREES, Point};
use storage::search::{Entry, Facet, Fields, PAGE_MAX, Query, Sort};

const BRANDS: [&str; 16] = [
    "나이키",
    "아디다스",
    "노스페이스",
    "뉴발란스",
    "구찌",
    "샤넬",
    "디젤",
    "폴로",
    "캉골",
    "스투시",
    "칼하트",
    "라코스테",
    "컨버스",
    "리바이스",
    "마르지엘라",
    "애플",
];
const THINGS: [&str; 16] = [
    "후드집업",
    "바람막이",
    "맨투맨",
    "청바지",
    "패딩",
    "운동화",
    "크로스백",
    "반팔티",
    "니트",
    "가디건",
    "코트",
    "트레이닝 바지",
    "볼캡",
    "지갑",
    "셔츠",
    "부츠",
];
const ASIDES: [&str; 8] =
    ["새상품", "95 사이즈", "블랙 XL", "정품 풀박스", "급처 네고", "(미사용) M", "빈티지", "240"];
const REGIONS: [[&str; 2]; 8] = [
    ["서울특별시", "마포구"],
    ["서울특별시", "강남구"],
    ["서울특별시", "송파구"],
    ["경기도", "성남시"],
    ["경기도", "수원시"],
    ["부산광역시", "해운대구"],
    ["대구광역시", "수성구"],
    ["제주특별자치도", "제주시"],
];
/// Where each of these is, in hundredths of a degree.
const PLACES: [[i32; 2]; 8] = [
    [3756, 12690],
    [3750, 12705],
    [3751, 12711],
    [3742, 12713],
    [3726, 12703],
    [3516, 12916],
    [3586, 12863],
    [3350, 12653],
];
/// How far around it things are offered, likewise.
const AROUND: u64 = 10;
const WITHIN_METRES: u32 = 5_000;
const CONDITIONS: [&str; 5] = ["new", "like_new", "good", "fair", "for_parts"];
const NOTES: [&str; 4] = [
    "택배 가능하고 직거래도 됩니다.",
    "실착용 두세 번이라 상태 좋아요.",
    "선물받고 안 입어서 팝니다. 교환 환불 안 됩니다.",
    "사진 참고해 주시고 궁금한 점은 문의 주세요.",
];
const SELLERS: u64 = 50_000;
const CATEGORIES: u64 = 300;
/// 2023-01-01, and the three years after it.
const FIRST_MICROS: u64 = 1_672_531_200_000_000;
const YEARS_MICROS: u64 = 3 * 365 * 86_400_000_000;
const PAGE: usize = 20;

/// Whatever of it is asked for is the same in every run.
#[derive(Debug)]
pub(super) struct Listings {
    titles: Vec<String>,
}

/// One question of a mix that is as people ask: most of them in words, many with counts by facet.
#[derive(Debug)]
pub(super) enum Question {
    Search(&'static str, Query),
    Suggest(String),
}

impl Listings {
    /// Of a file with a title a line, else of words of our own.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let titles = match file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                let text = text.with_context(|| file.display().to_string())?;
                text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
            }
            None => made(),
        };
        ensure!(!titles.is_empty(), "--titles names a file without titles");
        Ok(Self { titles })
    }

    pub(super) fn entry(&self, number: u64) -> Entry {
        let dice = |salt| shuffled(number.wrapping_mul(16).wrapping_add(salt));
        let own = self.title(number);
        // Titles come round with a word of another one.
        let title = match self.words(dice(0)).last() {
            Some(word) if number >= self.count() => format!("{own} {word}"),
            Some(_) | None => own.to_owned(),
        };
        let [region, district] = *pick(&REGIONS, dice(1));
        let category = dice(2) % CATEGORIES;
        let fields = Fields {
            description: format!("{} {}", self.title(dice(3)), pick(&NOTES, dice(4))),
            brand: BRANDS.into_iter().find(|brand| title.contains(brand)).map(str::to_owned),
            categories: [category / 100, category / 10, category].map(category_id).to_vec(),
            regions: vec![region.to_owned(), format!("{region}/{district}")],
            condition: (*pick(&CONDITIONS, dice(5))).to_owned(),
            seller_id: format!("sel_{}", dice(6) % SELLERS),
            seller_kind: if dice(7).is_multiple_of(8) { "business" } else { "individual" }
                .to_owned(),
            status: "on_sale".to_owned(),
            price_minor: 1_000 + dice(8) % 1_000 * (dice(9) % 1_000),
            currency: "KRW".to_owned(),
            point: place(dice(1)).filter(|_| !(dice(1) >> 32).is_multiple_of(4)),
            created_at_micros: (FIRST_MICROS + dice(10) % YEARS_MICROS).cast_signed(),
            title,
            ..Fields::default()
        };
        Entry {
            id: format!("lst_{number:08}"),
            position: Position(number + 1),
            fields: Some(fields),
        }
    }

    pub(super) fn question(&self, number: u64) -> Question {
        let dice = |salt| shuffled(number.wrapping_mul(16).wrapping_add(salt));
        let words = self.words(dice(11));
        let first = pick(&words, dice(12)).to_string();
        let two = words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let on_sale = (Facet::Status, "on_sale".to_owned());
        let region = (Facet::Region, pick(&REGIONS, dice(13)).join("/"));
        let facets = vec![Facet::Category, Facet::Region, Facet::Condition, Facet::Brand];
        let query = |text: Option<String>, sort| Query {
            text,
            filters: vec![on_sale.clone()],
            ..Query::everything(sort, PAGE.min(PAGE_MAX))
        };
        match dice(14) % 10 {
            0 | 1 => Question::Search(
                "two words, facets",
                Query { facets, ..query(Some(two), Sort::Relevance) },
            ),
            2 => Question::Search("two words", query(Some(two), Sort::Relevance)),
            3 => Question::Search(
                "one word, facets",
                Query { facets, ..query(Some(first), Sort::Relevance) },
            ),
            4 => Question::Search("one word", query(Some(first), Sort::Relevance)),
            5 if dice(15).is_multiple_of(2) => {
                let (near, within_metres) = (place(dice(13)), Some(WITHIN_METRES));
                let query = query(Some(first), Sort::Distance);
                let query = Query { near, within_metres, ..query };
                Question::Search("one word within 5 km, nearest", query)
            }
            5 => {
                let filters = vec![on_sale.clone(), region];
                let query = query(Some(first), Sort::Newest);
                Question::Search("one word in a region, newest", Query { filters, ..query })
            }
            6 => {
                let (price_min, price_max) = (Some(10_000), Some(100_000));
                let query = query(Some(first), Sort::PriceAscending);
                Question::Search("one word, by price", Query { price_min, price_max, ..query })
            }
            7 => {
                let category = (Facet::Category, category_id(dice(15) % CATEGORIES));
                let filters = vec![on_sale.clone(), category];
                let query = query(None, Sort::Newest);
                Question::Search("a category, facets", Query { filters, facets, ..query })
            }
            _ => {
                let kept = 1 + first.chars().count() / 2;
                Question::Suggest(first.chars().take(kept).collect())
            }
        }
    }

    fn count(&self) -> u64 {
        u64::try_from(self.titles.len()).unwrap_or(u64::MAX)
    }

    fn title(&self, number: u64) -> &str {
        pick::<String>(&self.titles, number)
    }

    /// Of a title: what somebody might look for.
    fn words(&self, number: u64) -> Vec<&str> {
        let is_asked = |word: &&str| word.chars().filter(|c| c.is_alphanumeric()).count() > 1;
        let words: Vec<&str> = self.title(number).split_whitespace().filter(is_asked).collect();
        if words.is_empty() { vec![*pick(&BRANDS, number)] } else { words }
    }
}

fn made() -> Vec<String> {
    let things = BRANDS.iter().flat_map(|brand| THINGS.map(|thing| format!("{brand} {thing}")));
    things.flat_map(|thing| ASIDES.map(|aside| format!("{thing} {aside}"))).collect()
}

/// Somewhere in the region that is picked by the same number.
fn place(number: u64) -> Option<Point> {
    let offset = |number: u64| i32::try_from(number % (2 * AROUND)).unwrap_or_default();
    let [latitude, longitude] = *pick(&PLACES, number);
    let (north, east) = (offset(number >> 8), offset(number >> 16));
    let around = i32::try_from(AROUND).unwrap_or_default();
    let microdegrees = |value: i32| value * GRID_MICRODEGREES;
    Point::new(microdegrees(latitude + north - around), microdegrees(longitude + east - around))
        .ok()
}

fn category_id(number: u64) -> String {
    format!("cat_{number}")
}

fn pick<T>(all: &[T], number: u64) -> &T {
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    &all[usize::try_from(number % count).unwrap_or_default()]
}

/// Splitmix64: a number that says nothing of the one before.
const fn shuffled(number: u64) -> u64 {
    let a = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    c ^ (c >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_and_questions_are_the_same_in_every_run() {
        let (one, other) = (Listings::read(None).unwrap(), Listings::read(None).unwrap());
        for number in [0, 1, 5_000] {
            assert_eq!(one.entry(number), other.entry(number));
            let asked = |listings: &Listings| format!("{:?}", listings.question(number));
            assert_eq!(asked(&one), asked(&other));
        }
    }
}
