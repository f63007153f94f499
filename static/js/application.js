/* The page of an application: a chosen file is sent at once. Without this script the button beside the field sends it. */
(function () {
  "use strict";

  document.addEventListener("change", function (event) {
    const field = event.target;
    if (field.matches("[data-upload]") && field.files.length) {
      field.form.requestSubmit();
    }
  });
})();
