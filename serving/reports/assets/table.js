// Figures as text, and tables from the columns of a dataset. Money comes as a decimal string and stays one.
"use strict";

const Table = (() => {
  const NUMBERS = new Set(["money", "count", "share"]);

  const grouped = (text) => Format.signed(text.startsWith("-"), Format.written(text));

  const FORMATS = {
    money: grouped,
    count: (value) => grouped(String(value)),
    share: Format.share,
    date: (value) => value,
    month: (value) => Format.bucket(Format.number(value), "month"),
    flag: (value) => (value ? "final" : "so far"),
    text: (value) => value,
  };

  const format = (value, kind) => (value === null || value === undefined ? "" : FORMATS[kind](value));

  const cell = (tag, text, kind) => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (NUMBERS.has(kind)) element.className = "number";
    return element;
  };

  // Newest first where the first column is a time.
  const build = (columns, dataset, caption) => {
    const table = document.createElement("table");
    table.createCaption().textContent = caption;
    const head = table.createTHead().insertRow();
    for (const column of columns) {
      const title = cell("th", column.label, column.kind);
      title.scope = "col";
      head.append(title);
    }
    const body = table.createTBody();
    const length = dataset[columns[0].name].length;
    const rows = Array.from({ length }, (_, index) => index);
    if (columns[0].kind === "date" || columns[0].kind === "month") rows.reverse();
    for (const row of rows) {
      const line = body.insertRow();
      columns.forEach((column, index) => {
        const element = cell(index ? "td" : "th", format(dataset[column.name][row], column.kind), column.kind);
        if (!index) element.scope = "row";
        line.append(element);
      });
    }
    return table;
  };

  return { build, format };
})();
