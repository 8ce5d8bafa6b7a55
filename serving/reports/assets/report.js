// Draws the page: figures at once, charts when the library that draws is there, what is in sight first; again when
// the filter, the theme or the paper changes.
"use strict";

(() => {
  const { page } = Format;
  const root = document.documentElement;
  const cards = [...document.querySelectorAll(".card[data-visual]")];
  const built = new Map();
  const ON_PAPER = 0.7; // of the height on a screen, so that three charts fit a page
  let turn = 0;
  let plotly = null;
  let ready = false;

  // It takes longer to start than all else together, so it comes after the figures.
  const library = () => new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = document.getElementById("main").dataset.plotly;
    script.onload = () => { ready = true; loaded(); };
    script.onerror = failed;
    document.head.append(script);
  });
  const painted = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)));

  const build = (stem) => {
    const view = page.views[stem];
    return view ? window.Kinds[view.kind](view, Theme.tools) : Rows.build(stem);
  };

  const legendKeys = (keys) => keys.map((key) => {
    const item = document.createElement("li");
    const mark = document.createElement("span");
    mark.className = `mark ${key.mark}`;
    mark.style.setProperty("--mark", `var(${key.color})`);
    item.append(mark, key.label);
    return item;
  });

  const fill = (card) => {
    const details = card.querySelector("details");
    const place = details.querySelector(".scroll");
    place.replaceChildren();
    const found = built.get(card.id);
    if (!details.open || !found || !found.columns) return;
    const money = found.columns.some((column) => column.kind === "money");
    const question = card.querySelector("h3").textContent;
    place.append(Table.build(found.columns, found.data, money ? `${question} Amounts in ${page.currency}.` : question));
  };

  const say = (card) => {
    const found = build(card.id);
    built.set(card.id, found);
    const refused = found.missing ? `Not available under this filter: ${found.missing}.` : found.empty || "";
    card.classList.toggle("refused", Boolean(refused));
    const answer = refused || found.answer;
    card.querySelector("[data-title]").textContent = answer;
    card.querySelector("[data-said]").textContent = found.said || "";
    fill(card);
    const plot = card.querySelector(".plot");
    plot.setAttribute("aria-label", refused || found.summary || `${card.querySelector("h3").textContent} ${answer}. The table behind holds every figure.`);
    if (refused) return;
    if (found.legend) card.querySelector(".legend").replaceChildren(...legendKeys(found.legend));
    plot.dataset.height ||= String(parseInt(plot.style.height, 10));
    const height = found.height || Number(plot.dataset.height);
    plot.style.height = `${Math.round(root.hasAttribute("data-paper") ? height * ON_PAPER : height)}px`;
  };

  const paint = (card) => {
    const plot = card.querySelector(".plot");
    const found = built.get(card.id);
    if (!found.traces) {
      Plotly.purge(plot);
      return;
    }
    const layout = Theme.merged(Theme.layout(), found.layout);
    layout.height = parseInt(plot.style.height, 10);
    // A printed page does not resize: its charts get the width of the paper before.
    if (root.hasAttribute("data-paper")) layout.width = plot.clientWidth;
    Plotly.react(plot, found.traces, layout, { responsive: true, displayModeBar: false });
    plot.removeAllListeners?.("plotly_click");
    if (found.click) plot.on("plotly_click", (event) => found.click(event.points[0].y));
  };

  const inSight = (card) => {
    const box = card.getBoundingClientRect();
    return box.top < window.innerHeight && box.bottom > 0;
  };

  const drawAll = async () => {
    turn += 1;
    const mine = turn;
    root.removeAttribute("data-drawn");
    document.querySelectorAll("[data-totals]").forEach((place) => Totals.show(place));
    const order = [...cards.filter(inSight), ...cards.filter((card) => !inSight(card))];
    order.forEach(say);
    plotly ||= painted().then(library);
    await plotly;
    for (const card of order) {
      if (mine !== turn) return;
      paint(card);
      await new Promise((next) => setTimeout(next));
    }
    if (mine === turn) root.setAttribute("data-drawn", "");
  };
  // A print goes on as soon as this returns, so it waits for nothing.
  const drawAtOnce = () => {
    if (!ready) return;
    turn += 1;
    cards.forEach(say);
    cards.forEach(paint);
    root.setAttribute("data-drawn", "");
  };

  // A chart as it leaves the page: with its question, its answer and what it is of.
  const figure = (card) => {
    root.toggleAttribute("data-paper", true);
    const again = build(card.id);
    const layout = Theme.merged(Theme.layout(), again.layout);
    root.toggleAttribute("data-paper", false);
    const asked = State.get() ? `${State.words()}${State.chosen().length ? ", only " + State.chosen().join(", ") : ""}` : "all days";
    const wrapped = Format.escaped(Format.cut(again.answer || "", 110));
    const text = `<b>${Format.escaped(card.querySelector("h3").textContent)}</b><br>${wrapped}<br>${Format.escaped(asked)}; data up to ${page.asOf}, release ${page.release}`;
    const title = { text, x: 0, xref: "paper", y: 0.96, yanchor: "top", font: { size: 15 } };
    return { data: again.traces, layout: { ...layout, title, legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom" }, showlegend: again.traces.length > 1, margin: { l: 24, r: 24, t: 128, b: 24 } } };
  };
  const drawable = (card) => Boolean(built.get(card.id)?.traces);
  const size = (format) => ({ format, width: 1200, height: 630, scale: format === "png" ? 2 : 1 });
  const save = (card, format) => {
    if (drawable(card)) Plotly.downloadImage(figure(card), { ...size(format), filename: `${card.id}-${page.asOf}` });
  };
  // All of them into the page, for the command that writes them to files.
  const lay = async () => {
    for (const card of cards.filter(drawable)) {
      for (const format of ["png", "svg"]) {
        const image = document.createElement("img");
        image.dataset.file = `${card.id}.${format}`;
        image.src = await Plotly.toImage(figure(card), size(format));
        document.body.append(image);
      }
    }
    root.setAttribute("data-laid", "");
  };

  const paper = (on) => { root.toggleAttribute("data-paper", on); drawAtOnce(); };

  const begin = async () => {
    if (document.getElementById("report-cubes")) await Data.load();
    if (Filters.exists()) {
      State.start();
      Filters.build();
      Filters.show(State.get());
      State.onChange((state) => { Filters.show(state); drawAll(); });
    }
    for (const card of cards) {
      card.querySelector("details").addEventListener("toggle", () => fill(card));
      card.querySelectorAll("[data-image]").forEach((button) => button.addEventListener("click", () => save(card, button.dataset.image)));
    }
    Theme.dark.addEventListener("change", drawAtOnce);
    Theme.narrow.addEventListener("change", drawAtOnce);
    window.addEventListener("beforeprint", () => paper(true));
    window.addEventListener("afterprint", () => paper(false));
    await drawAll();
    if (location.hash === "#images") await lay();
  };
  begin();
})();
