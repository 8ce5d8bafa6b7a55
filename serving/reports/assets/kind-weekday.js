// The mean of a measure on each weekday, beside the same weekdays before.
"use strict";

(window.Kinds ||= {}).weekday = (view, tools) => {
  const NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const name = view.measures[0];
  const measure = Measures[name];
  const { from, to } = State.get();
  const how = (shift) => Data.query(State.query({ measures: view.measures, by: ["weekday"], shift }));
  const now = how(0);
  if (now.missing) return now;
  const days = NAMES.map((_, at) => { let count = 0; for (let day = from; day <= to; day += 1) count += (day + 3) % 7 === at ? 1 : 0; return count; });
  const mean = (found) => NAMES.map((_, at) => (days[at] ? Format.quotient(found.value(name, at), days[at]) : null));
  const values = mean(now);
  const past = how(State.before());
  const earlier = past.missing ? null : mean(past);
  const drawn = (list) => list.map((value) => (value === null ? null : measure.kind === "money" ? value / 10000 : value));
  const bar = (label, list, color) => ({ type: "bar", name: label, x: NAMES, y: drawn(list), marker: { color: tools.colors(color) }, customdata: list.map((value) => tools.text(value, measure.kind)), hovertemplate: `${label}: %{customdata}<extra></extra>` });
  const best = values.indexOf(Math.max(...values.filter((value) => value !== null)));
  const least = values.indexOf(Math.min(...values.filter((value) => value !== null)));
  const few = Math.min(...days) < 4 ? ` A weekday has only ${Math.min(...days)} to ${Math.max(...days)} days here, too few for a pattern.` : "";
  return {
    traces: [...(earlier ? [bar("Same weekdays before", earlier, "--bar")] : []), bar("Mean of a day", values, "--bar-strong")],
    legend: [...(earlier ? [{ label: "Same weekdays before", color: "--bar", mark: "bar" }] : []), { label: "Mean of a day", color: "--bar-strong", mark: "bar" }],
    answer: `${NAMES[best]} is the strongest day with ${Format.said(values[best], measure.kind)} on average, ${NAMES[least]} the weakest with ${Format.said(values[least], measure.kind)}`,
    said: few, columns: [{ name: "day", label: "Weekday", kind: "text" }, { name: "days", label: "Days", kind: "count" }, { name: "mean", label: "Mean of a day", kind: measure.kind }, ...(earlier ? [{ name: "before", label: "Same weekdays before", kind: measure.kind }] : [])],
    data: { day: NAMES, days, mean: tools.cells(values, measure.kind), before: earlier ? tools.cells(earlier, measure.kind) : [] },
    layout: { barmode: "group", yaxis: tools.valueAxis(measure.kind), xaxis: { type: "category" } },
  };
};
