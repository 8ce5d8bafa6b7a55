// What two reports say differently of the same dates, from the restatements of the releases between them.
"use strict";

(() => {
  const from = document.getElementById("diff-from");
  if (!from) return;
  const to = document.getElementById("diff-to");
  const reports = JSON.parse(document.getElementById("changes").textContent);
  // Amounts come as decimal text and are subtracted as whole numbers of 1/10000.
  const units = (text) => {
    if (text === null) return null;
    const [, sign, whole, part = ""] = text.match(/^(-?)(\d+)(?:\.(\d+))?$/);
    return BigInt(sign + whole + part.padEnd(4, "0"));
  };
  const text = (value, [thousands, decimals]) => {
    if (value === null) return "none";
    const size = value < 0n ? -value : value;
    const whole = String(size / 10000n).replace(/\B(?=(\d{3})+$)/g, thousands);
    return (value < 0n ? "\u2212" : "") + whole + decimals + String(size % 10000n).padStart(4, "0").replace(/00$/, "");
  };
  const cell = (tag, content, number) => {
    const element = document.createElement(tag);
    element.textContent = content;
    if (number) element.className = "number";
    if (tag === "th") element.scope = "col";
    return element;
  };

  const between = (one, other) => {
    const dates = new Map();
    for (const report of reports.filter((item) => item.release > one && item.release <= other)) {
      for (const { date, was, now, why } of report.restated) {
        const found = dates.get(date) || { was, why: new Set() };
        found.now = now;
        why.split(", ").filter(Boolean).forEach((cause) => found.why.add(cause));
        dates.set(date, found);
      }
    }
    return [...dates].sort().reverse();
  };

  const show = () => {
    const [one, other] = [Number(from.value), Number(to.value)].sort((a, b) => a - b);
    const [before, after] = [one, other].map((release) => reports.find((item) => item.release === release));
    const found = between(one, other);
    const all = found.reduce((sum, [, item]) => sum + (units(item.now) ?? 0n) - (units(item.was) ?? 0n), 0n);
    const restated = found.length ? `${found.length} published ${found.length === 1 ? "date was" : "dates were"} restated, by ${text(all, after.separators)} of net revenue in all.` : "No published date was restated between them.";
    document.getElementById("diff-said").textContent = `Release ${one} (${before.folder}): ${before.net} net in its last ${before.days} days. Release ${other} (${after.folder}): ${after.net} in its last ${after.days}. ${restated}`;
    const place = document.getElementById("diff-table");
    place.replaceChildren();
    if (!found.length) return;
    const table = document.createElement("table");
    const head = table.createTHead().insertRow();
    head.append(cell("th", "Date"), cell("th", "Was", true), cell("th", "Is", true), cell("th", "Difference", true), cell("th", "Why"));
    const body = table.createTBody();
    for (const [date, { was, now, why }] of found) {
      const difference = units(was) === null || units(now) === null ? null : units(now) - units(was);
      body.insertRow().append(cell("td", date), ...[units(was), units(now), difference].map((value) => cell("td", text(value, after.separators), true)), cell("td", [...why].sort().join(", ")));
    }
    place.append(table);
  };

  for (const select of [from, to]) {
    select.append(...reports.map((item) => new Option(`${item.folder.slice(0, 10)}, release ${item.release}`, item.release)));
    select.addEventListener("change", show);
  }
  from.selectedIndex = Math.max(0, reports.length - 2);
  to.selectedIndex = reports.length - 1;
  document.getElementById("diff").addEventListener("submit", (event) => event.preventDefault());
  show();
})();
