// Filters the archive by the words typed.
"use strict";

(() => {
  const input = document.getElementById("filter");
  if (!input) return;
  const entries = [...document.querySelectorAll("#archive > li")];
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const entry of entries) {
      entry.hidden = !words.every((word) => entry.dataset.text.includes(word));
      count += entry.hidden ? 0 : 1;
    }
    document.getElementById("found").textContent = count === 1 ? "1 report" : count + " reports";
    document.getElementById("none").hidden = count > 0;
    document.getElementById("archive").hidden = count === 0;
  };
  input.addEventListener("input", show);
  input.form.addEventListener("submit", (event) => event.preventDefault());
})();
