/* Forms: one submission at a time, a warning before unsaved work is lost, and focus on what is wrong. The server is the real guard. */
(function () {
  "use strict";

  let leaving = false;
  let sent = null; // the form that is on its way: what stands in it is not lost

  function isWatched(form) {
    return form.method === "post" && !form.hasAttribute("data-unguarded") && !form.hasAttribute("hx-post");
  }

  function isChanged(field) {
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    if (field.tagName === "SELECT") {
      return Array.from(field.options).some((option) => option.selected !== option.defaultSelected) && field.value !== firstChoice(field);
    }
    return "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
  }

  /* What a select shows when no option is marked as selected. */
  function firstChoice(select) {
    const marked = Array.from(select.options).some((option) => option.defaultSelected);
    return marked || select.multiple || !select.options.length ? null : select.options[0].value;
  }

  function isUnsaved(form) {
    if (!isWatched(form)) {
      return Array.from(form.querySelectorAll("[data-kept]")).some((field) => field.value.trim());
    }
    return (
      form.hasAttribute("data-unsaved") ||
      form.querySelector("[data-error-summary]") !== null ||
      Array.from(form.elements).some((field) => field.name && isChanged(field))
    );
  }

  /* Asked wherever words would go that are not being sent. Whoever stays finds the buttons as they were: none of what was sent went out. */
  window.addEventListener("beforeunload", function (event) {
    if (!leaving && Array.from(document.forms).some((form) => form !== sent && isUnsaved(form))) {
      event.preventDefault();
      event.returnValue = "";
      window.setTimeout(() => Array.from(document.forms).forEach(release), 0);
    }
  });

  /* Scripts that leave on purpose say so, or the browser asks. */
  window.office.leave = function () {
    leaving = true;
  };

  /* Before a guarded form is sent, its session must live: else the browser would be led to sign in, and what was typed be gone. */
  async function checkThenSend(form, button) {
    form.dataset.submitted = "yes";
    form.setAttribute("aria-busy", "true");
    let may = false;
    try {
      may = await window.office.session.ensure();
      if (!may) {
        window.office.toast("warning", "没有提交。您填写的内容还在页面上。");
      }
    } catch (error) {
      window.office.toast("error", "网络不通或系统没有回应，内容没有送出，仍在页面上。请稍候重试。");
    }
    form.removeAttribute("aria-busy");
    release(form);
    if (may && !form.isConnected) {
      window.office.toast("warning", "页面刚刚更新，没有提交。请再点一次。");
    } else if (may) {
      form.dataset.checked = "yes";
      form.requestSubmit(button && button.form === form ? button : undefined);
      delete form.dataset.checked;
    }
  }

  /* The buttons go grey after the browser has collected the form's values, so that the pressed one is among them. */
  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) {
      return;
    }
    if (form.dataset.submitted) {
      event.preventDefault();
      return;
    }
    if (form.hasAttribute("hx-post")) {
      return;
    }
    if (window.office.session.isKnown && isWatched(form) && !form.dataset.checked) {
      event.preventDefault();
      checkThenSend(form, event.submitter);
      return;
    }
    form.dataset.submitted = "yes";
    sent = form;
    leaving = form.hasAttribute("data-download"); // a file comes, and the page stands with all that is on it
    window.setTimeout(function () {
      for (const button of form.querySelectorAll("button[type=submit]:enabled")) {
        button.disabled = true;
        button.dataset.greyed = "";
      }
    }, 0);
    if (form.hasAttribute("data-download")) {
      window.setTimeout(function () {
        release(form);
        forget(form);
        form.dispatchEvent(new Event("downloaded", { bubbles: true })); // for what on this page follows from it
      }, 3000);
    }
  });

  /* Buttons that were grey before stay so. */
  function release(form) {
    delete form.dataset.submitted;
    leaving = false;
    sent = form === sent ? null : sent;
    for (const button of form.querySelectorAll("button[data-greyed]")) {
      button.disabled = false;
      delete button.dataset.greyed;
    }
  }

  /* The file came, and the page stands: no password is left for whoever sits down next, and nothing is said any more of an earlier try. */
  function forget(form) {
    for (const field of form.querySelectorAll("input[type=password]")) {
      field.value = "";
    }
    const said = form.querySelectorAll(".field-errors");
    if (said.length) {
      document.querySelector("[data-error-summary]")?.remove();
    }
    said.forEach((each) => each.remove());
    for (const field of form.querySelectorAll(".is-invalid")) {
      field.classList.remove("is-invalid");
      field.removeAttribute("aria-invalid");
    }
  }

  /* The browser's own copy of a page, shown by its back button. */
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      Array.from(document.forms).forEach(release);
    }
  });

  /* data-only-for="name:value|value": a field that is asked for with these choices alone is put away with another, and not sent. */
  function putAway(form) {
    for (const field of form.querySelectorAll("[data-only-for]")) {
      const [name, values] = field.dataset.onlyFor.split(":");
      const chosen = form.querySelector(`input[name="${name}"]:checked`);
      field.disabled = chosen !== null && !values.split("|").includes(chosen.value);
      field.closest(".field").hidden = field.disabled;
    }
  }

  Array.from(document.forms).forEach(putAway);
  document.addEventListener("change", function (event) {
    if (event.target.type === "radio" && event.target.form) {
      putAway(event.target.form);
    }
  });

  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
  }
})();
