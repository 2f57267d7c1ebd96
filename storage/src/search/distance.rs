//! How far away a place is: along a great circle, as `arc` of Elasticsearch has it, whose own sums
//! differ by less than a metre.

use events_schema::point::Point;

/// The mean radius of the earth (IUGG).
const RADIUS_METRES: f64 = 6_371_008.771_4;
/// No metre from north to south is more of them.
const MICRODEGREES_PER_METRE: i64 = 9;

/// Where distances are measured from, and how far what is found may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Near {
    point: Point,
    within_metres: Option<u32>,
    latitude: f64,
    longitude: f64,
    cosine: f64,
}

fn radians(microdegrees: i32) -> f64 {
    (f64::from(microdegrees) / 1e6).to_radians()
}

impl Near {
    pub(super) fn new(point: Point, within_metres: Option<u32>) -> Self {
        let latitude = radians(point.latitude_microdegrees());
        let longitude = radians(point.longitude_microdegrees());
        Self { point, within_metres, latitude, longitude, cosine: latitude.cos() }
    }

    /// Between which latitudes all lies that is near enough, in microdegrees.
    pub(super) fn latitudes(&self) -> [i64; 2] {
        let Some(metres) = self.within_metres else { return [i64::MIN, i64::MAX] };
        // A distance is rounded.
        let most = (i64::from(metres) + 1) * MICRODEGREES_PER_METRE;
        let latitude = i64::from(self.point.latitude_microdegrees());
        [latitude - most, latitude + most]
    }

    /// In whole metres, by the haversine formula; `None` where it is too far. In microdegrees.
    pub(super) fn metres_to(&self, latitude: i32, longitude: i32) -> Option<f64> {
        let (latitude, longitude) = (radians(latitude), radians(longitude));
        let half_sine_squared = |angle: f64| (angle / 2.0).sin().powi(2);
        let haversine = half_sine_squared(latitude - self.latitude)
            + self.cosine * latitude.cos() * half_sine_squared(longitude - self.longitude);
        let metres = (2.0 * RADIUS_METRES * haversine.sqrt().min(1.0).asin()).round();
        let is_near = self.within_metres.is_none_or(|most| metres <= f64::from(most));
        is_near.then_some(metres)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(from: &str, to: &str) -> f64 {
        let [from, to]: [Point; 2] = [from, to].map(|text| text.parse().unwrap());
        let near = Near::new(from, None);
        near.metres_to(to.latitude_microdegrees(), to.longitude_microdegrees()).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        for (from, to, expected) in [
            ("37.55,126.91", "37.55,126.91", 0.0),
            ("37.55,126.91", "37.56,126.91", 1_112.0),
            ("37.55,126.91", "35.16,129.16", 333_479.0),
            ("0,179.99", "0,-179.99", 2_224.0),
            ("89.99,0", "89.99,180", 2_224.0),
            ("0,0", "0,180", 20_015_115.0),
            ("90,0", "-90,77", 20_015_115.0),
        ] {
            let difference = (metres(from, to) - expected).abs();
            assert!(difference <= 1.0, "{from} {to}: {}", metres(from, to));
        }
    }

    #[test]
    fn whatever_is_near_enough_lies_between_the_latitudes() {
        for metres in [1, 1_112, 50_000, 1_000_000] {
            let near = Near::new("37.55,126.91".parse().unwrap(), Some(metres));
            let [least, most] = near.latitudes();
            for latitude in (27_000_000..48_000_000).step_by(10_000) {
                let is_near = near.metres_to(latitude, 126_910_000).is_some();
                assert!(!is_near || (least..=most).contains(&i64::from(latitude)), "{latitude}");
            }
        }
    }
}
