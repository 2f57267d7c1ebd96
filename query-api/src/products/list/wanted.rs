//! What a list of listings is asked for.

use edge::problem::{Code, Problem};
use edge::state::Edge;
use edge::token::Caller;
use events_schema::ids::{CategoryId, SellerId};
use events_schema::listing::Condition;
use events_schema::point::Point;
use events_schema::trade::SellerKind;
use projector::views::listing_page::Status;
use serde::de::value::{BorrowedStrDeserializer, Error};
use serde::{Deserialize, Serialize};
use storage::search::{Cursor, Facet, Query, Sort, TEXT_BYTES_MAX, WITHIN_METRES_MAX};

use crate::access;
use crate::page;
use crate::params::{Params, invalid};

const FACETS: [(Facet, &str); 6] = [
    (Facet::Category, "category"),
    (Facet::Region, "region"),
    (Facet::Condition, "condition"),
    (Facet::SellerId, "seller_id"),
    (Facet::SellerKind, "seller_kind"),
    (Facet::Brand, "brand"),
];
const METRES_PER_KM: u32 = 1_000;
const VALUES_MAX: usize = 20;
const VALUE_BYTES_MAX: usize = 400;

#[derive(Debug)]
pub(super) struct Wanted {
    text: Option<String>,
    filters: Vec<(Facet, String)>,
    price: (Option<u64>, Option<u64>),
    near: Option<Point>,
    within_metres: Option<u32>,
    sort: Sort,
    facets: Vec<Facet>,
    status: Status,
    pub(super) page: page::Asked,
}

/// What a cursor of a search says.
#[derive(Debug, Deserialize, Serialize)]
struct Mark {
    value: String,
    id: String,
}

impl Wanted {
    pub(super) fn read(
        mut params: Params,
        near: Option<Point>,
        caller: Option<&Caller>,
    ) -> Result<Self, Problem> {
        let page = page::Asked::read(&mut params)?;
        let text = params.text("q")?.map(|text| text.trim().to_owned());
        let text = text.filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| text.len() > TEXT_BYTES_MAX) {
            return Err(invalid("q", format!("is longer than {TEXT_BYTES_MAX} bytes")));
        }
        let filters = filters(&mut params)?;
        let price = (params.value("price_min")?, params.value("price_max")?);
        if let (Some(least), Some(most)) = price
            && least > most
        {
            return Err(invalid("price_min", "is more than price_max"));
        }
        let sort = sort(params.text("sort")?.as_deref(), text.is_some())?;
        let within_metres = within_metres(&mut params)?;
        let measures = within_metres.is_some() || sort == Sort::Distance;
        if measures != near.is_some() {
            let detail = if measures { "is missing" } else { "is for within_km and sort=distance" };
            return Err(invalid("near", detail));
        }
        let facets = facets(params.text("facets")?.as_deref())?;
        let status = status(params.text("status")?.as_deref())?;
        params.finish()?;
        let wanted = Self { text, filters, price, near, within_metres, sort, facets, status, page };
        wanted.check_is_theirs(caller)?;
        Ok(wanted)
    }

    /// What is not public is listed for its own seller and for the staff, by shop.
    fn check_is_theirs(&self, caller: Option<&Caller>) -> Result<(), Problem> {
        if self.is_public() {
            return Ok(());
        }
        let shop = self.index().and_then(|(_, equals)| equals.first()?.parse::<SellerId>().ok());
        let shop = shop.ok_or_else(|| {
            invalid("status", "what is not on sale is listed by seller_id alone, newest first")
        })?;
        let may = |caller: &Caller| access::is_staff(caller) || access::sells_as(caller, shop);
        if caller.is_some_and(may) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden, "only its seller sees what is not on sale"))
    }

    /// Whether the answer is the same for everybody.
    pub(super) const fn is_public(&self) -> bool {
        self.status.is_public()
    }

    /// The index that answers without a search, where there is one.
    pub(super) fn index(&self) -> Option<(&'static str, Vec<&str>)> {
        let plain = self.text.is_none()
            && self.price == (None, None)
            && self.within_metres.is_none()
            && self.facets.is_empty()
            && self.sort == Sort::Newest;
        match self.filters.as_slice() {
            [] if plain => Some(("by_status", vec![self.status.as_str()])),
            [(Facet::SellerId, seller_id)] if plain => {
                Some(("by_seller_status", vec![seller_id, self.status.as_str()]))
            }
            _other => None,
        }
    }

    /// The list's name: all that must not change from page to page.
    pub(super) fn name(&self) -> String {
        let Self { text, filters, price, near, within_metres, sort, status, .. } = self;
        format!("products/{:?}", (text, filters, price, near, within_metres, sort, status))
    }

    pub(super) fn query(&self, edge: &Edge) -> Result<Query, Problem> {
        let cursor = self.page.cursor.as_ref();
        let mark =
            cursor.map(|text| edge.cursors().open::<Mark>(&self.name(), text)).transpose()?;
        let mut filters = self.filters.clone();
        filters.push((Facet::Status, self.status.as_str().to_owned()));
        Ok(Query {
            text: self.text.clone(),
            filters,
            price_min: self.price.0,
            price_max: self.price.1,
            near: self.near,
            within_metres: self.within_metres,
            sort: self.sort,
            facets: self.facets.clone(),
            after: mark.map(|Mark { value, id }| Cursor { value, id }),
            limit: self.page.limit,
        })
    }

    pub(super) fn cursor(&self, edge: &Edge, next: Cursor) -> Result<String, Problem> {
        edge.cursors().seal(&self.name(), &Mark { value: next.value, id: next.id })
    }
}

fn filters(params: &mut Params) -> Result<Vec<(Facet, String)>, Problem> {
    let mut filters = Vec::new();
    for (facet, name) in FACETS {
        let values = params.texts(name);
        if values.len() > VALUES_MAX {
            return Err(invalid(name, format!("stands more than {VALUES_MAX} times")));
        }
        for value in values {
            check(facet, name, &value)?;
            filters.push((facet, value));
        }
    }
    Ok(filters)
}

fn check(facet: Facet, name: &str, value: &str) -> Result<(), Problem> {
    let bad = match facet {
        Facet::Category => value.parse::<CategoryId>().err().map(|error| error.to_string()),
        Facet::SellerId => value.parse::<SellerId>().err().map(|error| error.to_string()),
        Facet::Condition => {
            named::<Condition>(value).is_none().then(|| "is no condition".to_owned())
        }
        Facet::SellerKind => {
            named::<SellerKind>(value).is_none().then(|| "is individual or business".to_owned())
        }
        Facet::Region | Facet::Brand | Facet::Status | Facet::Currency => {
            let fits = !value.is_empty() && value.len() <= VALUE_BYTES_MAX;
            (!fits).then(|| format!("is not 1 to {VALUE_BYTES_MAX} bytes"))
        }
    };
    bad.map_or(Ok(()), |detail| Err(invalid(name, detail)))
}

fn within_metres(params: &mut Params) -> Result<Option<u32>, Problem> {
    let most = WITHIN_METRES_MAX / METRES_PER_KM;
    match params.value::<u32>("within_km")? {
        None => Ok(None),
        Some(km) if (1..=most).contains(&km) => Ok(Some(km * METRES_PER_KM)),
        Some(_) => Err(invalid("within_km", format!("is not 1 to {most}"))),
    }
}

fn sort(text: Option<&str>, has_text: bool) -> Result<Sort, Problem> {
    match text {
        None | Some("relevance") if !has_text => Ok(Sort::Newest),
        None | Some("relevance") => Ok(Sort::Relevance),
        Some("newest") => Ok(Sort::Newest),
        Some("price_asc") => Ok(Sort::PriceAscending),
        Some("price_desc") => Ok(Sort::PriceDescending),
        Some("distance") => Ok(Sort::Distance),
        Some(_) => Err(invalid("sort", "is relevance, newest, price_asc, price_desc or distance")),
    }
}

fn facets(text: Option<&str>) -> Result<Vec<Facet>, Problem> {
    let mut facets = Vec::new();
    for name in text.into_iter().flat_map(|text| text.split(',')) {
        let found = FACETS.iter().find(|(_, known)| *known == name);
        let (facet, _) = found.ok_or_else(|| invalid("facets", format!("{name:?} is none")))?;
        if !facets.contains(facet) {
            facets.push(*facet);
        }
    }
    Ok(facets)
}

fn status(text: Option<&str>) -> Result<Status, Problem> {
    let Some(text) = text else { return Ok(Status::OnSale) };
    named(text).ok_or_else(|| invalid("status", "is no state of a listing"))
}

/// The variant that is written so.
fn named<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    T::deserialize(BorrowedStrDeserializer::<Error>::new(text)).ok()
}
