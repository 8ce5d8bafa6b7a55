// The filter of the moment: read from the address, written to it, so that a view can be sent.
"use strict";

const State = (() => {
  const PRESETS = [["7", "7 days"], ["30", "30 days"], ["90", "90 days"], ["365", "1 year"], ["month", "This month"], ["before", "Last month"], ["year", "This year"], ["all", "All"]];
  const GRAINS = ["day", "week", "month", "quarter", "year"];
  const listeners = [];
  let state = null;

  const span = (preset) => {
    const { asOf, start } = Data;
    const first = Data.first();
    const month = start(asOf, "month");
    const found = {
      month: [month, asOf], before: [start(month - 1, "month"), month - 1], year: [start(asOf, "year"), asOf], all: [first, asOf],
    }[preset] || [asOf - Number(preset) + 1, asOf];
    return [Math.max(first, found[0]), found[1]];
  };
  // A preset is offered where it shows other days than the ones offered before it.
  const presets = () => PRESETS.filter(([key]) => {
    const days = Data.asOf - Data.first() + 1;
    if (/^\d+$/.test(key)) return Number(key) < days;
    return key !== "before" || Data.start(Data.asOf, "month") > Data.first();
  });
  const opening = () => (presets().some(([key]) => key === "90") ? "90" : "all");
  const fitting = (from, to) => { const days = to - from + 1; return days <= 92 ? "day" : days <= 400 ? "week" : "month"; };

  const known = (values, from) => [...new Set(values)].filter((value) => from.includes(value));
  const read = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const day = (name) => (/^\d{4}-\d{2}-\d{2}$/.test(given.get(name) || "") ? Format.number(given.get(name)) : null);
    let preset = presets().some(([key]) => key === given.get("range")) ? given.get("range") : opening();
    let [from, to] = span(preset);
    const [one, other] = [day("from"), day("to")];
    if (one !== null && other !== null && one <= other) {
      from = Math.max(one, Data.first());
      to = Math.min(other, Data.asOf);
      if (from > to) [from, to] = span(preset); else preset = "";
    }
    const places = Data.places();
    const region = places.some((place) => place.length > 2 && Data.levelOf(place, "region") === given.get("region")) ? given.get("region") : "";
    const city = region && places.some((place) => Data.levelOf(place, "region") === region && place[3] === given.get("city")) ? given.get("city") : "";
    const store = city && places.some((place) => place[3] === city && place[4] === given.get("store")) ? given.get("store") : "";
    return {
      preset, from, to, grain: GRAINS.includes(given.get("grain")) ? given.get("grain") : "",
      categories: known(given.getAll("category"), Data.values("category")),
      segments: known(given.getAll("segment"), Data.values("segment")),
      channels: known(given.getAll("channel"), places.map((place) => place[0])),
      region, city, store,
    };
  };

  const fragment = () => {
    const wanted = new URLSearchParams();
    if (state.preset) wanted.set("range", state.preset);
    else { wanted.set("from", Format.iso(state.from)); wanted.set("to", Format.iso(state.to)); }
    if (state.grain) wanted.set("grain", state.grain);
    state.categories.forEach((value) => wanted.append("category", value));
    state.segments.forEach((value) => wanted.append("segment", value));
    state.channels.forEach((value) => wanted.append("channel", value));
    for (const name of ["region", "city", "store"]) if (state[name]) wanted.set(name, state[name]);
    return "#" + wanted;
  };

  const announce = () => listeners.forEach((listener) => listener(state));
  const set = (changes) => {
    state = { ...state, ...changes };
    if (changes.preset) [state.from, state.to] = span(changes.preset);
    if (state.from > state.to) [state.from, state.to] = [state.to, state.from];
    history.replaceState(null, "", fragment());
    announce();
  };
  const reread = () => { state = read(); announce(); };

  const grain = () => state.grain || fitting(state.from, state.to);
  const query = (more) => ({ from: state.from, to: state.to, grain: grain(), filter: state, ...more });
  const days = () => state.to - state.from + 1;
  const words = () => {
    if (days() === 1) return Format.day(state.to);
    return state.to === Data.asOf && /^\d+$/.test(state.preset) ? `the last ${days()} days` : `${Format.day(state.from)} to ${Format.day(state.to)}`;
  };
  const chosen = () => [...state.categories, ...state.segments, ...state.channels, state.store || state.city || state.region].filter(Boolean);
  // Whole weeks back, so that a Saturday stands beside a Saturday.
  const before = () => Math.ceil(days() / 7) * 7;

  return {
    start: () => { state = read(); window.addEventListener("hashchange", reread); },
    get: () => state, set, fragment, presets, GRAINS, grain, fitting, query, words, chosen, before, yearAgo: 364, days,
    onChange: (listener) => listeners.push(listener),
  };
})();
