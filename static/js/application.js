/* The page of an application: a chosen file is sent at once. Without this script the button beside the field sends it. */
(function () {
  "use strict";

  /* A file that was refused is chosen again under its name: a field that still held it would tell of no change. */
  document.addEventListener("click", function (event) {
    if (event.target.matches("[data-upload]")) {
      event.target.value = "";
    }
  });

  document.addEventListener("change", function (event) {
    const field = event.target;
    if (field.matches("[data-upload]") && field.files.length) {
      field.form.requestSubmit();
    }
  });
})();
