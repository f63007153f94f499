/* The rule builder: a choice that changes what its row offers presses 按所选更新 by itself. Without scripts the button is pressed by hand. */
(function () {
  "use strict";

  document.addEventListener("change", function (event) {
    const form = event.target.closest("[data-rule-builder]");
    if (form && event.target.closest("[data-refreshes]")) {
      form.querySelector("[data-refresh]").click();
    }
  });
})();
