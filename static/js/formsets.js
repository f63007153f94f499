/* Sub-tables: rows are added from the template and taken away; Django counts them in TOTAL_FORMS. */
(function () {
  "use strict";

  function counter(table) {
    return table.closest("form").elements[table.dataset.formset + "-TOTAL_FORMS"];
  }

  function limit(table) {
    return Number(table.closest("form").elements[table.dataset.formset + "-MAX_NUM_FORMS"].value);
  }

  function add(table) {
    const total = counter(table);
    const number = Number(total.value);
    if (number >= limit(table)) {
      window.office.toast("warning", "行数已达上限，不能再添加。");
      return;
    }
    const row = table.querySelector("template").content.firstElementChild.cloneNode(true);
    for (const part of [row, ...row.querySelectorAll("*")]) {
      for (const attribute of Array.from(part.attributes)) {
        if (attribute.value.includes("__prefix__")) {
          part.setAttribute(attribute.name, attribute.value.replace(/__prefix__/g, String(number)));
        }
      }
    }
    table.querySelector("tbody").append(row);
    total.value = String(number + 1);
    table.closest("form").setAttribute("data-unsaved", "");
    const first = row.querySelector("input:not([type=hidden]), select, textarea");
    if (first) {
      first.focus();
    }
    window.office.announce("已添加一行");
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-formset-add]");
    if (button) {
      add(button.closest("[data-formset]"));
    }
  });

  /* A row marked for deletion looks struck out; it goes when the form is saved, and can be taken back until then. */
  document.addEventListener("change", function (event) {
    if (event.target.closest(".sub-table-delete")) {
      event.target.closest("tr").classList.toggle("is-deleted", event.target.checked);
    }
  });

  function show(part) {
    for (const button of part.querySelectorAll("[data-formset-add]")) {
      button.hidden = false;
    }
  }

  show(document);
  document.addEventListener("htmx:afterSwap", function (event) {
    show(window.office.arrived(event));
  });
})();
