//! The nine files as they are: records read from CSV and joined by order. Nothing is judged here.

mod rows;
mod table;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use events_schema::money::Money;
use events_schema::time::Timestamp;

use rows::{
    CategoryRow, CustomerRow, ItemRow, OrderRow, PaymentRow, ProductRow, ReviewRow, SellerRow,
};
pub(crate) use table::Error;
use table::Table;

/// All orders of the source, by id, with what belongs to them.
#[derive(Debug)]
pub(crate) struct Dataset {
    pub orders: BTreeMap<String, Arc<Order>>,
    pub products: HashMap<String, Product>,
    pub sellers: HashMap<String, Seller>,
    /// The source's name of a category → its English name, where there is one.
    pub categories: BTreeMap<String, Option<String>>,
}

#[derive(Debug)]
pub(crate) struct Order {
    pub id: String,
    pub status: String,
    pub customer: Customer,
    pub purchased_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub handed_over_at: Option<Timestamp>,
    pub delivered_at: Option<Timestamp>,
    pub items: Vec<Item>,
    pub payments: Vec<Payment>,
    pub reviews: Vec<Review>,
}

#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub unique_id: String,
    pub zip_code_prefix: String,
    pub city: String,
    pub state: String,
}

#[derive(Debug)]
pub(crate) struct Item {
    pub product_id: String,
    pub seller_id: String,
    pub price: Money,
    pub freight: Money,
}

#[derive(Debug)]
pub(crate) struct Payment {
    pub sequential: u32,
    pub kind: String,
    pub instalments: u8,
    pub amount: Money,
}

#[derive(Debug)]
pub(crate) struct Review {
    pub id: String,
    pub score: u8,
    pub title: String,
    pub message: String,
    pub answered_at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Product {
    pub category: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Seller {
    pub city: String,
    pub state: String,
}

impl Dataset {
    /// # Errors
    /// The first file, row or value that cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<Self, Error> {
        let table = |name: &str| Table(folder.join(name));
        let mut orders = orders(
            &table("olist_orders_dataset.csv"),
            &customers(&table("olist_customers_dataset.csv"))?,
        )?;
        items(&table("olist_order_items_dataset.csv"), &mut orders)?;
        payments(&table("olist_order_payments_dataset.csv"), &mut orders)?;
        reviews(&table("olist_order_reviews_dataset.csv"), &mut orders)?;
        let products = products(&table("olist_products_dataset.csv"))?;
        let names = table("product_category_name_translation.csv").rows::<CategoryRow>()?;
        let english: HashMap<_, _> = names
            .into_iter()
            .map(|row| (row.product_category_name, row.product_category_name_english))
            .collect();
        let categories = products
            .values()
            .filter_map(|product| product.category.clone())
            .map(|name| (name.clone(), english.get(&name).cloned()))
            .collect();
        let sellers = sellers(&table("olist_sellers_dataset.csv"))?;
        let orders = orders.into_iter().map(|(id, order)| (id, Arc::new(order))).collect();
        Ok(Self { orders, products, sellers, categories })
    }
}

fn customers(table: &Table) -> Result<HashMap<String, Customer>, Error> {
    let customer = |row: CustomerRow| {
        let customer = Customer {
            unique_id: row.customer_unique_id,
            zip_code_prefix: row.customer_zip_code_prefix,
            city: row.customer_city,
            state: row.customer_state,
        };
        (row.customer_id, customer)
    };
    Ok(table.rows()?.into_iter().map(customer).collect())
}

fn orders(
    table: &Table,
    customers: &HashMap<String, Customer>,
) -> Result<BTreeMap<String, Order>, Error> {
    let order = |row: OrderRow| {
        let customer = customers.get(&row.customer_id).cloned();
        let order = Order {
            status: row.order_status,
            customer: customer.ok_or_else(|| table.orphan(&row.customer_id))?,
            purchased_at: table.time(&row.order_purchase_timestamp)?,
            approved_at: table.time_or_none(&row.order_approved_at)?,
            handed_over_at: table.time_or_none(&row.order_delivered_carrier_date)?,
            delivered_at: table.time_or_none(&row.order_delivered_customer_date)?,
            items: vec![],
            payments: vec![],
            reviews: vec![],
            id: row.order_id.clone(),
        };
        Ok((row.order_id, order))
    };
    table.rows()?.into_iter().map(order).collect()
}

fn items(table: &Table, orders: &mut BTreeMap<String, Order>) -> Result<(), Error> {
    for row in table.rows::<ItemRow>()? {
        let order = orders.get_mut(&row.order_id).ok_or_else(|| table.orphan(&row.order_id))?;
        order.items.push(Item {
            product_id: row.product_id,
            seller_id: row.seller_id,
            price: table.reais(&row.price)?,
            freight: table.reais(&row.freight_value)?,
        });
    }
    Ok(())
}

fn payments(table: &Table, orders: &mut BTreeMap<String, Order>) -> Result<(), Error> {
    for row in table.rows::<PaymentRow>()? {
        let order = orders.get_mut(&row.order_id).ok_or_else(|| table.orphan(&row.order_id))?;
        order.payments.push(Payment {
            sequential: row.payment_sequential,
            kind: row.payment_type,
            instalments: row.payment_installments,
            amount: table.reais(&row.payment_value)?,
        });
    }
    for order in orders.values_mut() {
        order.payments.sort_by_key(|payment| payment.sequential);
    }
    Ok(())
}

fn reviews(table: &Table, orders: &mut BTreeMap<String, Order>) -> Result<(), Error> {
    for row in table.rows::<ReviewRow>()? {
        let order = orders.get_mut(&row.order_id).ok_or_else(|| table.orphan(&row.order_id))?;
        order.reviews.push(Review {
            id: row.review_id,
            score: row.review_score,
            title: row.review_comment_title,
            message: row.review_comment_message,
            answered_at: table.time(&row.review_answer_timestamp)?,
        });
    }
    for order in orders.values_mut() {
        order.reviews.sort_by(|a, b| (a.answered_at, &a.id).cmp(&(b.answered_at, &b.id)));
    }
    Ok(())
}

fn products(table: &Table) -> Result<HashMap<String, Product>, Error> {
    let product = |row: ProductRow| {
        let category = Some(row.product_category_name).filter(|name| !name.is_empty());
        (row.product_id, Product { category })
    };
    Ok(table.rows()?.into_iter().map(product).collect())
}

fn sellers(table: &Table) -> Result<HashMap<String, Seller>, Error> {
    let seller =
        |row: SellerRow| (row.seller_id, Seller { city: row.seller_city, state: row.seller_state });
    Ok(table.rows()?.into_iter().map(seller).collect())
}
