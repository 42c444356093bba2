// Sorting and copying. The page says everything without it.
"use strict";
(() => {
  // "1,234", "<0.1%", "1.5 MB" and "2026-11-21" sort as what they mean; anything else as text.
  const units = { kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
  const valueOf = (cell) => {
    const text = cell.textContent.trim();
    if (cell.classList.contains("day")) return text;
    const match = /^([<>]?)([\d,]+(?:\.\d+)?)(?:%| (bytes?|kB|MB|GB|TB))?$/.exec(text);
    if (!match) return text;
    const nudge = match[1] === "<" ? -0.05 : match[1] === ">" ? 0.05 : 0;
    return (parseFloat(match[2].replace(/,/g, "")) + nudge) * (units[match[3]] || 1);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });

  const sortBy = (table, head, index) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [valueOf(row.cells[index]), row]);
    rows.sort((a, b) => (down ? -1 : 1) * compare(a[0], b[0]));
    body.append(...rows.map((pair) => pair[1]));
  };
  for (const table of document.querySelectorAll(".scroll table")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((head, index) => {
      if (head.classList.contains("chart")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sortBy(table, head, index));
      head.append(button);
    });
  }

  const copyButton = (text, what) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + what);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not allowed";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  };
  if (navigator.clipboard) {
    for (const code of document.querySelectorAll("code[data-copy]")) code.after(copyButton(code.dataset.copy, "the whole hash"));
    const job = document.getElementById("job-text");
    if (job) job.before(copyButton(job.textContent, "the job file"));
  }
})();
