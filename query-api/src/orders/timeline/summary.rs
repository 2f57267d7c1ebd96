//! What happened, in one short Korean sentence. Never personal data.

use events_schema::money::{Currency, Money};
use events_schema::{Event, checkout, escrow, inventory, listing, order, review, shipment};

/// A checkout with several sellers is not shown to any of them.
pub(super) const CHECKOUT_OF_SEVERAL: &str = "여러 판매자가 함께 있는 결제에 변동이 있었습니다";

pub(super) fn of(event: &Event) -> String {
    match event {
        Event::Checkout(event) => of_checkout(event),
        Event::Order(event) => of_order(event),
        Event::Escrow(event) => of_escrow(event),
        Event::Shipment(event) => of_shipment(event),
        Event::Inventory(event) => of_inventory(event).to_owned(),
        Event::Listing(event) => of_listing(event),
        Event::Review(event) => of_review(event),
        Event::Seller(_) => "판매자 정보가 바뀌었습니다".to_owned(),
        Event::Like(_) => "찜이 바뀌었습니다".to_owned(),
        Event::Category(_) => "카테고리가 바뀌었습니다".to_owned(),
        Event::Policy(_) => "정책이 기록되었습니다".to_owned(),
    }
}

fn of_checkout(event: &checkout::Event) -> String {
    match event {
        checkout::Event::Opened(event) => {
            format!("결제가 시작되었습니다 (합계 {})", money(event.total))
        }
        checkout::Event::Authorised(event) => {
            format!("결제가 승인되었습니다 ({})", money(event.tender.amount))
        }
        checkout::Event::Captured(event) => {
            format!("결제 금액이 들어왔습니다 ({})", money(event.tender.amount))
        }
        checkout::Event::Declined(_) => "결제가 거절되었습니다".to_owned(),
        checkout::Event::PaymentUnknown(_) => "결제 결과를 아직 알 수 없습니다".to_owned(),
        checkout::Event::Reduced(event) => {
            format!("취소된 주문만큼 결제할 금액이 줄었습니다 (합계 {})", money(event.total))
        }
        checkout::Event::Cancelled(_) => "결제가 취소되었습니다".to_owned(),
        checkout::Event::AnomalyFound(_) => "결제 기록에서 모순이 발견되었습니다".to_owned(),
    }
}

fn of_order(event: &order::Event) -> String {
    match event {
        order::Event::Placed(event) => {
            format!("주문했습니다 ({}건, 합계 {})", event.lines.len(), money(event.total))
        }
        order::Event::Paid(event) => format!("주문 금액을 냈습니다 ({})", money(event.amount)),
        order::Event::Preparing(_) => "판매자가 상품을 준비합니다".to_owned(),
        order::Event::Shipped(_) => "상품을 보냈습니다".to_owned(),
        order::Event::Delivered(_) => "상품이 도착했습니다".to_owned(),
        order::Event::Confirmed(_) => "구매를 확정했습니다".to_owned(),
        order::Event::Cancelled(event) => format!("주문이 취소되었습니다 ({})", why(event.reason)),
        order::Event::AnomalyFound(_) => "주문 기록에서 모순이 발견되었습니다".to_owned(),
    }
}

const fn why(reason: order::CancelReason) -> &'static str {
    match reason {
        order::CancelReason::BuyerChangedMind => "구매자 변심",
        order::CancelReason::OutOfStock => "재고 부족",
        order::CancelReason::SellerCannotSupply => "판매자 사정",
        order::CancelReason::NotPaidInTime => "결제 기한 초과",
        order::CancelReason::PaymentDeclined => "결제 거절",
        order::CancelReason::Observed => "외부 기록",
    }
}

fn of_escrow(event: &escrow::Event) -> String {
    match event {
        escrow::Event::Opened(event) => {
            format!("안전결제가 열렸습니다 (예정 금액 {})", money(event.due))
        }
        escrow::Event::Funded(event) => {
            format!("안전결제에 {}을 보관합니다", money(event.amount))
        }
        escrow::Event::Released(event) => {
            format!("판매자 몫 {}이 정산 대상이 되었습니다", money(event.to_seller))
        }
        escrow::Event::Refunded(event) => {
            format!("{}을 구매자에게 돌려줍니다", money(event.amount))
        }
        escrow::Event::AnomalyFound(_) => "안전결제 기록에서 모순이 발견되었습니다".to_owned(),
    }
}

fn of_shipment(event: &shipment::Event) -> String {
    match event {
        shipment::Event::Registered(event) => format!("송장을 등록했습니다 ({})", event.carrier),
        shipment::Event::PickedUp(_) => "택배사가 상품을 가져갔습니다".to_owned(),
        shipment::Event::InTransit(event) => match &event.place {
            Some(place) => format!("배송 중입니다 ({place})"),
            None => "배송 중입니다".to_owned(),
        },
        shipment::Event::Delivered(_) => "택배가 배달되었습니다".to_owned(),
        shipment::Event::Lost(_) => "택배가 분실되었습니다".to_owned(),
        shipment::Event::AnomalyFound(_) => "배송 기록에서 모순이 발견되었습니다".to_owned(),
    }
}

const fn of_inventory(event: &inventory::Event) -> &'static str {
    match event {
        inventory::Event::Restocked(_) => "재고를 채웠습니다",
        inventory::Event::Removed(_) => "재고를 뺐습니다",
        inventory::Event::Reserved(_) => "재고를 잡아 두었습니다",
        inventory::Event::Committed(_) => "재고에서 판매되었습니다",
        inventory::Event::Released(_) => "취소되어 재고로 돌아왔습니다",
        inventory::Event::Expired(_) => "결제 기한이 지나 재고로 돌아왔습니다",
        inventory::Event::RestockObserved(_) => "세지 않은 재고가 판매로 드러났습니다",
    }
}

fn of_listing(event: &listing::Event) -> String {
    match event {
        listing::Event::Drafted(event) => {
            format!("상품 글을 썼습니다 ({})", money(event.price))
        }
        listing::Event::Edited(_) => "상품 글을 고쳤습니다".to_owned(),
        listing::Event::PriceChanged(event) => {
            format!(
                "가격이 {}에서 {}으로 바뀌었습니다",
                money(event.old_price),
                money(event.new_price)
            )
        }
        listing::Event::Submitted(_) => "상품 심사를 신청했습니다".to_owned(),
        listing::Event::Approved(_) => "상품이 승인되어 판매를 시작했습니다".to_owned(),
        listing::Event::Rejected(_) => "상품이 반려되었습니다".to_owned(),
        listing::Event::Suspended(_) => "상품 판매가 중지되었습니다".to_owned(),
        listing::Event::Resumed(_) => "상품 판매를 다시 시작했습니다".to_owned(),
        listing::Event::Withdrawn(_) => "상품을 내렸습니다".to_owned(),
        listing::Event::Observed(event) => {
            format!("다른 곳에서 판매 중인 상품입니다 ({})", money(event.price))
        }
    }
}

fn of_review(event: &review::Event) -> String {
    match event {
        review::Event::Written(event) => {
            let side = match event.side {
                review::Side::Buyer => "구매자",
                review::Side::Seller => "판매자",
            };
            format!("{side}가 후기를 남겼습니다 (별점 {})", event.rating.stars())
        }
        review::Event::Reported(_) => "후기가 신고되었습니다".to_owned(),
        review::Event::AnomalyFound(_) => "후기 기록에서 모순이 발견되었습니다".to_owned(),
    }
}

/// `12,000원`; `12.30 BRL`.
fn money(money: Money) -> String {
    let scale = 10_u64.pow(money.currency().decimals());
    let (whole, rest) = (money.amount_minor() / scale, money.amount_minor() % scale);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match (money.currency(), money.currency().decimals()) {
        (Currency::Krw, _) => format!("{grouped}원"),
        (currency, 0) => format!("{grouped} {}", currency.code()),
        (currency, decimals) => {
            let width = usize::try_from(decimals).unwrap_or(0);
            format!("{grouped}.{rest:0width$} {}", currency.code())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_people_write_it() {
        let of = |amount, currency| money(Money::from_minor(amount, currency).unwrap());
        assert_eq!(of(1_234_567, Currency::Krw), "1,234,567원");
        assert_eq!(of(999, Currency::Krw), "999원");
        assert_eq!(of(123_405, Currency::Brl), "1,234.05 BRL");
        assert_eq!(of(500, Currency::Jpy), "500 JPY");
    }
}
