// The figures of the view as a whole, each beside the same weekdays before and a year ago.
"use strict";

const Totals = (() => {
  const cell = (tag, className, text) => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  const compared = (measure, now, name, shift, what) => {
    const past = Data.query(State.query({ measures: [name], shift }));
    const moved = past.missing ? null : Format.change(now, past.value(name), measure.kind);
    if (!moved) return [];
    const good = moved.way === "level" || !measure.good ? "level" : moved.way === measure.good ? "good" : "bad";
    const line = document.createElement("p");
    line.className = "change";
    line.append(cell("span", good, { up: "\u25b2 ", down: "\u25bc ", level: "\u25a0 " }[moved.way] + moved.text), ` on ${what}`);
    return [line];
  };

  const tile = (name) => {
    const measure = Measures[name];
    const item = document.createElement("li");
    item.className = "tile";
    item.dataset.measure = name;
    item.append(cell("p", "label", measure.label));
    const found = Data.query(State.query({ measures: [name] }));
    if (found.missing) {
      item.append(cell("p", "value none", "not available"), cell("p", "change", `Under this filter ${found.missing}.`));
      return item;
    }
    const now = found.value(name);
    item.dataset.exact = now === null ? "" : measure.kind === "money" ? Format.decimal(now, 4) : String(now);
    item.append(cell("p", "value", Format.said(now, measure.kind)));
    item.append(...compared(measure, now, name, State.before(), "the same weekdays before"));
    if (State.days() <= 364) item.append(...compared(measure, now, name, State.yearAgo, "a year ago"));
    return item;
  };

  return { show: (place) => place.replaceChildren(...place.dataset.totals.split(" ").map(tile)) };
})();
