/* htmx: what became of a request, in words. A failed request never leaves the page silent. */
(function () {
  "use strict";

  const SENTENCES = {
    400: "提交的内容有误，请检查后重试。",
    403: "您的岗位没有权限办理这件事。",
    404: "没有找到，或不在您的权限范围内。页面可能已过时，请刷新。",
    409: "这件事刚刚已由他人处理，请刷新页面查看最新情况。",
    413: "文件太大，请压缩后再上传。",
    429: "操作过于频繁，请稍候再试。",
    500: "系统出现故障，已记录。您填写的内容仍在页面上，请稍后重试。",
    503: "系统正在维护，请稍后重试。",
  };
  const signInPath = document.body.dataset.signIn;

  function isSignIn(address) {
    return Boolean(signInPath && address) && new URL(address, window.location.href).pathname === signInPath;
  }

  /* Why a verb refused, in the server's own words (_components/refusal.html), is better than our sentence. */
  function sentence(request) {
    const said = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("[data-refusal]");
    if (said) {
      return said.textContent;
    }
    return SENTENCES[request.status] || (request.status >= 500 ? SENTENCES[500] : SENTENCES[400]);
  }

  /* The request again, as the person began it: the button pressed, the form sent, the event that set it off. */
  function repeat(detail) {
    const begun = detail.requestConfig.triggeringEvent;
    const pressed = begun && begun.submitter;
    detail.elt.dataset.confirmed = "yes";
    if (pressed && pressed.isConnected) {
      pressed.dataset.confirmed = "yes";
      pressed.click();
      delete pressed.dataset.confirmed;
    } else if (detail.elt.isConnected) {
      window.htmx.trigger(detail.elt, begun ? begun.type : "click");
    }
    delete detail.elt.dataset.confirmed;
  }

  function hasEnded(request) {
    return (request.status === 401 || isSignIn(request.responseURL)) && !isSignIn(window.location.href);
  }

  function sayEnded() {
    const back = signInPath + "?next=" + encodeURIComponent(window.location.pathname + window.location.search);
    window.office.toast("warning", "登录已过期，请重新登录。未保存的内容请先抄记。", { href: back, text: "重新登录" });
  }

  /* A page that looks again by itself asks nobody to sign in: it says so once, and rests until somebody has signed in over it. */
  let resting = false;

  function isOfItself(detail) {
    return !detail.requestConfig.triggeringEvent;
  }

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (resting && isOfItself(event.detail)) {
      event.preventDefault();
    }
  });

  document.addEventListener("session:renewed", function () {
    resting = false;
  });

  /* A session that ended: sign in over the page, and the request is made again. */
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    const detail = event.detail;
    if (!hasEnded(detail.xhr) || !window.office.session.isKnown) {
      return;
    }
    event.preventDefault();
    if (isOfItself(detail)) {
      if (!resting) {
        sayEnded();
      }
      resting = true;
      return;
    }
    window.office.session.ensure().then(
      function (may) {
        if (may) {
          repeat(detail);
        }
      },
      function () {
        window.office.toast("error", "网络不通或系统没有回应，请稍候重试。");
      }
    );
  });

  /* A page that knows nobody can only say so. */
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (hasEnded(event.detail.xhr)) {
      event.detail.shouldSwap = false;
      sayEnded();
    }
  });

  document.addEventListener("htmx:responseError", function (event) {
    window.office.toast("error", sentence(event.detail.xhr));
  });

  document.addEventListener("htmx:sendError", function () {
    window.office.toast("error", "网络不通，内容没有送出。请检查网络后重试。");
  });

  document.addEventListener("htmx:timeout", function () {
    window.office.toast("error", "等待超时，不能确定是否办成。请刷新页面查看后再操作。");
  });

  /* hx-confirm asks in the same way as data-confirm. */
  document.addEventListener("htmx:confirm", function (event) {
    if (event.detail.question && event.detail.elt.dataset.confirmed) {
      event.preventDefault();
      event.detail.issueRequest(true);
    } else if (event.detail.question) {
      event.preventDefault();
      window.office.ask(event.detail.question, function () {
        event.detail.issueRequest(true);
      });
    }
  });

  /* Changes are read out: the sentence in data-announce of what came in, else that the page has changed. */
  document.addEventListener("htmx:afterSwap", function (event) {
    const fresh = window.office.arrived(event);
    const spoken = fresh.matches("[data-announce]") ? fresh : fresh.querySelector("[data-announce]");
    window.office.announce(spoken ? spoken.dataset.announce : "页面内容已更新");
  });
})();
