/* Long select lists become searchable: <select data-search-select>. Load with vendor/tom-select on pages that have one. */
(function () {
  "use strict";

  function enhance(part) {
    for (const select of part.querySelectorAll("select[data-search-select]:not(.tomselected)")) {
      new window.TomSelect(select, {
        maxOptions: null,
        // All options are here, so nothing waits: with the usual 300 ms, Enter right after typing chose from the list as it was before.
        refreshThrottle: 0,
        plugins: select.multiple ? ["remove_button"] : [],
        render: {
          no_results: () => window.office.element("div", { class: "no-results" }, "没有符合的选项"),
        },
      });
      select.setAttribute("aria-hidden", "true"); // its label now speaks for the box that replaced it
    }
  }

  enhance(document);
  document.addEventListener("htmx:afterSwap", function (event) {
    enhance(window.office.arrived(event));
  });
})();
