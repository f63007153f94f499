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

  /* A button over the rows without a tick among them: said here, so that nothing beside it is lost on the way. */
  document.addEventListener(
    "submit",
    function (event) {
      const all = event.target.querySelector("[data-tick-all]");
      const name = all ? all.dataset.tickAll : event.target.dataset.ticks;
      const boxes = name ? Array.from(event.target.elements).filter((box) => box.type === "checkbox" && box.name === name) : [];
      if (name && !boxes.some((box) => box.checked)) {
        event.preventDefault();
        event.stopPropagation();
        window.office.toast("warning", "还没有勾选，没有提交。请先在列表中勾选要办理的，再按这个按钮。");
      }
    },
    true
  );

  /* Enter in a field over the rows would press the first button, whatever that is for: it goes on to the button beside the field. */
  document.addEventListener("keydown", function (event) {
    const field = event.target;
    if (event.key === "Enter" && !event.isComposing && field.matches(".bulk-bar input:not([type=checkbox])")) {
      event.preventDefault();
      const after = Array.from(field.form.elements).slice(Array.from(field.form.elements).indexOf(field) + 1);
      after.find((other) => other.type === "submit" && !other.disabled)?.focus();
    }
  });

  /* Words typed over the rows (data-kept) stand there again when the rows have been renewed. */
  const typed = {};

  document.addEventListener("htmx:beforeSwap", function () {
    for (const field of document.querySelectorAll("[data-kept]")) {
      typed[field.id] = field.value;
    }
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    for (const field of window.office.arrived(event).querySelectorAll("[data-kept]")) {
      field.value = field.value || typed[field.id] || "";
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
