//! The columns that are read, as they are named in the files.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct OrderRow {
    pub(super) order_id: String,
    pub(super) customer_id: String,
    pub(super) order_status: String,
    pub(super) order_purchase_timestamp: String,
    pub(super) order_approved_at: String,
    pub(super) order_delivered_carrier_date: String,
    pub(super) order_delivered_customer_date: String,
}

#[derive(Deserialize)]
pub(super) struct CustomerRow {
    pub(super) customer_id: String,
    pub(super) customer_unique_id: String,
    pub(super) customer_zip_code_prefix: String,
    pub(super) customer_city: String,
    pub(super) customer_state: String,
}

#[derive(Deserialize)]
pub(super) struct ItemRow {
    pub(super) order_id: String,
    pub(super) product_id: String,
    pub(super) seller_id: String,
    pub(super) price: String,
    pub(super) freight_value: String,
}

#[derive(Deserialize)]
pub(super) struct PaymentRow {
    pub(super) order_id: String,
    pub(super) payment_sequential: u32,
    pub(super) payment_type: String,
    pub(super) payment_installments: u8,
    pub(super) payment_value: String,
}

#[derive(Deserialize)]
pub(super) struct ReviewRow {
    pub(super) review_id: String,
    pub(super) order_id: String,
    pub(super) review_score: u8,
    pub(super) review_comment_title: String,
    pub(super) review_comment_message: String,
    pub(super) review_answer_timestamp: String,
}

#[derive(Deserialize)]
pub(super) struct ProductRow {
    pub(super) product_id: String,
    pub(super) product_category_name: String,
}

#[derive(Deserialize)]
pub(super) struct SellerRow {
    pub(super) seller_id: String,
    pub(super) seller_city: String,
    pub(super) seller_state: String,
}

#[derive(Deserialize)]
pub(super) struct CategoryRow {
    pub(super) product_category_name: String,
    pub(super) product_category_name_english: String,
}
