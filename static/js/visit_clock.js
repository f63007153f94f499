/* The 15-minute clock of visits counts on from what the server said; the same words and colours as intake/visit_clock.py. It blocks nothing. */
(function () {
  "use strict";

  const SHAPES = { green: "circle-fill", amber: "exclamation-triangle-fill", red: "exclamation-square-fill" };
  const began = performance.now();

  function span(minutes) {
    if (minutes < 60) {
      return minutes + "分钟";
    }
    const hours = Math.floor(minutes / 60);
    if (hours < 24) {
      return hours + "小时" + (minutes % 60 ? (minutes % 60) + "分钟" : "");
    }
    return Math.floor(hours / 24) + "日";
  }

  function reading(minutes, limit, share) {
    if (minutes >= limit) {
      return ["red", "已等" + span(minutes) + "，超过" + limit + "分钟"];
    }
    if (minutes >= limit - limit / share) {
      return ["amber", "已等" + span(minutes) + "，剩" + (limit - minutes) + "分钟"];
    }
    return ["green", minutes ? "已等" + span(minutes) : "刚到"];
  }

  function show(clock, passed) {
    const board = clock.closest("[data-visit-limit]");
    const minutes = Math.floor((Number(clock.dataset.since) + passed) / 60);
    const [colour, words] = reading(minutes, Number(board.dataset.visitLimit), Number(board.dataset.visitShare));
    if (clock.dataset.words === words) {
      return;
    }
    clock.dataset.words = words;
    const icon = window.office.element("i", { class: "bi bi-" + SHAPES[colour], "aria-hidden": "true" });
    clock.replaceChildren(window.office.element("span", { class: "lamp lamp-" + colour }, icon, words));
  }

  function tick() {
    const passed = (performance.now() - began) / 1000;
    for (const clock of document.querySelectorAll("[data-visit-clock]")) {
      show(clock, passed);
    }
  }

  if (document.querySelector("[data-visit-clock]")) {
    tick();
    window.setInterval(tick, 5000);
  }
})();
