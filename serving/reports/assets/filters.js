// The bar that holds the filter: dates, grain, slicers, and the way down from region to store.
"use strict";

const Filters = (() => {
  const bar = document.getElementById("filters");
  const make = (tag, more = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(more)) {
      if (name in element && name !== "list") element[name] = value; else element.setAttribute(name, value);
    }
    element.append(...inside);
    return element;
  };
  const group = (name, ...inside) => make("div", { className: "control", role: "group", ariaLabel: name }, make("span", { className: "label", ariaHidden: "true" }, name), ...inside);

  const presetButtons = () => State.presets().map(([key, label]) => {
    const button = make("button", { type: "button", className: "chip", textContent: label });
    button.dataset.preset = key;
    button.addEventListener("click", () => State.set({ preset: key }));
    return button;
  });

  const dateInput = (name, label) => {
    const input = make("input", { type: "date", id: `filter-${name}`, min: Format.iso(Data.first()), max: Format.page.asOf, required: true });
    input.addEventListener("change", () => {
      if (input.validity.valid) State.set({ preset: "", [name]: Format.number(input.value) });
    });
    return make("label", { className: "date" }, make("span", { textContent: label }), input);
  };

  const grainSelect = () => {
    const select = make("select", { id: "filter-grain" });
    select.append(make("option", { value: "", textContent: "auto" }), ...State.GRAINS.map((grain) => make("option", { value: grain, textContent: grain })));
    select.addEventListener("change", () => State.set({ grain: select.value }));
    return make("label", { className: "date" }, make("span", { textContent: "by" }), select);
  };

  const slicer = (name, label, values) => {
    if (values.length < 2) return [];
    const summary = make("summary", {}, label);
    const details = make("details", { className: "slicer" }, summary);
    details.dataset.slicer = name;
    const list = make("div", { className: "options", role: "group", ariaLabel: label });
    const clear = make("button", { type: "button", textContent: "All" });
    clear.addEventListener("click", () => State.set({ [name]: [] }));
    list.append(clear, ...[...values].sort().map((value) => {
      const box = make("input", { type: "checkbox", value });
      box.addEventListener("change", () => {
        const now = State.get()[name];
        State.set({ [name]: box.checked ? [...now, value] : now.filter((one) => one !== value) });
      });
      return make("label", {}, box, make("span", { textContent: value }));
    }));
    details.append(list);
    details.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { details.open = false; summary.focus(); }
    });
    return [details];
  };

  const build = () => {
    const has = (column) => (Format.page.cubes || []).some((cube) => cube.columns[column]);
    const channels = [...new Set(Data.places().map((place) => place[0]))];
    const more = [
      ...(has("category") ? slicer("categories", "Category", Data.values("category")) : []),
      ...(has("segment") ? slicer("segments", "Segment", Data.values("segment")) : []),
      ...(has("place") ? slicer("channels", "Channel", channels) : []),
    ];
    bar.replaceChildren(
      group("Dates", make("div", { className: "chips" }, ...presetButtons())),
      group("Days", dateInput("from", "from"), dateInput("to", "to"), grainSelect()),
      ...(more.length ? [group("Only", ...more)] : []),
      ...(has("place") ? [make("nav", { id: "drill", className: "control", ariaLabel: "Place" })] : []),
    );
    const reset = make("button", { type: "button", id: "filter-reset", textContent: "Clear all filters" });
    reset.addEventListener("click", () => State.set({ preset: State.presets().some(([key]) => key === "90") ? "90" : "all", grain: "", categories: [], segments: [], channels: [], region: "", city: "", store: "" }));
    bar.append(reset);
    document.addEventListener("click", (event) => bar.querySelectorAll("details[open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; }));
  };

  const under = (state, level) => [...new Set(Data.places()
    .filter((place) => place.length === 5 && (!state.region || Data.levelOf(place, "region") === state.region) && (!state.city || place[3] === state.city))
    .map((place) => Data.levelOf(place, level)))].sort();

  const drill = (state) => {
    const place = document.getElementById("drill");
    if (!place) return;
    const steps = [["All regions", { region: "", city: "", store: "" }]];
    if (state.region) steps.push([state.region, { city: "", store: "" }]);
    if (state.city) steps.push([state.city, { store: "" }]);
    if (state.store) steps.push([state.store, {}]);
    const trail = make("ol", { className: "trail" }, ...steps.map(([label, to], index) => {
      if (index === steps.length - 1) return make("li", {}, make("span", { ariaCurrent: "true", textContent: label }));
      const back = make("button", { type: "button", textContent: label });
      back.addEventListener("click", () => State.set(to));
      return make("li", {}, back);
    }));
    const level = state.store ? null : Data.nextLevel(state);
    place.replaceChildren(make("span", { className: "label", textContent: "Place" }), trail);
    if (!level) return;
    const select = make("select", { ariaLabel: `Go down to a ${level}` });
    select.dataset.drill = level;
    select.append(make("option", { value: "", textContent: `${level}\u2026` }), ...under(state, level).map((name) => make("option", { value: name, textContent: name })));
    select.addEventListener("change", () => State.set({ [level]: select.value }));
    place.append(select);
  };

  const show = (state) => {
    bar.querySelectorAll("[data-preset]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.preset === state.preset)));
    document.getElementById("filter-from").value = Format.iso(state.from);
    document.getElementById("filter-to").value = Format.iso(state.to);
    const grain = document.getElementById("filter-grain");
    grain.value = state.grain;
    grain.options[0].textContent = `auto (${State.fitting(state.from, state.to)})`;
    bar.querySelectorAll("[data-slicer]").forEach((details) => {
      const chosen = state[details.dataset.slicer];
      details.querySelectorAll("input").forEach((box) => { box.checked = chosen.includes(box.value); });
      const label = details.querySelector("[role=group]").ariaLabel;
      details.querySelector("summary").textContent = chosen.length ? `${label}: ${chosen.length === 1 ? chosen[0] : chosen.length}` : `${label}: all`;
    });
    drill(state);
    const only = State.chosen();
    document.getElementById("filter-said").textContent = `Showing ${State.words()}${only.length ? ", only " + only.join(", ") : ""}, by ${State.grain()}.`;
    document.querySelectorAll("[data-page-link]").forEach((link) => { link.href = link.dataset.pageLink + State.fragment(); });
  };

  return { exists: () => bar !== null, build, show };
})();
