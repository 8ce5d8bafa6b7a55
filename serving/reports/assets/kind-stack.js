// A measure that adds up, over time, by the members of a dimension: the six largest and the rest.
"use strict";

(window.Kinds ||= {}).stack = (view, tools) => {
  const SHOWN = 6;
  const name = view.measures[0];
  const measure = Measures[name];
  const by = view.by === "place" ? Data.nextLevel(State.get()) : view.by;
  const found = Data.query(State.query({ measures: view.measures, by: ["time", by] }));
  if (found.missing) return found;
  const [times, members] = found.keys;
  const totals = members.map((key, at) => ({ key, at, total: times.reduce((sum, _, time) => sum + found.value(name, time, at), 0), seen: times.some((_, time) => found.has(time, at)) }))
    .filter((member) => member.seen).sort((one, other) => other.total - one.total || (one.key < other.key ? -1 : 1));
  if (!totals.length) return { empty: `Nothing was sold or refunded here in ${State.words()}.` };
  const groups = totals.slice(0, SHOWN).map((member) => ({ label: member.key, of: [member.at] }));
  if (totals.length > SHOWN) groups.push({ label: totals.length - SHOWN === 1 ? "1 other" : `${totals.length - SHOWN} others`, of: totals.slice(SHOWN).map((member) => member.at) });
  const x = times.map(Format.iso);
  const series = groups.map((group) => times.map((_, time) => group.of.reduce((sum, at) => sum + found.value(name, time, at), 0)));
  const color = (index) => (index < SHOWN ? `--cat-${index + 1}` : "--bar");
  const traces = groups.map((group, index) => ({
    type: "bar", name: Format.escaped(group.label), x, y: series[index].map((value) => (measure.kind === "money" ? value / 10000 : value)), marker: { color: tools.colors(color(index)) },
    customdata: series[index].map((value) => tools.text(value, measure.kind)), hovertemplate: `${Format.escaped(group.label)}: %{customdata}<extra></extra>`,
  }));
  const whole = totals.reduce((sum, member) => sum + member.total, 0);
  const share = whole > 0 ? `, ${Format.share(totals[0].total / whole)} of ${Format.said(whole, measure.kind)}` : "";
  const columns = [{ name: "time", label: State.grain() === "day" ? "Date" : `From (${State.grain()})`, kind: "date" }, ...totals.map((member, index) => ({ name: `m${index}`, label: member.key, kind: measure.kind }))];
  const data = { time: x };
  totals.forEach((member, index) => { data[`m${index}`] = tools.cells(times.map((_, time) => found.value(name, time, member.at)), measure.kind); });
  return {
    traces, columns, data, legend: groups.map((group, index) => ({ label: group.label, color: color(index), mark: "bar" })),
    answer: `${totals[0].key} is the largest: ${Format.said(totals[0].total, measure.kind)}${share} in ${State.words()}`,
    layout: { ...tools.timeAxis(times, State.grain()), barmode: "relative", bargap: 0.2, yaxis: tools.valueAxis(measure.kind) },
  };
};
