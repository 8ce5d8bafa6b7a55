// Sums of the page's cubes under a filter. Figures are whole numbers; what cannot be summed exactly is not answered.
"use strict";

const Data = (() => {
  const { page } = Format;
  const TYPES = { B: Uint8Array, H: Uint16Array, i: Int32Array, d: Float64Array };
  const LEVELS = ["channel", "country", "region", "city", "store"];
  const asOf = Format.number(page.asOf);
  const cubes = [];

  const load = async () => {
    const text = atob(document.getElementById("report-cubes").textContent);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const whole = await new Response(stream).arrayBuffer();
    for (const cube of page.cubes || []) {
      const column = (one) => new TYPES[one.type](whole, one.at, cube.rows);
      cubes.push({
        ...cube, since: Format.number(cube.since),
        columns: Object.fromEntries(Object.entries(cube.columns).map(([name, one]) => [name, column(one)])),
        measures: Object.fromEntries(Object.entries(cube.measures).map(([name, one]) => [name, { times: one.times, values: column(one) }])),
      });
    }
    cubes.sort((one, other) => one.rows - other.rows);
  };

  const first = () => Math.min(...cubes.map((cube) => cube.since), asOf);

  // A region is named with its country, so that two of one name stay two.
  const levelOf = (place, level) => {
    if (level === "region") return place[1] + " / " + place[2];
    return place[LEVELS.indexOf(level)];
  };
  const nextLevel = (filter) => (filter.city ? "store" : filter.region ? "city" : "region");

  const start = (day, grain) => {
    if (grain === "day") return day;
    if (grain === "week") return day - ((day + 3) % 7);
    const date = new Date(day * 86400000);
    const month = grain === "month" ? date.getUTCMonth() : grain === "quarter" ? Math.floor(date.getUTCMonth() / 3) * 3 : 0;
    return Math.round(Date.UTC(date.getUTCFullYear(), month, 1) / 86400000);
  };

  const needs = (query) => {
    const { filter } = query;
    const axes = query.by || [];
    const places = [filter.channels.length || axes.includes("channel") ? "channel" : "", filter.region || axes.includes("region") ? "region" : "",
      filter.city || axes.includes("city") ? "city" : "", filter.store || axes.includes("store") ? "store" : ""].filter(Boolean);
    return {
      depth: Math.max(0, ...places.map((name) => LEVELS.indexOf(name) + 1)),
      category: filter.categories.length > 0 || axes.includes("category"),
      segment: filter.segments.length > 0 || axes.includes("segment"),
      one: filter.categories.length === 1 || axes.includes("category"),
    };
  };

  const monthly = (query) => {
    const opens = start(query.from, "month") === query.from || query.from <= first();
    const closes = query.to >= asOf || start(query.to + 1, "month") === query.to + 1;
    const by = query.by || [];
    return opens && closes && !query.shift && !by.includes("weekday")
      && (!by.includes("time") || ["month", "quarter", "year"].includes(query.grain));
  };

  // The smallest cube that holds what is asked for, or why none does.
  const choose = (query) => {
    const need = needs(query);
    const asked = query.measures.map((name) => Measures[name]);
    if (need.category && asked.some((measure) => measure.whole)) return { missing: "an average order is of whole orders, not of a category's part" };
    if (need.category && !need.one && asked.some((measure) => measure.counts)) return { missing: "an order with several of these categories would count more than once" };
    const parts = [...new Set(asked.flatMap((measure) => measure.parts))];
    const counted = asked.some((measure) => measure.counts);
    const fits = (cube) => cube.depth >= need.depth
      && (!need.category || cube.columns.category) && (!need.segment || cube.columns.segment)
      && (!(counted && cube.columns.category) || need.one)
      && parts.every((name) => cube.measures[name]);
    const fitting = cubes.filter(fits);
    if (!fitting.length) return { missing: "it is known for the whole shop only, not by what is chosen" };
    const reaching = fitting.find((cube) => cube.since <= Math.max(query.from - (query.shift || 0), first())
      && (cube.grain === "day" || monthly(query)));
    if (reaching) return { cube: reaching, parts };
    const earliest = Math.min(...fitting.filter((cube) => cube.grain === "day").map((cube) => cube.since));
    return { missing: Number.isFinite(earliest) ? `in this combination the page holds days from ${Format.day(earliest)} on` : "in this combination the page holds whole months" };
  };

  const positions = (labels) => {
    const found = new Map();
    labels.forEach((label) => { if (!found.has(label)) found.set(label, found.size); });
    return { keys: [...found.keys()], at: Int32Array.from(labels, (label) => found.get(label)) };
  };

  const axis = (name, cube, query, shift) => {
    if (name === "time" || name === "weekday") {
      const low = Math.min(query.from, start(query.from, "month"));
      const days = Array.from({ length: query.to - low + 1 }, (_, at) => low + at);
      const labels = name === "weekday" ? days.map((day) => (day + 3) % 7) : days.map((day) => start(day, query.grain));
      const inside = name === "weekday" ? null : start(query.from, query.grain);
      const found = positions(name === "weekday" ? [0, 1, 2, 3, 4, 5, 6] : labels.filter((day) => day >= inside));
      const index = new Map(found.keys.map((key, at) => [key, at]));
      const at = Int32Array.from(labels, (label) => (index.has(label) ? index.get(label) : 0));
      const offset = cube.since + shift - low;
      return { keys: found.keys, of: (row) => at[Math.max(0, cube.columns.date[row] + offset)] };
    }
    if (name === "category" || name === "segment") {
      const column = cube.columns[name];
      return { keys: page[name], of: (row) => column[row] };
    }
    const column = cube.columns.place;
    const { keys, at } = positions(page.places.map((place) => levelOf(place, name)));
    return { keys, of: (row) => at[column[row]] };
  };

  const masks = (cube, filter) => {
    const found = [];
    const { channels, region, city, store } = filter;
    if (channels.length || region || city || store) {
      const right = page.places.map((place) => (!channels.length || channels.includes(place[0])) && (!region || levelOf(place, "region") === region)
        && (!city || place[3] === city) && (!store || place[4] === store));
      found.push([cube.columns.place, Uint8Array.from(right)]);
    }
    if (filter.categories.length) found.push([cube.columns.category, Uint8Array.from(page.category, (name) => filter.categories.includes(name))]);
    if (filter.segments.length) found.push([cube.columns.segment, Uint8Array.from(page.segment, (name) => filter.segments.includes(name))]);
    return found;
  };

  const reach = (cube, from, to) => {
    const seek = (day) => {
      let [low, high] = [0, cube.rows];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cube.columns.date[middle] + cube.since < day) low = middle + 1; else high = middle;
      }
      return low;
    };
    return [seek(cube.grain === "month" ? start(from, "month") : from), seek(to + 1)];
  };

  // {from, to, grain, filter, by, measures, shift}: days as numbers, both ends in. Answers {missing}, or {keys, part}:
  // the keys of each axis and a function from positions on the axes to the sums by name. A shift reads as many days
  // earlier and files them under the days asked for.
  const query = (asked) => {
    const shift = asked.shift || 0;
    const chosen = choose(asked);
    if (chosen.missing) return chosen;
    if (shift && asked.from - shift < first()) return { missing: "the data do not reach back so far" };
    const { cube, parts } = chosen;
    const axes = (asked.by || []).map((name) => axis(name, cube, asked, shift));
    const size = axes.reduce((all, one) => all * one.keys.length, 1);
    const [low, high] = reach(cube, asked.from - shift, asked.to - shift);
    const filters = masks(cube, asked.filter);
    const rows = new Int32Array(high - low);
    const cells = new Int32Array(high - low);
    let kept = 0;
    for (let row = low; row < high; row += 1) {
      if (!filters.every(([column, mask]) => mask[column[row]])) continue;
      rows[kept] = row;
      cells[kept] = axes.length === 0 ? 0 : axes.length === 1 ? axes[0].of(row) : axes[0].of(row) * axes[1].keys.length + axes[1].of(row);
      kept += 1;
    }
    const seen = new Uint8Array(size);
    for (let at = 0; at < kept; at += 1) seen[cells[at]] = 1;
    const sums = Object.fromEntries(parts.map((name) => {
      const { times, values } = cube.measures[name];
      const into = new Float64Array(size);
      for (let at = 0; at < kept; at += 1) into[cells[at]] += values[rows[at]];
      for (let at = 0; at < size; at += 1) into[at] *= times;
      return [name, into];
    }));
    const cellOf = (one = 0, other = 0) => (axes.length < 2 ? one : one * axes[1].keys.length + other);
    const value = (measure, one, other) => {
      const cell = cellOf(one, other);
      return Measures[measure].of(Object.fromEntries(parts.map((name) => [name, sums[name][cell]])));
    };
    return { keys: axes.map((one) => one.keys), value, has: (one, other) => seen[cellOf(one, other)] === 1, cube: cube.name };
  };

  return { load, query, first, asOf, start, nextLevel, levelOf, places: () => page.places || [], values: (name) => page[name] || [] };
})();
