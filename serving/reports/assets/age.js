// How old the data are when the page is read: the one figure that depends on the reader's clock, and says so.
"use strict";

document.querySelectorAll("[data-age]").forEach((place) => {
  const now = new Date();
  const days = Math.floor((Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) - Date.parse(place.dataset.age)) / 86400000);
  if (days < 0) return;
  place.textContent = days === 0 ? "Last day of data: today" : `Last day of data: ${days} ${days === 1 ? "day" : "days"} ago by this device's clock`;
});
