/* Lists by keyboard: ↓ ↑, j k, Home and End move over the rows' links while the focus stands in the table; Enter is the link's own.
   j and k also enter the table from the page, x ticks the row, / goes to the filter. Whoever types, or answers a question, is left alone. */
(function () {
  "use strict";

  const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -Infinity, End: Infinity };

  /* The link that opens a row: marked with data-open, else its first one. */
  function opener(row) {
    return row.querySelector("a[data-open]") || row.querySelector("a[href]");
  }

  const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";

  /* What is typed into a field, held with another key, or pressed over an open dialog, is not ours. */
  function isOthers(event) {
    return event.ctrlKey || event.altKey || event.metaKey || event.target.matches(TYPING) || Boolean(document.querySelector("dialog[open]"));
  }

  document.addEventListener("keydown", function (event) {
    const box = event.key === "x" && !isOthers(event) && event.target.closest("table[data-list] tbody tr")?.querySelector(".row-tick");
    if (box) {
      event.preventDefault();
      box.click();
    }
  });

  document.addEventListener("keydown", function (event) {
    const field = event.key === "/" && !isOthers(event) && document.querySelector(".filter-bar input:not([type=hidden]), .filter-bar select");
    if (field && document.querySelector("table[data-list]")) {
      event.preventDefault();
      field.focus();
    }
  });

  document.addEventListener("keydown", function (event) {
    const table = document.querySelector("table[data-list]");
    if ((event.key !== "j" && event.key !== "k") || isOthers(event) || !table || event.target.closest("table[data-list]")) {
      return;
    }
    const rows = Array.from(table.tBodies[0].rows).filter(opener);
    const row = event.key === "j" ? rows[0] : rows[rows.length - 1];
    if (row) {
      event.preventDefault();
      event.stopImmediatePropagation();
      opener(row).focus();
    }
  });

  document.addEventListener("keydown", function (event) {
    const step = MOVES[event.key];
    const table = event.target.closest("table[data-list]");
    if (!step || !table || isOthers(event)) {
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

  /* 全选本页: ticks every box of that name which belongs to the same form. Without scripts its label stays hidden. */
  function showTickAll(part) {
    for (const box of part.querySelectorAll("[data-tick-all]")) {
      box.closest("label").hidden = false;
    }
  }

  showTickAll(document);
  document.addEventListener("htmx:afterSwap", function (event) {
    showTickAll(window.office.arrived(event));
  });

  document.addEventListener("change", function (event) {
    const all = event.target.closest("[data-tick-all]");
    if (!all) {
      return;
    }
    for (const box of all.form.elements) {
      if (box.type === "checkbox" && box.name === all.dataset.tickAll) {
        box.checked = all.checked;
      }
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
