//! `GET /orders`

use axum::extract::State;
use axum::response::Response;
use edge::headers::conditional::IfNoneMatch;
use edge::headers::place::MinPosition;
use edge::problem::{Code, Problem};
use edge::token::Caller;
use events_schema::envelope::Role;
use events_schema::ids::{PersonId, SellerId};
use projector::views::order::{OrderView, Status};
use storage::documents::Direction;

use super::answered::{Order, Orders};
use crate::access::{self, Seat};
use crate::answer::Answer;
use crate::page::{self, List, Page};
use crate::params::{Params, invalid};
use crate::state::Queries;

/// Orders, newest first: a buyer's own, those of a seller's shop, or anybody's for the staff.
#[utoipa::path(
    get,
    path = "/orders",
    tag = "orders",
    params(
        ("role" = Option<String>, Query, description = "`buyer` (own orders; the default of buyers) or `seller` (the shop's)"),
        ("buyer_id" = Option<String>, Query, description = "For auditors and admins: whose orders"),
        ("seller_id" = Option<String>, Query, description = "For auditors and admins: which shop's orders"),
        ("status" = Option<String>, Query, description = "Only orders in this state: `placed`, `paid` …"),
        ("cursor" = Option<String>, Query, description = "Where the page before ended"),
        ("limit" = Option<usize>, Query, description = "1 to 100; 20 if absent"),
    ),
    responses((status = 200, body = Orders), (status = 304), (status = 400), (status = 403), (status = 412), (status = 503)),
)]
pub(crate) async fn list(
    State(queries): State<Queries>,
    caller: Caller,
    (MinPosition(least), seen): (MinPosition, IfNoneMatch),
    mut params: Params,
) -> Result<Response, Problem> {
    let asked = page::Asked::read(&mut params)?;
    let whose = Whose::read(&mut params, &caller)?;
    let status = params.text("status")?.map(|text| known(&text)).transpose()?;
    params.finish()?;
    let place = queries.reach::<OrderView>(least).await?;
    let (index, owner, seat) = whose.list(status.is_some());
    let mut equals: Vec<&str> = owner.iter().map(String::as_str).collect();
    equals.extend(status);
    let name = format!("orders/{index}/{}", equals.join("/"));
    let list = List { name: &name, index, equals: &equals, direction: Direction::Descending };
    let (documents, next_cursor) = queries.documents_page::<OrderView>(&list, &asked).await?;
    let mut items = Vec::with_capacity(documents.len());
    for document in documents {
        items.push(Order::seen(&queries, document, seat).await?);
    }
    let orders = Orders(Page { items, next_cursor });
    Ok(Answer::of(&orders, Answer::tag_of_list(place), place)?.unless(&seen))
}

/// Whose orders are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Buyer(PersonId, Seat),
    Seller(SellerId, Seat),
}

impl Whose {
    fn read(params: &mut Params, caller: &Caller) -> Result<Self, Problem> {
        let role = params.text("role")?;
        let buyer_id = params.value::<PersonId>("buyer_id")?;
        let seller_id = params.value::<SellerId>("seller_id")?;
        if access::is_staff(caller) && role.is_none() {
            return match (buyer_id, seller_id) {
                (Some(buyer_id), None) => Ok(Self::Buyer(buyer_id, Seat::Staff)),
                (None, Some(seller_id)) => Ok(Self::Seller(seller_id, Seat::Staff)),
                (Some(_), Some(_)) | (None, None) => {
                    Err(invalid("buyer_id", "say whose orders: buyer_id or seller_id"))
                }
            };
        }
        if buyer_id.is_some() || seller_id.is_some() {
            return Err(forbidden("only auditors and admins may ask for somebody's orders"));
        }
        match role.as_deref() {
            None if caller.has(Role::Buyer) => Ok(Self::Buyer(caller.person_id, Seat::Buyer)),
            Some("buyer") if caller.has(Role::Buyer) => {
                Ok(Self::Buyer(caller.person_id, Seat::Buyer))
            }
            None | Some("seller") => match caller.seller_id {
                Some(seller_id) if access::sells_as(caller, seller_id) => {
                    Ok(Self::Seller(seller_id, Seat::Seller))
                }
                Some(_) | None => Err(forbidden("you do not act for a seller")),
            },
            Some("buyer") => Err(forbidden("you are no buyer")),
            Some(_) => Err(invalid("role", "is buyer or seller")),
        }
    }

    /// The index, its first value, and from which side the orders are seen.
    fn list(self, by_status: bool) -> (&'static str, [String; 1], Seat) {
        match (self, by_status) {
            (Self::Buyer(id, seat), false) => ("by_buyer", [id.to_string()], seat),
            (Self::Buyer(id, seat), true) => ("by_buyer_status", [id.to_string()], seat),
            (Self::Seller(id, seat), false) => ("by_seller", [id.to_string()], seat),
            (Self::Seller(id, seat), true) => ("by_seller_status", [id.to_string()], seat),
        }
    }
}

fn forbidden(detail: &str) -> Problem {
    Problem::new(Code::Forbidden, detail)
}

fn known(text: &str) -> Result<&'static str, Problem> {
    let found = Status::ALL.into_iter().map(Status::as_str).find(|name| *name == text);
    found.ok_or_else(|| invalid("status", "is no state of an order"))
}
