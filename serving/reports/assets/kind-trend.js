// Measures over time, beside the same weekdays before and a year ago.
"use strict";

(window.Kinds ||= {}).trend = (view, tools) => {
  const { colors } = tools;
  const name = view.measures[0];
  const measure = Measures[name];
  const bars = view.options.mark === "bar";
  const asked = (more) => Data.query(State.query({ measures: view.measures, by: ["time"], ...more }));
  const now = asked({});
  if (now.missing) return now;
  const keys = now.keys[0];
  const grain = State.grain();
  const full = (found) => (found.missing ? null : keys.map((_, at) => (Measures[name].ratio && !found.has(at) ? null : found.value(name, at))));
  const lines = view.measures.map((one) => keys.map((_, at) => (now.has(at) ? now.value(one, at) : Measures[one].ratio ? null : 0)));
  const compare = view.measures.length === 1 && view.options.compare !== false;
  const earlier = compare ? full(asked({ shift: State.before() })) : null;
  const ago = compare && State.days() <= 364 ? full(asked({ shift: State.yearAgo })) : null;
  const x = keys.map(Format.iso);
  const drawn = (values) => values.map((value) => (value === null ? null : measure.kind === "money" ? value / 10000 : value));
  const line = (label, values, color, dash, width) => ({
    type: "scatter", mode: keys.length < 3 ? "lines+markers" : "lines", name: label, x, y: drawn(values), line: { color: colors(color), dash, width },
    customdata: values.map((value) => tools.text(value, measure.kind)), hovertemplate: `${label}: %{customdata}<extra></extra>`,
  });
  const traces = [];
  const legend = [];
  const add = (trace, label, color, mark) => { traces.push(trace); legend.push({ label, color, mark }); };
  if (ago) add(line("A year ago, same weekdays", ago, "--muted", "dash", 1.5), "A year ago, same weekdays", "--muted", "dashed");
  if (earlier) add(line("Before, same weekdays", earlier, "--muted", "dot", 1.5), "Before, same weekdays", "--muted", "dotted");
  view.measures.forEach((one, index) => {
    const color = view.measures.length > 1 ? `--cat-${index + 1}` : bars ? "--bar-strong" : "--series-1";
    const trace = line(Measures[one].label, lines[index], color, index ? "dash" : "solid", 2.5);
    if (bars) Object.assign(trace, { type: "bar", marker: { color: colors(color) } });
    add(trace, Measures[one].label, color, bars ? "bar" : index ? "dashed" : "line");
  });
  if (bars) traces.unshift(traces.pop());

  const total = (shift) => {
    const found = Data.query(State.query({ measures: view.measures, shift }));
    return found.missing ? null : view.measures.map((one) => found.value(one));
  };
  const sum = total(0);
  const moved = (shift, what) => { const found = total(shift); return found ? Format.against(Format.change(sum[0], found[0], measure.kind), what) : ""; };
  const told = view.measures.map((one, index) => `${Format.said(sum[index], Measures[one].kind)} ${view.measures.length > 1 ? Measures[one].label.toLowerCase() : ""}`.trim()).join(", ");
  const answer = `${told} in ${State.words()}${compare ? moved(State.before(), "the same weekdays before") : ""}${compare && State.days() <= 364 ? moved(State.yearAgo, "a year ago") : ""}`;
  const columns = [{ name: "time", label: grain === "day" ? "Date" : `From (${grain})`, kind: "date" }];
  const data = { time: x };
  const column = (key, label, values, kind) => { columns.push({ name: key, label, kind }); data[key] = tools.cells(values, kind); };
  view.measures.forEach((one, index) => column(one, Measures[one].label, lines[index], Measures[one].kind));
  if (earlier) column("before", "Same weekdays before", earlier, measure.kind);
  if (ago) column("ago", "A year ago", ago, measure.kind);
  return { traces, legend, answer, columns, data, layout: { ...tools.timeAxis(keys, grain), yaxis: { ...tools.valueAxis(measure.kind) }, bargap: 0.2 } };
};
