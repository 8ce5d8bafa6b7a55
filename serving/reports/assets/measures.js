// What can be measured, from the sums of the cubes. `counts` marks what an order adds to once, so that it does not
// add up over categories; `whole` what means nothing for a part of an order.
"use strict";

const Measures = (() => {
  const net = (p) => p.gross - p.discounts - p.taxes - p.refunds;
  const sold = (p) => p.gross - p.discounts - p.taxes;
  const NET = ["gross", "discounts", "taxes", "refunds"];
  const SOLD = ["gross", "discounts", "taxes"];
  const plain = (name, label, kind, more = {}) => ({ label, kind, parts: [name], of: (p) => p[name], ...more });
  const ratio = (over, under) => (p) => (under(p) > 0 ? over(p) / under(p) : null);

  return {
    net: { label: "Net revenue", kind: "money", parts: NET, of: net, good: "up" },
    sold: { label: "Sold", kind: "money", parts: SOLD, of: sold, good: "up" },
    gross: plain("gross", "Gross revenue", "money"),
    discounts: plain("discounts", "Discounts", "money"),
    taxes: plain("taxes", "Taxes", "money"),
    refunds: plain("refunds", "Refunds", "money", { good: "down" }),
    profit: plain("profit", "Profit", "money", { good: "up" }),
    recognized: plain("recognized", "Recognised net", "money", { good: "up" }),
    not_delivered: plain("not_delivered", "Booked, not delivered that day", "money"),
    from_before: plain("from_before", "Delivered, booked before", "money"),
    units: plain("units", "Units", "count", { good: "up" }),
    orders: plain("orders", "Orders", "count", { counts: true, good: "up" }),
    first_orders: plain("first_orders", "First orders", "count", { counts: true }),
    guest_orders: plain("guest_orders", "Guest orders", "count", { counts: true }),
    returning_orders: {
      label: "Returning customers' orders", kind: "count", counts: true,
      parts: ["orders", "first_orders", "guest_orders"], of: (p) => p.orders - p.first_orders - p.guest_orders,
    },
    aov: {
      label: "Average order", kind: "money", ratio: true, counts: true, whole: true, good: "up",
      parts: [...SOLD, "orders"], of: (p) => (p.orders > 0 ? Format.quotient(sold(p), p.orders) : null),
    },
    margin: { label: "Margin", kind: "share", ratio: true, parts: [...NET, "profit"], of: ratio((p) => p.profit, net), good: "up" },
    refund_rate: { label: "Refunds of sold", kind: "share", ratio: true, parts: NET, of: ratio((p) => p.refunds, sold), good: "down" },
    discount_rate: { label: "Discounts of gross", kind: "share", ratio: true, parts: ["gross", "discounts"], of: ratio((p) => p.discounts, (p) => p.gross) },
  };
})();
