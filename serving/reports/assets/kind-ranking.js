// A measure by the members of a dimension, the largest first, beside the same weekdays before.
"use strict";

(window.Kinds ||= {}).ranking = (view, tools) => {
  const { colors } = tools;
  const name = view.measures[0];
  const measure = Measures[name];
  const by = view.by === "place" ? Data.nextLevel(State.get()) : view.by;
  const now = Data.query(State.query({ measures: view.measures, by: [by] }));
  if (now.missing) return now;
  const earlier = Data.query(State.query({ measures: view.measures, by: [by], shift: State.before() }));
  const members = now.keys[0].map((key, at) => {
    const before = earlier.missing || !earlier.keys[0].includes(key) ? null : earlier.value(name, earlier.keys[0].indexOf(key));
    return { key, seen: now.has(at), value: now.value(name, at), all: view.measures.map((one) => now.value(one, at)), before };
  }).filter((member) => member.seen && member.value !== null).sort((one, other) => other.value - one.value || (one.key < other.key ? -1 : 1));
  if (!members.length) return { empty: `Nothing was sold or refunded here in ${State.words()}.` };
  const shown = members.slice(0, view.options.limit || 12);
  const drawn = (value) => (value === null ? null : measure.kind === "money" ? value / 10000 : value);
  const narrow = tools.narrow();
  const labels = shown.map((member) => Format.escaped(Format.cut(member.key, narrow ? 16 : 30)));
  const rows = shown.map((_, at) => at);
  const rowText = shown.map((member) => tools.text(member.value, measure.kind));
  const traces = [{
    type: "bar", orientation: "h", name: measure.label, x: shown.map((member) => drawn(member.value)), y: rows, marker: { color: colors("--bar-strong") },
    customdata: shown.map((member, at) => `${Format.escaped(member.key)}: ${rowText[at]}`), hovertemplate: "%{customdata}<extra></extra>",
  }];
  const legend = [{ label: measure.label, color: "--bar-strong", mark: "bar" }];
  if (!earlier.missing) {
    traces.push({
      type: "scatter", mode: "markers", name: "Same weekdays before", x: shown.map((member) => drawn(member.before)), y: rows,
      marker: { symbol: "line-ns", size: 16, line: { width: 2.5, color: colors("--ink") } },
      customdata: shown.map((member) => tools.text(member.before, measure.kind)), hovertemplate: "Same weekdays before: %{customdata}<extra></extra>",
    });
    legend.push({ label: "Same weekdays before", color: "--ink", mark: "tick" });
  }
  // The figure stands behind bar and mark, whichever is longer.
  traces.push({
    type: "scatter", mode: "text", x: shown.map((member) => Math.max(0, drawn(member.value), earlier.missing ? 0 : drawn(member.before) || 0)), y: rows, hoverinfo: "skip", showlegend: false,
    text: shown.map((member) => "\u2002" + tools.short(member.value, measure.kind)), textposition: "middle right", cliponaxis: false, textfont: { color: colors("--ink") },
  });
  const top = members[0];
  const whole = members.reduce((all, member) => all + Math.max(0, member.value), 0);
  const part = !measure.ratio && whole > 0 ? `, ${Format.share(top.value / whole)} of it` : "";
  const answer = `${top.key} leads with ${Format.said(top.value, measure.kind)}${part}${Format.against(Format.change(top.value, top.before, measure.kind), "the same weekdays before")}`;
  const largest = Math.max(...shown.map((member) => Math.max(drawn(member.value), drawn(member.before) || 0)), 0);
  const least = Math.min(0, ...shown.map((member) => drawn(member.value)));
  const columns = [{ name: "key", label: by[0].toUpperCase() + by.slice(1), kind: "text" }, ...view.measures.map((one) => ({ name: one, label: Measures[one].label, kind: Measures[one].kind })),
    ...(earlier.missing ? [] : [{ name: "before", label: "Same weekdays before", kind: measure.kind }])];
  const data = { key: members.map((member) => member.key), before: tools.cells(members.map((member) => member.before), measure.kind) };
  view.measures.forEach((one, index) => { data[one] = tools.cells(members.map((member) => member.all[index]), Measures[one].kind); });
  return {
    traces, legend, answer, columns, data, height: Math.max(140, 44 + 28 * shown.length),
    said: members.length > shown.length ? `The ${shown.length} largest of ${members.length}; the table holds all.` : "",
    click: view.by === "place" && by !== "store" ? (at) => State.set({ [by]: shown[at].key }) : null,
    layout: {
      hovermode: "closest", xaxis: { showgrid: false, showticklabels: false, range: [least * 1.3, largest * 1.32 || 1], zeroline: true },
      yaxis: { tickvals: rows, ticktext: labels, autorange: "reversed", showgrid: false, zeroline: false, rangemode: "normal", tickformat: "" },
    },
  };
};
