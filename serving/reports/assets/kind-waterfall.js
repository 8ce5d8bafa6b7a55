// From one measure to another by the steps between: bars that start where the last one ended.
"use strict";

(window.Kinds ||= {}).waterfall = (view, tools) => {
  const signs = view.options.signs;
  const end = view.options.end;
  const asked = [...view.measures, end];
  const read = (shift) => Data.query(State.query({ measures: asked, shift }));
  const now = read(0);
  if (now.missing) return now;
  const past = read(State.before());
  let level = 0;
  const steps = view.measures.map((name, index) => {
    const value = now.value(name) * signs[index];
    const from = level;
    level += value;
    return { name, value, from, label: Measures[name].label };
  });
  steps.push({ name: end, value: now.value(end), from: 0, label: Measures[end].label, total: true });
  steps[0].total = true;
  const color = (step) => (step.total ? "--bar-strong" : step.value < 0 ? "--alarm" : "--cat-3");
  const x = steps.map((step) => step.label.replace(/(,?) (?=\w{6})/g, "$1<br>"));
  const start = now.value(view.measures[0]);
  const kept = start > 0 ? `, ${Format.share(now.value(end) / start)} of it` : "";
  const before = past.missing ? null : steps.map((step, index) => past.value(step.name) * (signs[index] || 1));
  return {
    traces: [{
      type: "bar", x, base: steps.map((step) => step.from / 10000), y: steps.map((step) => step.value / 10000), marker: { color: steps.map((step) => tools.colors(color(step))) },
      text: steps.map((step) => tools.short(step.value, "money")), textposition: "outside", cliponaxis: false, hovertemplate: "%{x}: %{text}<extra></extra>",
    }],
    legend: [{ label: "Level", color: "--bar-strong", mark: "bar" }, { label: "Taken off", color: "--alarm", mark: "bar" }, ...(steps.some((step) => !step.total && step.value > 0) ? [{ label: "Added", color: "--cat-3", mark: "bar" }] : [])],
    answer: `${steps[0].label} of ${Format.money(start)} became ${Measures[end].label.toLowerCase()} of ${Format.money(now.value(end))}${kept}, in ${State.words()}`,
    columns: [{ name: "step", label: "Step", kind: "text" }, { name: "value", label: "Amount", kind: "money" }, ...(before ? [{ name: "before", label: "Same weekdays before", kind: "money" }] : [])],
    data: { step: steps.map((step) => step.label), value: tools.cells(steps.map((step) => step.value), "money"), before: before ? tools.cells(before, "money") : [] },
    layout: { hovermode: "closest", xaxis: { type: "category" }, yaxis: { ...tools.valueAxis("money") }, bargap: 0.3 },
  };
};
