/* The frame's own behaviour: menu, messages, questions before an act, printing. Every page also works without it. */
(function () {
  "use strict";

  const root = document.documentElement;
  root.classList.add("has-scripts");

  const ICONS = { success: "check-circle-fill", info: "info-circle-fill", warning: "exclamation-triangle-fill", error: "x-circle-fill" };

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  /* Read out by screen readers, shown to nobody else. Emptied first, so that the same sentence is read twice. */
  function announce(text) {
    const region = document.getElementById("announcements");
    region.textContent = "";
    window.setTimeout(function () {
      region.textContent = text;
    }, 50);
  }

  /* A message over the page's foot; errors stay until closed. `link` is an optional {href, text}. */
  function toast(level, text, link) {
    const words = element("div", { class: "message-text" }, text);
    if (link) {
      words.append(" ", element("a", { href: link.href }, link.text));
    }
    const shown = element(
      "div",
      { class: "message message-" + level },
      element("i", { class: "bi bi-" + ICONS[level], "aria-hidden": "true" }),
      words,
      element("button", { class: "btn-close", type: "button", "data-dismiss": "", "aria-label": "关闭这条消息" })
    );
    document.getElementById("toasts").append(shown);
    if (level === "success" || level === "info") {
      window.setTimeout(function () {
        shown.remove();
      }, 8000);
    }
  }

  /* A question with 确定 and 取消; `proceed` runs on 确定. Focus goes back to where it was. */
  function ask(question, proceed) {
    const before = document.activeElement;
    const yes = element("button", { class: "btn btn-primary", type: "button" }, "确定");
    const no = element("button", { class: "btn btn-outline-secondary", type: "button" }, "取消");
    const text = element("p", { id: "question-text" }, question);
    const dialog = element("dialog", { class: "question", "aria-labelledby": "question-text" }, text, element("div", { class: "question-buttons" }, no, yes));
    document.body.append(dialog);
    yes.addEventListener("click", function () {
      dialog.close("yes");
    });
    no.addEventListener("click", function () {
      dialog.close("");
    });
    dialog.addEventListener("close", function () {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      if (before && before.isConnected) {
        before.focus();
      }
      if (agreed) {
        proceed();
      }
    });
    dialog.showModal();
    no.focus();
  }

  /* What htmx has brought in. A swap of a whole element leaves the target behind: what came in is what htmx:afterSwap happens to. */
  function arrived(event) {
    return event.detail.target.isConnected ? event.detail.target : event.target;
  }

  window.office = { announce, arrived, ask, element, toast };

  /* ── menu on a phone ── */

  const menu = document.getElementById("navigation");

  /* The list rolls by itself beside the page: it opens where one is. */
  const entries = menu && menu.querySelector(".navigation-list");
  const here = entries && entries.querySelector("[aria-current='page']");
  if (here) {
    entries.scrollTop = here.offsetTop - entries.clientHeight / 2;
  }
  const opener = document.querySelector("[data-menu]");

  function setMenu(isOpen) {
    menu.classList.toggle("is-open", isOpen);
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) {
      menu.querySelector("a").focus();
    } else if (menu.contains(document.activeElement)) {
      opener.focus();
    }
  }

  if (menu && opener) {
    opener.setAttribute("role", "button");
    opener.setAttribute("aria-expanded", "false");
    document.addEventListener("click", function (event) {
      if (event.target.closest("[data-menu]")) {
        event.preventDefault();
        setMenu(true);
      } else if (menu.classList.contains("is-open") && (event.target.closest("[data-menu-close]") || !menu.contains(event.target))) {
        event.preventDefault();
        setMenu(false);
      }
    });
    menu.addEventListener("focusout", function (event) {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) {
        setMenu(false);
      }
    });
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") {
      return;
    }
    if (menu && opener && menu.classList.contains("is-open")) {
      setMenu(false);
    }
    for (const open of document.querySelectorAll("details.post-switch[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  document.addEventListener("click", function (event) {
    for (const open of document.querySelectorAll("details.post-switch[open]")) {
      if (!open.contains(event.target)) {
        open.open = false;
      }
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) {
      dismiss.closest(".message").remove();
    }
    if (event.target.closest("[data-print]")) {
      window.print();
    }
  });

  /* ── questions before an act: data-confirm on a button, a link or a form ── */

  document.addEventListener(
    "click",
    function (event) {
      const asked = event.target.closest("button[data-confirm], a[data-confirm]");
      if (!asked || asked.dataset.confirmed) {
        return;
      }
      if (asked.form && !asked.formNoValidate && !asked.form.reportValidity()) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(asked.dataset.confirm, function () {
        asked.dataset.confirmed = "yes";
        asked.click();
        delete asked.dataset.confirmed;
      });
    },
    true
  );
})();
