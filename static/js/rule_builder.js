/* The rule builder: a choice that changes what its row offers presses 按所选更新 by itself. Without scripts the button is pressed by hand. */
(function () {
  "use strict";

  /* data-refreshes="choice": only to this choice or away from it, or what is being typed beside it would be lost on the way. */
  function changesRow(select) {
    const only = select.dataset.refreshes;
    const shown = select.querySelector("option[selected]");
    return !only || select.value === only || (shown !== null && shown.value === only);
  }

  document.addEventListener("change", function (event) {
    const form = event.target.closest("[data-rule-builder]");
    const asked = event.target.closest("[data-refreshes]");
    if (form && asked && changesRow(asked)) {
      form.querySelector("[data-refresh]").click();
    }
  });
})();
