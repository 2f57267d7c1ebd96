//! What was measured, and what it is held against.

use std::fmt;

use serde::Serialize;

/// One measured number.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    name: String,
    /// `None`: not measured.
    value: Option<f64>,
    unit: &'static str,
    /// In the same unit: what the value has to reach, or must not exceed.
    goal: Option<f64>,
    /// In the same unit: what the floor reached in this run.
    floor: Option<f64>,
    met: Option<bool>,
    #[serde(skip)]
    held_against: String,
}

/// What a floor is, and what it reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Floor {
    pub(super) name: &'static str,
    pub(super) value: f64,
}

impl Floor {
    /// The one that holds the other up.
    pub(super) const fn slower(one: Self, other: Self) -> Self {
        if one.value < other.value { one } else { other }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Goal {
    AtLeast(f64),
    AtMost(f64),
    Exactly(f64),
    /// So many times what the floor reaches.
    Times(f64, Floor),
    /// Printed to explain the others.
    None,
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: &'static str, goal: Goal) -> Self {
        let (limit, floor, met, held_against) = match goal {
            Goal::AtLeast(limit) => (limit, None, value >= limit, format!("≥ {}", short(limit))),
            Goal::AtMost(limit) => (limit, None, value <= limit, format!("≤ {}", short(limit))),
            Goal::Exactly(limit) => {
                (limit, None, (value - limit).abs() < 0.5, format!("= {}", short(limit)))
            }
            Goal::Times(times, floor) => {
                let limit = times * floor.value;
                let (ratio, reached) = (value / floor.value, short(floor.value));
                let held_against =
                    format!("{ratio:.2} × {} of {reached}; goal ≥ {times} ×", floor.name);
                (limit, Some(floor.value), value >= limit, held_against)
            }
            Goal::None => return Self::unjudged(name, value, unit),
        };
        let (name, value, goal, met) = (name.into(), Some(value), Some(limit), Some(met));
        Self { name, value, unit, goal, floor, met, held_against }
    }

    fn unjudged(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let (name, value, held_against) = (name.into(), Some(value), String::new());
        Self { name, value, unit, goal: None, floor: None, met: None, held_against }
    }

    pub(super) fn not_measured(name: &str, needs: &str) -> Self {
        let held_against = format!("not measured: {needs}");
        let name = name.to_owned();
        Self { name, value: None, unit: "", goal: None, floor: None, met: None, held_against }
    }

    fn verdict(&self) -> &'static str {
        match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        }
    }

    fn cells(&self) -> [String; 4] {
        let value = self.value.map_or_else(String::new, short);
        [
            self.name.clone(),
            format!("{value} {}", self.unit),
            self.held_against.clone(),
            self.verdict().to_owned(),
        ]
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [name, value, held_against, verdict] = self.cells();
        write!(f, "{name}: {} ({held_against}) {verdict}", value.trim())
    }
}

/// All figures of a run.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) figures: Vec<Figure>,
}

impl Report {
    /// Whether no goal was missed. What was not measured missed none.
    pub(super) fn is_met(&self) -> bool {
        self.figures.iter().all(|figure| figure.met != Some(false))
    }

    pub(super) fn table(&self) -> String {
        let heading = ["figure", "value", "floor, ratio and goal", ""].map(str::to_owned);
        let rows: Vec<_> =
            std::iter::once(heading).chain(self.figures.iter().map(Figure::cells)).collect();
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let widths = [width(0), width(1), width(2)];
        let line = |[name, value, held_against, verdict]: &[String; 4]| {
            let [a, b, c] = widths;
            let line = format!("{name:<a$}  {value:>b$}  {held_against:<c$}  {verdict}");
            format!("{}\n", line.trim_end())
        };
        rows.iter().map(line).collect()
    }
}

/// Three digits that matter are enough, and all of a large number.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        _small => format!("{value:.2}"),
    }
}

/// A count as a number to divide.
pub(super) fn number(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_held_against_its_floor() {
        let floor = Floor { name: "COPY", value: 1_000.0 };
        let figure = |value| Figure::new("append", value, "rows/s", Goal::Times(0.5, floor));
        let (met, missed) = (figure(500.0), figure(499.0));
        assert_eq!((met.met, missed.met), (Some(true), Some(false)));
        assert_eq!((met.goal, met.floor), (Some(500.0), Some(1_000.0)));
        assert!(met.held_against.contains("0.50 × COPY of 1000"), "{}", met.held_against);
        assert!(Report { figures: vec![met.clone()] }.is_met());
        assert!(!Report { figures: vec![met, missed] }.is_met());
    }

    #[test]
    fn what_was_not_measured_misses_no_goal_and_says_so() {
        let report = Report { figures: vec![Figure::not_measured("orders", "give --postgres")] };
        assert!(report.is_met());
        assert!(report.table().contains("not measured"), "{}", report.table());
    }

    #[test]
    fn json_holds_the_six_names_and_no_other() {
        let figure = Figure::new("worst answer", 12.0, "ms", Goal::AtMost(50.0));
        let json = serde_json::to_value(Report { figures: vec![figure] }).unwrap();
        let expected = serde_json::json!({ "figures": [{
            "name": "worst answer", "value": 12.0, "unit": "ms",
            "goal": 50.0, "floor": null, "met": true,
        }]});
        assert_eq!(json, expected);
    }
}
