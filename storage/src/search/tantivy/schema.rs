//! The fields of an index.

use std::collections::BTreeSet;

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions, Value,
};

use super::super::rank::{self, DETAILS, HEADING};
use super::super::{Entry, Error, Facet, Fields, suggest, words};
use events_schema::envelope::Position;

pub(super) const ID: &str = "id";
pub(super) const POSITION: &str = "position";
pub(super) const PRICE: &str = "price";
pub(super) const CREATED: &str = "created";
pub(super) const LATITUDE: &str = "latitude";
pub(super) const LONGITUDE: &str = "longitude";
/// What a match is multiplied by, named for the greater part of it.
pub(super) const FRESHNESS: &str = "freshness";
pub(super) const WORDS: &str = "words";
/// The title without its spaces, and the initials of its words.
pub(super) const EXACT: &str = "exact";
pub(super) const INITIALS: &str = "initials";

fn values(fields: &Fields, facet: Facet) -> BTreeSet<&str> {
    match facet {
        Facet::Category => fields.categories.iter().map(String::as_str).collect(),
        Facet::Region => fields.regions.iter().map(String::as_str).collect(),
        Facet::Condition => BTreeSet::from([fields.condition.as_str()]),
        Facet::SellerId => BTreeSet::from([fields.seller_id.as_str()]),
        Facet::SellerKind => BTreeSet::from([fields.seller_kind.as_str()]),
        Facet::Status => BTreeSet::from([fields.status.as_str()]),
        Facet::Currency => BTreeSet::from([fields.currency.as_str()]),
        Facet::Brand => fields.brand.iter().map(String::as_str).collect(),
    }
}

/// The fields that code names; the others are looked up.
#[derive(Clone, Debug)]
pub(super) struct Names {
    schema: Schema,
    pub(super) id: Field,
    /// Whether there is anything to find.
    pub(super) live: Field,
    pub(super) suggest: Field,
    position: Field,
    price: Field,
    created: Field,
    source: Field,
}

impl Names {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let id = schema.add_text_field(ID, STRING | STORED | FAST);
        let live = schema.add_bool_field("live", INDEXED);
        let position = schema.add_u64_field(POSITION, FAST | STORED);
        let price = schema.add_u64_field(PRICE, FAST);
        let created = schema.add_i64_field(CREATED, FAST);
        let source = schema.add_text_field("source", STORED);
        let suggest = schema.add_text_field("suggest", STRING);
        schema.add_f64_field(FRESHNESS, FAST);
        schema.add_i64_field(LATITUDE, FAST);
        schema.add_i64_field(LONGITUDE, FAST);
        let words = TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_fieldnorms(false)
            .set_index_option(IndexRecordOption::Basic);
        let words = TextOptions::default().set_indexing_options(words);
        for (name, _) in [HEADING, DETAILS] {
            schema.add_text_field(name, words.clone());
        }
        schema.add_text_field(EXACT, STRING);
        schema.add_text_field(INITIALS, STRING);
        for facet in Facet::ALL {
            schema.add_text_field(facet.name(), STRING | FAST);
        }
        Self { schema: schema.build(), id, live, suggest, position, price, created, source }
    }

    pub(super) const fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn field(&self, name: &str) -> Result<Field, Error> {
        self.schema.get_field(name).map_err(super::shelf::error)
    }

    pub(super) fn document(&self, entry: &Entry) -> Result<TantivyDocument, Error> {
        let mut document = TantivyDocument::default();
        document.add_text(self.id, &entry.id);
        document.add_u64(self.position, entry.position.0);
        document.add_bool(self.live, entry.fields.is_some());
        let Some(fields) = &entry.fields else { return Ok(document) };
        let source = serde_json::to_string(fields);
        let source = source.map_err(|error| Error::Unavailable(Box::new(error)))?;
        document.add_text(self.source, source);
        document.add_u64(self.price, fields.price_minor);
        document.add_i64(self.created, fields.created_at_micros);
        for facet in Facet::ALL {
            let field = self.field(facet.name())?;
            values(fields, facet).iter().for_each(|value| document.add_text(field, value));
        }
        let standing = rank::standing(fields.created_at_micros, fields.likes);
        document.add_f64(self.field(FRESHNESS)?, standing);
        if let Some(point) = fields.point {
            let (latitude, longitude) = (self.field(LATITUDE)?, self.field(LONGITUDE)?);
            document.add_i64(latitude, point.latitude_microdegrees().into());
            document.add_i64(longitude, point.longitude_microdegrees().into());
        }
        document.add_text(self.field(EXACT)?, words::squeezed(&fields.title));
        let initials = self.field(INITIALS)?;
        words::initials_offered(&fields.title)
            .iter()
            .for_each(|some| document.add_text(initials, some));
        suggest::offered(&fields.title)
            .iter()
            .for_each(|offer| document.add_text(self.suggest, offer));
        let (heading, details) = (self.field(HEADING.0)?, self.field(DETAILS.0)?);
        document.add_text(heading, &fields.title);
        fields.brand.iter().for_each(|text| document.add_text(heading, text));
        fields.tags.iter().for_each(|text| document.add_text(details, text));
        document.add_text(details, &fields.description);
        Ok(document)
    }

    pub(super) fn entry(&self, document: &TantivyDocument) -> Result<Entry, Error> {
        let text = |field| document.get_first(field).and_then(|value| value.as_str());
        let fields = text(self.source).map(serde_json::from_str).transpose();
        let position = document.get_first(self.position).and_then(|value| value.as_u64());
        Ok(Entry {
            id: text(self.id).unwrap_or_default().to_owned(),
            position: Position(position.unwrap_or_default()),
            fields: fields.map_err(|error| Error::Unavailable(Box::new(error)))?,
        })
    }
}
