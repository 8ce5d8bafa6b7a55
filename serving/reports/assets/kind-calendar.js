// Every day as a square, a week a column: rhythm, holes and peaks.
"use strict";

(window.Kinds ||= {}).calendar = (view, tools) => {
  const NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const name = view.measures[0];
  const measure = Measures[name];
  const state = State.get();
  const from = Math.max(state.from, state.to - 370);
  const found = Data.query({ ...State.query({ measures: view.measures, by: ["time"] }), from, grain: "day" });
  if (found.missing) return found;
  const days = found.keys[0];
  const values = days.map((_, at) => found.value(name, at));
  const first = Data.start(from, "week");
  const weeks = Math.floor((state.to - first) / 7) + 1;
  const grid = (of) => NAMES.map((_, row) => Array.from({ length: weeks }, (_unused, week) => { const at = first + week * 7 + row - from; return at < 0 || at >= days.length ? null : of(at); }));
  const best = values.indexOf(Math.max(...values));
  const each = Math.ceil(weeks / (tools.narrow() ? 4 : 9));
  const mondays = Array.from({ length: weeks }, (_, week) => Format.iso(first + week * 7)).filter((_, week) => week % each === 0);
  const none = values.filter((_, at) => !found.has(at)).length;
  return {
    traces: [{
      type: "heatmap", z: grid((at) => (measure.kind === "money" ? values[at] / 10000 : values[at])), x: Array.from({ length: weeks }, (_, week) => Format.iso(first + week * 7)), y: NAMES,
      customdata: grid((at) => `${Format.day(days[at])}: ${tools.text(values[at], measure.kind)}`), hovertemplate: "%{customdata}<extra></extra>", hoverongaps: false,
      xgap: 2, ygap: 2, zmin: 0, showscale: false, colorscale: [[0, tools.colors("--heat-0")], [0.5, tools.colors("--heat-1")], [1, tools.colors("--heat-2")]],
    }],
    legend: [{ label: "0", color: "--heat-0", mark: "bar" }, { label: `up to ${Format.said(values[best], measure.kind)}`, color: "--heat-2", mark: "bar" }],
    answer: `${Format.day(days[best])} was the strongest day with ${Format.said(values[best], measure.kind)}${none ? `; ${none} ${none === 1 ? "day" : "days"} without a sale or refund` : ""}`,
    said: from > state.from ? "The last 371 days of the range." : "",
    columns: [{ name: "time", label: "Date", kind: "date" }, { name: "value", label: measure.label, kind: measure.kind }],
    data: { time: days.map(Format.iso), value: tools.cells(values, measure.kind) },
    layout: { hovermode: "closest", xaxis: { type: "date", showgrid: false, tickformat: "%-d %b\n%Y", rangemode: "normal", tickmode: "array", tickvals: mondays }, yaxis: { autorange: "reversed", showgrid: false, zeroline: false, tickformat: "", rangemode: "normal", type: "category" } },
  };
};
