//! The parameters of a query, read one by one; what nobody has read is refused.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use edge::extract::Query;
use edge::problem::{Code, Problem};

/// The most parameters of one request.
const PARAMS_MAX: usize = 64;

/// Name and value, as they stand.
#[derive(Clone, Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(params) =
            Query::<Vec<(String, String)>>::from_request_parts(parts, state).await?;
        if params.len() > PARAMS_MAX {
            return Err(Problem::new(Code::InvalidQuery, "too many parameters"));
        }
        Ok(Self(params))
    }
}

pub(crate) fn invalid(name: &str, detail: impl Display) -> Problem {
    Problem::of_field(Code::InvalidQuery, name, detail.to_string())
}

impl Params {
    /// A parameter that stands at most once.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut values = self.texts(name);
        match (values.pop(), values.is_empty()) {
            (value, true) => Ok(value),
            (_, false) => Err(invalid(name, "stands more than once")),
        }
    }

    /// A parameter that may be repeated.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        let (read, rest) =
            std::mem::take(&mut self.0).into_iter().partition(|(key, _)| key == name);
        self.0 = rest;
        let read: Vec<(String, String)> = read;
        read.into_iter().map(|(_, value)| value).collect()
    }

    pub(crate) fn value<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Problem> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|error| invalid(name, error))).transpose()
    }

    /// Whether the parameter says `true`.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        self.value(name).map(|value| value.unwrap_or(false))
    }

    /// `limit`: 1 to `most`.
    pub(crate) fn limit(&mut self, usual: usize, most: usize) -> Result<usize, Problem> {
        match self.value("limit")? {
            None => Ok(usual),
            Some(limit) if (1..=most).contains(&limit) => Ok(limit),
            Some(_) => Err(invalid("limit", format!("is not 1 to {most}"))),
        }
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(invalid(name, "is no parameter of this route")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(query: &str) -> Params {
        let request = axum::http::Request::builder().uri(format!("/?{query}")).body(()).unwrap();
        Params::from_request_parts(&mut request.into_parts().0, &()).await.unwrap()
    }

    #[tokio::test]
    async fn reads_each_parameter_as_what_it_is() {
        let mut params = of("limit=7&type=a&type=%ED%95%9C&follow=true").await;
        assert_eq!(params.limit(20, 100).unwrap(), 7);
        assert_eq!(params.texts("type"), ["a", "한"]);
        assert!(params.flag("follow").unwrap());
        assert_eq!(params.text("after").unwrap(), None);
        params.finish().unwrap();
    }

    #[tokio::test]
    async fn refuses_what_is_unknown_doubled_or_out_of_range() {
        assert_eq!(of("colour=red").await.finish().unwrap_err().code(), "invalid_query");
        assert!(of("limit=1&limit=1").await.limit(20, 100).is_err());
        for query in ["limit=0", "limit=101", "limit=x", "limit=", "limit=-1"] {
            assert!(of(query).await.limit(20, 100).is_err(), "{query}");
        }
    }
}
