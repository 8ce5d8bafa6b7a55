// Whether the data of this page are those that were written: their hash, computed here, beside the one recorded.
"use strict";

document.getElementById("verify").addEventListener("click", async () => {
  const said = document.getElementById("verified");
  const text = ["report-data", "report-cubes"].map((id) => document.getElementById(id)?.textContent || "").join("\n");
  if (!window.crypto?.subtle) { said.textContent = "This browser does not hash here; run sha256sum -c SHA256SUMS in the folder."; return; }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  said.textContent = hash === document.getElementById("data-hash").textContent ? "The data are as they were written." : "The data of this page were changed after it was written.";
});
