/* 常用意见: under each field for an opinion or reason a button that fetches one's own phrases; one click puts the words in. */
(function () {
  "use strict";

  const address = document.body.dataset.phrases;

  /* Where the cursor stands, as far as the field is long; said as typing, so that what watches the field sees it. */
  function insert(field, text) {
    const most = field.maxLength > 0 ? field.maxLength : Infinity;
    const room = most - (field.value.length - (field.selectionEnd - field.selectionStart));
    if (text.length > room) {
      window.office.toast("warning", "这里最多写" + most + "个字，放不下这条常用意见。");
      return;
    }
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }

  /* While the phrases are on their way another click asks for nothing. */
  async function open(button, field) {
    if (button.getAttribute("aria-busy") === "true") {
      return;
    }
    const shown = button.nextElementSibling;
    if (shown && shown.matches(".phrase-choices")) {
      shown.remove();
      button.setAttribute("aria-expanded", "false");
      return;
    }
    let choices = null;
    button.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      const text = answer.ok ? await answer.text() : "";
      choices = new DOMParser().parseFromString(text, "text/html").querySelector(".phrase-choices");
    } catch (failure) {
      choices = null;
    } finally {
      button.removeAttribute("aria-busy");
    }
    if (!choices) {
      window.office.toast("warning", "没有取到常用意见，请稍后再试，或直接填写。");
      return;
    }
    button.after(choices);
    button.setAttribute("aria-expanded", "true");
    choices.addEventListener("click", function (event) {
      if (event.target.matches("[data-phrase]")) {
        insert(field, event.target.textContent);
      }
    });
  }

  function offer(part) {
    for (const field of part.querySelectorAll("textarea[data-phrases]")) {
      if (field.dataset.phrases) {
        continue;
      }
      field.dataset.phrases = "offered";
      const button = window.office.element("button", { class: "btn btn-link btn-sm phrase-open", type: "button", "aria-expanded": "false" }, "常用意见");
      button.addEventListener("click", function (event) {
        if (event.detail < 2) { // the second click of a double one is none
          open(button, field);
        }
      });
      field.after(button);
    }
  }

  if (address) {
    offer(document);
    document.addEventListener("htmx:afterSwap", function (event) {
      offer(window.office.arrived(event));
    });
  }
})();
