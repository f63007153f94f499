/* Lists by keyboard: ↓ ↑, j k, Home and End move over the rows' links while the focus stands in the table; Enter is the link's own. */
(function () {
  "use strict";

  const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -Infinity, End: Infinity };

  /* The link that opens a row: marked with data-open, else its first one. */
  function opener(row) {
    return row.querySelector("a[data-open]") || row.querySelector("a[href]");
  }

  document.addEventListener("keydown", function (event) {
    const step = MOVES[event.key];
    const table = event.target.closest("table[data-list]");
    if (!step || !table || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, select, textarea")) {
      return;
    }
    const rows = Array.from(table.tBodies[0].rows).filter(opener);
    const current = rows.indexOf(event.target.closest("tbody tr"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, current + step))];
    if (next) {
      event.preventDefault();
      opener(next).focus();
    }
  });

  document.addEventListener("click", function (event) {
    for (const open of document.querySelectorAll("details.list-display[open]")) {
      if (!open.contains(event.target)) {
        open.open = false;
      }
    }
  });

  document.addEventListener("keydown", function (event) {
    const open = event.key === "Escape" && event.target.closest("details.list-display[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
})();
