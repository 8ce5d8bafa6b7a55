// Charts over rows that do not add up: drawn as the report wrote them; those by day follow the dates of the filter.
"use strict";

const Rows = (() => {
  const { page } = Format;

  const bounds = (chart) => {
    const dataset = page.datasets[chart.dataset];
    const length = Object.values(dataset)[0].length;
    if (!chart.ranged || !State.get()) return [0, length];
    const [from, to] = [Format.iso(State.get().from), Format.iso(State.get().to)];
    const begin = dataset.date.findIndex((day) => day >= from);
    const end = dataset.date.findIndex((day) => day > to);
    return [begin < 0 ? length : begin, end < 0 ? length : end];
  };

  const reader = (chart) => {
    const dataset = page.datasets[chart.dataset];
    const kinds = Object.fromEntries(chart.columns.map((column) => [column.name, column.kind]));
    const [from, end] = bounds(chart);
    const to = chart.limit ? Math.min(end, from + chart.limit) : end;
    const rows = Array.from({ length: to - from }, (_, index) => from + index);
    const number = (value) => (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);
    const said = (name, row) => Format.escaped(Table.format(dataset[name][row], kinds[name] || "text"));
    const most = Theme.narrow.matches ? 17 : 32;
    return {
      "@": (name) => rows.map((row) => number(dataset[name][row])),
      "text:": (name) => rows.map((row) => said(name, row)),
      "short:": (name) => rows.map((row) => Format.escaped(Format.cut(Table.format(dataset[name][row], kinds[name] || "text"), most))),
      "#row": () => rows.map((_, index) => index),
    };
  };

  const resolved = (value, read) => {
    if (Array.isArray(value)) return value.map((item) => resolved(item, read));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, read)]));
    }
    if (typeof value !== "string") return value;
    const color = value.match(/^var\((--[\w-]+)\)$/);
    if (color) return Theme.css(color[1]);
    const found = value.match(/^(@|text:|short:|#row)(\w*)$/);
    return found ? read[found[1]](found[2]) : value;
  };

  const build = (stem) => {
    const chart = page.charts[stem];
    const [from, to] = bounds(chart);
    if (from === to) return { empty: "No day of the data lies in these dates." };
    const read = reader(chart);
    const traces = resolved(chart.traces, read);
    const time = chart.ranged ? Theme.tools.timeAxis(page.datasets[chart.dataset].date.slice(from, to).map(Format.number), "day") : {};
    const data = Object.fromEntries(chart.columns.map((column) => [column.name, page.datasets[chart.dataset][column.name].slice(from, to)]));
    return { traces, layout: Theme.merged(time, resolved(chart.layout, read)), columns: chart.columns, data, answer: chart.answer, summary: chart.summary };
  };

  return { build };
})();
