/* The demo's sign-in page: a click on an account fills the form. */
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    const account = event.target.closest("[data-username]");
    if (account) {
      document.getElementById("id_username").value = account.dataset.username;
      document.getElementById("id_password").value = account.dataset.password;
      document.querySelector("form button[type=submit]").focus();
    }
  });
})();
