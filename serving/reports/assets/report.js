// Draws the charts of a page from its embedded data, in the theme and the range of the moment.
"use strict";

(() => {
  const DAY = 24 * 3600 * 1000;
  const page = JSON.parse(document.getElementById("report-data").textContent);
  const root = document.documentElement;
  const narrow = window.matchMedia("(max-width: 560px)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const radios = [...document.querySelectorAll("input[name=range]")];
  const rangeOf = () => (radios.find((radio) => radio.checked) || { value: "all" }).value;
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  // Plotly reads a small HTML in texts; text of the data is never markup.
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  const firstRow = (chart, length) => {
    const days = chart.ranged ? page.ranges[rangeOf()] : null;
    return days ? Math.max(0, length - days) : 0;
  };

  const reader = (chart) => {
    const dataset = page.datasets[chart.dataset];
    const kinds = Object.fromEntries(chart.columns.map((column) => [column.name, column.kind]));
    const length = Object.values(dataset)[0].length;
    const from = firstRow(chart, length);
    const days = chart.ranged ? page.ranges[rangeOf()] : null;
    const to = chart.limit ? Math.min(length, from + chart.limit) : length;
    const rows = Array.from({ length: to - from }, (_, index) => from + index);
    const number = (value) => (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value);
    const earlier = (row) => (days && row >= days ? row - days : -1);
    const at = (name, row) => (row < 0 ? null : dataset[name][row]);
    const said = (name, row) => escaped(Table.format(at(name, row), kinds[name] || "text"));
    const cut = (text) => (narrow.matches && text.length > 17 ? text.slice(0, 16) + "\u2026" : text.length > 32 ? text.slice(0, 31) + "\u2026" : text);
    return {
      "@": (name) => rows.map((row) => number(at(name, row))),
      "text:": (name) => rows.map((row) => said(name, row)),
      "short:": (name) => rows.map((row) => escaped(cut(Table.format(at(name, row), kinds[name])))),
      "before:": (name) => rows.map((row) => number(at(name, earlier(row)))),
      "textbefore:": (name) => rows.map((row) => said(name, earlier(row))),
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
    if (color) return css(color[1]);
    const found = value.match(/^(@|text:|short:|before:|textbefore:|#row)(\w*)$/);
    return found ? read[found[1]](found[2]) : value;
  };

  const merged = (base, extra) => {
    const result = { ...base };
    for (const [key, value] of Object.entries(extra)) {
      const nested = value && typeof value === "object" && !Array.isArray(value);
      result[key] = nested ? merged(result[key] || {}, value) : value;
    }
    return result;
  };

  const theme = () => {
    const axis = {
      automargin: true, fixedrange: true, zeroline: false, showline: false, ticks: "",
      gridcolor: css("--line"), tickfont: { color: css("--muted"), size: 12 }, ticklabelstandoff: 4,
    };
    return {
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: css("--ink") },
      paper_bgcolor: css("--surface"), plot_bgcolor: css("--surface"),
      margin: { l: 8, r: 12, t: 8, b: 8 }, showlegend: false, hovermode: "x unified", dragmode: false,
      bargap: 0.25, bargroupgap: 0.08,
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line"), font: { color: css("--ink"), size: 13 } },
      xaxis: { ...axis, showgrid: false, nticks: narrow.matches ? 4 : 9, tickangle: 0 },
      yaxis: { ...axis, nticks: narrow.matches ? 4 : 5, tickformat: "~s", rangemode: "tozero", zeroline: true, zerolinecolor: css("--line") },
    };
  };

  const dayAxis = (dates) => {
    const last = Date.parse(dates[dates.length - 1]);
    const each = dates.length <= (narrow.matches ? 4 : 9) ? { tickmode: "array", tickvals: dates } : {};
    return {
      ...each, type: "date", hoverformat: "%a %-d %b %Y", tickformat: "%-d %b\n%Y",
      range: [Math.min(Date.parse(dates[0]), last - 13 * DAY) - DAY / 2, last + DAY / 2],
    };
  };

  const figure = (stem) => {
    const chart = page.charts[stem];
    const read = reader(chart);
    const data = resolved(chart.traces, read);
    const dates = chart.ranged ? { xaxis: dayAxis(data[0].x) } : {};
    if (chart.ranged) data.filter((trace) => trace.type === "bar").forEach((trace) => { trace.width = 0.75 * DAY; });
    return { data, layout: merged(merged(theme(), dates), resolved(chart.layout, read)) };
  };

  const draw = (element) => {
    const stem = element.dataset.chart;
    const chart = page.charts[stem];
    const answer = chart.answers[rangeOf()] || chart.answers.all;
    const { data, layout } = figure(stem);
    const card = element.closest(".card");
    card.querySelector("[data-title]").textContent = answer.title;
    element.setAttribute("aria-label", answer.summary);
    card.querySelectorAll("[data-trace]").forEach((key) => {
      key.hidden = data[Number(key.dataset.trace)].y.every((value) => value === null);
    });
    fill(card.querySelector("details"));
    // A printed page does not resize: its charts get the width of the paper before.
    if (root.hasAttribute("data-paper")) layout.width = element.clientWidth;
    Plotly.react(element, data, layout, { responsive: true, displayModeBar: false });
  };

  const fill = (details) => {
    const place = details.querySelector(".scroll");
    place.replaceChildren();
    if (!details.open) return;
    const chart = page.charts[details.dataset.table];
    const dataset = page.datasets[chart.dataset];
    const from = firstRow(chart, dataset[chart.columns[0].name].length);
    const money = chart.columns.some((column) => column.kind === "money");
    place.append(Table.build(chart.columns, dataset, from, money ? `${chart.question}, amounts in ${page.currency}` : chart.question));
  };

  const plots = [...document.querySelectorAll("[data-chart]")];
  const drawAll = () => plots.forEach(draw);
  // One chart a turn, so that the first ones show, and the page answers, while the rest are drawn.
  const drawInTurn = async () => {
    for (const plot of plots) {
      draw(plot);
      await new Promise((next) => setTimeout(next));
    }
    root.setAttribute("data-drawn", "");
  };

  const choose = () => {
    history.replaceState(null, "", "#range=" + rangeOf());
    const label = radios.find((radio) => radio.checked).parentElement.textContent.trim();
    document.getElementById("range-status").textContent = "Charts by day show: " + label;
    drawAll();
  };

  const save = (stem) => {
    const answer = page.charts[stem].answers[rangeOf()] || page.charts[stem].answers.all;
    root.toggleAttribute("data-paper", true);
    const { data, layout } = figure(stem);
    root.toggleAttribute("data-paper", false);
    const text = `<b>${escaped(answer.title)}</b><br>${page.charts[stem].question}, data up to ${page.asOf}`;
    const title = { text, x: 0, xref: "paper", y: 0.95, yanchor: "top", font: { size: 16 } };
    const legend = { orientation: "h", x: 0, y: 1, yanchor: "bottom" };
    Plotly.downloadImage(
      { data, layout: { ...layout, title, legend, showlegend: true, margin: { l: 24, r: 24, t: 112, b: 24 } } },
      { format: "png", width: 1200, height: 630, scale: 2, filename: `${stem}-${page.asOf}` },
    );
  };

  const wanted = new URLSearchParams(location.hash.slice(1)).get("range");
  const radio = radios.find((item) => item.value === wanted);
  if (radio) radio.checked = true;
  radios.forEach((item) => item.addEventListener("change", choose));
  document.querySelectorAll("details[data-table]").forEach((item) => item.addEventListener("toggle", () => fill(item)));
  document.querySelectorAll("[data-image]").forEach((item) => item.addEventListener("click", () => save(item.dataset.image)));
  dark.addEventListener("change", drawAll);
  narrow.addEventListener("change", drawAll);
  const paper = (on) => {
    root.toggleAttribute("data-paper", on);
    drawAll();
  };
  window.addEventListener("beforeprint", () => paper(true));
  window.addEventListener("afterprint", () => paper(false));
  drawInTurn();
})();
