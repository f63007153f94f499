/* The workbench: its numbers are asked for again without touching the list; the buttons over the rows know what is ticked; a date says why. */
(function () {
  "use strict";

  const EVERY = 45000;
  const board = document.querySelector("[data-workbench]");
  let looked = Date.now();
  let isOver = false;

  function rows() {
    return document.getElementById("rows");
  }

  /* The bell and the badge of the jobs stand in the header; they come and go with their number. */
  function showBell(count) {
    const bell = document.querySelector("[data-bell]");
    if (!bell) {
      return;
    }
    let badge = bell.querySelector(".count-badge");
    if (!count) {
      badge?.remove();
      return;
    }
    if (!badge) {
      badge = window.office.element("span", { class: "count-badge" });
      bell.append(badge);
    }
    badge.textContent = count;
    badge.setAttribute("aria-label", count + "条未读");
  }

  /* Told once for each number, by a line that the reader follows when it suits: rows never move by themselves. */
  function tellNews(count) {
    const place = board.querySelector("[data-news]");
    if (count === "0" || place.dataset.told === count) {
      return;
    }
    place.dataset.told = count;
    const here = window.location.pathname + window.location.search;
    const link = window.office.element("a", { class: "btn btn-outline-primary btn-sm", href: here }, "有" + count + "件新事项，点此刷新");
    place.replaceChildren(link);
  }

  function show(counts) {
    for (const place of board.querySelectorAll("[data-count]")) {
      const count = counts[place.dataset.count];
      if (count !== undefined && place.textContent !== count) {
        place.textContent = count;
      }
    }
    showBell(counts.unread_notices);
    tellNews(counts.fresh);
  }

  /* Whoever is no longer signed in is told with his next step; asking stops. */
  function look() {
    if (isOver || document.hidden) {
      return;
    }
    looked = Date.now();
    const since = rows() ? rows().dataset.since : "";
    fetch(board.dataset.workbench + "?since=" + encodeURIComponent(since), { headers: { Accept: "application/json" }, redirect: "manual" })
      .then(function (answer) {
        isOver = answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
        return answer.ok ? answer.json() : null;
      })
      .then(function (counts) {
        if (counts) {
          show(counts);
        }
      })
      .catch(function () {
        /* the network comes back, or the next step says that it has not */
      });
  }

  window.setInterval(look, EVERY);
  document.addEventListener("visibilitychange", function () {
    if (!document.hidden && Date.now() - looked >= EVERY) {
      look();
    }
  });
  board.addEventListener("workbench:look", look);

  /* A button says for how many of the ticked rows it is meant; without any tick it is as the server sent it. */
  function weigh() {
    const form = document.getElementById("together");
    if (!form) {
      return;
    }
    const ticked = Array.from(form.elements).filter((box) => box.name === "duties" && box.checked);
    for (const button of form.querySelectorAll("[data-for]")) {
      const fitting = ticked.filter((box) => box.dataset.verbs.split(" ").includes(button.dataset.for));
      button.dataset.label = button.dataset.label || button.textContent;
      button.textContent = ticked.length ? button.dataset.label + "（" + fitting.length + "）" : button.dataset.label;
      button.disabled = ticked.length > 0 && fitting.length === 0;
    }
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches("[name=duties], [data-tick-all]")) {
      window.setTimeout(weigh);
    }
  });

  /* Only what a button is meant for is sent with it; the other ticks stay. */
  document.addEventListener("submit", function (event) {
    const verb = event.target.id === "together" && event.submitter && event.submitter.dataset.for;
    if (!verb) {
      return;
    }
    for (const box of event.target.elements) {
      if (box.name === "duties" && box.checked && !box.dataset.verbs.split(" ").includes(verb)) {
        box.checked = false;
      }
    }
  });

  /* On a phone the work comes first: the filters open by a button. Whether something is filtered the list says itself. */
  const filters = document.querySelector(".filter-bar");
  if (filters && window.matchMedia("(max-width: 767.98px)").matches) {
    const opener = window.office.element(
      "button",
      { class: "btn btn-outline-secondary filter-opener", type: "button", "aria-expanded": "false" },
      "筛选"
    );
    filters.hidden = true;
    filters.before(opener);
    opener.addEventListener("click", function () {
      filters.hidden = !filters.hidden;
      opener.setAttribute("aria-expanded", String(!filters.hidden));
    });
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    const why = document.getElementById("why");
    if (event.detail.target.id === "why-day" && !why.open) {
      why.showModal();
    }
  });
})();
