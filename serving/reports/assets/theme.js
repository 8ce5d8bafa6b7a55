// How every chart looks: colours of the theme, quiet axes, and what the kinds of visuals share.
"use strict";

const Theme = (() => {
  const DAY = 86400000;
  const root = document.documentElement;
  const narrow = window.matchMedia("(max-width: 560px)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  const merged = (base, extra) => {
    const result = { ...base };
    for (const [key, value] of Object.entries(extra || {})) {
      const nested = value && typeof value === "object" && !Array.isArray(value);
      result[key] = nested ? merged(result[key] || {}, value) : value;
    }
    return result;
  };

  const layout = () => {
    const axis = {
      automargin: true, fixedrange: true, zeroline: false, showline: false, ticks: "",
      gridcolor: css("--line"), tickfont: { color: css("--muted"), size: 12 }, ticklabelstandoff: 4,
    };
    return {
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: css("--ink") },
      separators: Format.decimals + Format.thousands, paper_bgcolor: css("--surface"), plot_bgcolor: css("--surface"),
      margin: { l: 8, r: 12, t: 8, b: 8 }, showlegend: false, hovermode: "x unified", dragmode: false,
      bargap: 0.25, bargroupgap: 0.08,
      hoverlabel: { bgcolor: css("--surface"), bordercolor: css("--line"), font: { color: css("--ink"), size: 13 } },
      xaxis: { ...axis, showgrid: false, nticks: narrow.matches ? 4 : 9, tickangle: 0 },
      yaxis: { ...axis, nticks: narrow.matches ? 4 : 5, tickformat: "~s", rangemode: "tozero", zeroline: true, zerolinecolor: css("--line") },
    };
  };

  // Buckets of a grain as they are called; a day axis leaves out what does not fit.
  const timeAxis = (keys, grain) => {
    if (grain === "day" || grain === "week") {
      const few = keys.length <= (narrow.matches ? 4 : 9) ? { tickmode: "array", tickvals: keys.map(Format.iso) } : {};
      const half = (grain === "day" ? DAY : 7 * DAY) / 2;
      return { xaxis: { ...few, type: "date", hoverformat: grain === "day" ? "%a %-d %b %Y" : "week of %-d %b %Y", tickformat: "%-d %b\n%Y", range: [keys[0] * DAY - half, keys[keys.length - 1] * DAY + half] } };
    }
    const labels = keys.map((key) => Format.bucket(key, grain));
    const each = Math.ceil(keys.length / (narrow.matches ? 4 : 9));
    return { xaxis: { type: "category", tickmode: "array", tickvals: keys.map(Format.iso).filter((_, at) => at % each === 0), ticktext: labels.filter((_, at) => at % each === 0) } };
  };
  const valueAxis = (kind) => ({ tickformat: kind === "share" ? ".0%" : "~s" });

  const text = (value, kind) => (value === null || value === undefined ? "" : { money: Format.plainMoney, count: Format.count, share: Format.share }[kind](value));
  const short = (value, kind) => (kind === "money" ? Format.plainMoney(value, Math.abs(value) < 1e7 ? undefined : 0) : text(value, kind));
  const cells = (values, kind) => values.map((value) => (value === null || value === undefined ? null : kind === "money" ? Format.decimal(value) : value));

  return { layout, merged, css, dark, narrow, tools: { colors: css, narrow: () => narrow.matches, timeAxis, valueAxis, text, short, cells } };
})();
