// Figures as text. Money is a whole number of 1/10000; it becomes text by whole-number arithmetic only.
"use strict";

const Format = (() => {
  const page = JSON.parse(document.getElementById("report-data").textContent);
  const MINUS = "\u2212";
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const DAY = 86400000;

  const [thousands, decimals] = page.separators;
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, thousands);
  // A decimal text such as "1234.5" as it is written for people, without its sign.
  const written = (text) => { const [whole, part] = text.replace("-", "").split("."); return grouped(whole) + (part === undefined ? "" : decimals + part); };
  const signed = (negative, text) => (negative ? MINUS : "") + text;

  // Half away from zero, as SQL rounds; `over` is positive.
  const quotient = (value, over) => {
    const size = Math.abs(value);
    let whole = Math.floor(size / over);
    let rest = size - whole * over;
    if (rest < 0) { whole -= 1; rest += over; }
    if (rest >= over) { whole += 1; rest -= over; }
    return (rest * 2 >= over ? whole + 1 : whole) * (value < 0 ? -1 : 1) || 0;
  };

  // A decimal text such as "-12.50", with the currency's digits.
  const decimal = (units, digits = page.digits) => {
    const minor = quotient(units, 10 ** (4 - digits));
    const text = String(Math.abs(minor)).padStart(digits + 1, "0");
    return (minor < 0 ? "-" : "") + (digits ? text.slice(0, -digits) + "." + text.slice(-digits) : text);
  };

  const plainMoney = (units, digits = page.digits) => signed(quotient(units, 10 ** (4 - digits)) < 0, written(decimal(units, digits)));
  // Whole units from a thousand up, where cents only distract; the table holds them.
  const money = (units) => page.currency + "\u00a0" + plainMoney(units, Math.abs(units) < 1e7 ? page.digits : 0);
  const count = (value) => signed(value < 0, grouped(String(Math.abs(value))));
  const share = (value) => signed(value < 0, written(Math.abs(value * 100).toFixed(1))) + "%";
  const said = (value, kind) => (value === null ? "none" : { money, count, share }[kind](value));

  const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);
  const number = (text) => Math.round(Date.parse(text) / DAY);
  const day = (value) => { const [y, m, d] = iso(value).split("-"); return `${Number(d)} ${MONTHS[m - 1]} ${y}`; };
  const bucket = (value, grain) => {
    const [y, m] = iso(value).split("-");
    if (grain === "year") return y;
    if (grain === "quarter") return `Q${Math.ceil(m / 3)} ${y}`;
    if (grain === "month") return `${MONTHS[m - 1]} ${y}`;
    return day(value);
  };
  // A share moves by points: a percentage of a percentage is misread.
  const points = (now, before) => {
    const text = Math.abs((now - before) * 100).toFixed(1);
    if (Number(text) === 0) return { text: "level", way: "level" };
    return { text: `${now > before ? "+" : MINUS}${written(text)}\u00a0points`, way: now > before ? "up" : "down" };
  };
  // A change in percent of what was before; null where there is nothing positive to compare with.
  const change = (now, before, kind) => {
    if (now === null || before === null || before === undefined || before <= 0) return null;
    if (kind === "share") return points(now, before);
    const percent = ((now - before) / before) * 100;
    const digits = Math.abs(percent) < 100 ? 1 : 0;
    const text = Math.abs(percent).toFixed(digits);
    if (Number(text) === 0) return { text: "level", way: "level" };
    return { text: (percent > 0 ? "+" : MINUS) + written(text) + "%", way: percent > 0 ? "up" : "down" };
  };
  const against = (found, what) => {
    if (!found) return "";
    return found.way === "level" ? `, level with ${what}` : `, ${found.way}\u00a0${found.text.slice(1)} on ${what}`;
  };
  // Plotly reads a small HTML in texts; text of the data is never markup.
  const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const cut = (text, most) => (text.length > most ? text.slice(0, most - 1) + "\u2026" : text);

  return { page, quotient, decimal, written, signed, thousands, decimals, plainMoney, money, count, share, said, iso, number, day, bucket, change, against, escaped, cut };
})();
