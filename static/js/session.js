/* A session that ends in the middle of a form: the person signs in over the page, and what was typed is sent as it stands.
   The page names its person (data-staff), the post it was opened with (data-post) and where to ask (data-session-state). */
(function () {
  "use strict";

  const page = document.body.dataset;
  const PATIENCE = 15000; // milliseconds
  let asking = null;

  /* A request to our own server that ends within PATIENCE; throws when there is no answer. */
  function get(address, options) {
    const stop = new AbortController();
    window.setTimeout(() => stop.abort(), PATIENCE);
    return fetch(address, { ...options, signal: stop.signal, credentials: "same-origin", cache: "no-store" });
  }

  /* Who is signed in; null: nobody. */
  async function state() {
    const answer = await get(page.sessionState);
    if (answer.status === 401) {
      return null;
    }
    if (!answer.ok) {
      throw new Error("session state: " + answer.status);
    }
    return answer.json();
  }

  /* The tokens of this page belong to the session that ended. */
  function renew(token) {
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) {
      field.value = token;
    }
    document.dispatchEvent(new Event("session:renewed"));
  }

  /* A dialog over the page. `build(dialog, close)` fills it; the promise gives what `close` is called with, false on Escape. */
  function over(title, build) {
    return new Promise(function (resolve) {
      const before = document.activeElement;
      const heading = window.office.element("h2", { id: "session-title" }, title);
      const dialog = window.office.element("dialog", { class: "question session", "aria-labelledby": "session-title" }, heading);
      let result = false;
      document.body.append(dialog);
      dialog.addEventListener("close", function () {
        dialog.remove();
        if (before && before.isConnected) {
          before.focus();
        }
        resolve(result);
      });
      build(dialog, function (value) {
        result = value;
        dialog.close();
      });
      dialog.showModal();
    });
  }

  function button(kind, text, act) {
    const made = window.office.element("button", { class: "btn btn-" + kind, type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  }

  function paragraph(text) {
    return window.office.element("p", {}, text);
  }

  function buttons(...parts) {
    return window.office.element("div", { class: "question-buttons" }, ...parts);
  }

  /* ── signing in ── */

  /* The form of a sign-in page that came back, with its errors. Its ids get a name of their own: the page may have the same. */
  async function formOf(answer) {
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".sign-in-card form");
    if (!found) {
      throw new Error("no sign-in form: " + answer.status);
    }
    const form = document.importNode(found, true);
    for (const part of form.querySelectorAll("[id], [for], [aria-describedby], a[href^='#']")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        if (part.hasAttribute(name)) {
          part.setAttribute(name, part.getAttribute(name).replace(/\S+/g, "session-$&"));
        }
      }
      if (part.matches("a[href^='#']")) {
        part.setAttribute("href", "#session-" + part.getAttribute("href").slice(1));
      }
    }
    for (const old of form.querySelectorAll("button, .form-text:not([id])")) {
      old.remove();
    }
    form.dataset.unguarded = "";
    return form;
  }

  /* Shows the form in the dialog until it is sent or given up. */
  function show(dialog, form, close) {
    const old = dialog.querySelector("form");
    const cancel = button("outline-secondary", "取消", () => close(false));
    const send = window.office.element("button", { class: "btn btn-primary", type: "submit" }, "登录并继续");
    form.append(buttons(cancel, send));
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (!send.disabled) {
        send.disabled = true;
        signIn(dialog, form, close).catch(function () {
          send.disabled = false;
          window.office.toast("error", "网络不通，没有登录成功。请检查网络后重试。");
        });
      }
    });
    if (old) {
      old.replaceWith(form);
    } else {
      dialog.append(form);
    }
    const first = form.querySelector("[data-error-summary]") || form.querySelector("input:not([type=hidden])");
    window.setTimeout(() => first.focus(), 0);
  }

  /* To the sign-in page itself: the same lock-out, the same words. It leads on to the session's state. */
  async function signIn(dialog, form, close) {
    const data = new FormData(form);
    data.set("next", page.sessionState);
    data.set("post", page.post);
    const answer = await get(page.signIn, { method: "POST", body: new URLSearchParams(data) });
    if (answer.ok && new URL(answer.url).pathname === page.sessionState) {
      close(await answer.json());
    } else if (answer.status === 422) {
      show(dialog, await formOf(answer), close);
    } else {
      show(dialog, await formOf(await get(page.signIn)), close);
      window.office.toast("warning", "没有登录成功，请再试一次。");
    }
  }

  /* The state after signing in; false when given up. Somebody may have signed in on another page meanwhile. */
  async function signInOver() {
    const answer = await get(page.signIn);
    if (new URL(answer.url).pathname !== page.signIn) {
      return state();
    }
    const form = await formOf(answer);
    return over("登录已过期", function (dialog, close) {
      dialog.append(paragraph("您填写的内容还在页面上。重新登录后接着提交，不用再填。"));
      show(dialog, form, close);
    });
  }

  /* ── what may stand in the way afterwards ── */

  function sayAnotherPerson() {
    return over("登录的是另一位工作人员", function (dialog, close) {
      dialog.append(paragraph("这份内容由原来的工作人员填写，没有提交。页面将以现在登录的人重新打开。"));
      dialog.append(buttons(button("primary", "重新打开页面", () => close(true))));
    });
  }

  function changePasswordFirst() {
    return over("请先修改密码", function (dialog, close) {
      const link = { class: "btn btn-outline-primary", href: page.password, target: "_blank", rel: "noopener" };
      dialog.append(paragraph("您的密码需要先修改才能办理业务。请在新页面改好，再回到这里接着提交；填写的内容还在。"));
      dialog.append(
        buttons(
          button("outline-secondary", "取消", () => close(false)),
          window.office.element("a", link, "去修改密码"),
          button("primary", "已改好，继续", () => close(true))
        )
      );
    });
  }

  function sayNoPost() {
    return over("没有有效岗位", function (dialog, close) {
      dialog.append(paragraph("您的岗位已到期或终止，这份内容没有提交，仍在页面上。请本单位联系系统管理员续期岗位。"));
      dialog.append(buttons(button("primary", "知道了", () => close(false))));
    });
  }

  function askAboutPost(label) {
    return over("岗位已切换", function (dialog, close) {
      dialog.append(paragraph("打开这个页面以后，您的岗位换成了“" + label + "”。仍要以这个岗位提交吗？"));
      dialog.append(
        buttons(
          button("outline-secondary", "取消", () => close(false)),
          button("primary", "提交", () => close(true))
        )
      );
    });
  }

  /* True: the page's own person is signed in and the tokens are fresh, so a form may be sent. False: it was given up. */
  async function settle() {
    let found = await state();
    for (;;) {
      found = found || (await signInOver());
      if (!found) {
        return false;
      }
      if (String(found.staff) !== page.staff) {
        await sayAnotherPerson();
        window.office.leave();
        window.location.reload();
        return false;
      }
      if (!found.must_change_password) {
        break;
      }
      if (!(await changePasswordFirst())) {
        return false;
      }
      found = await state();
    }
    renew(found.token);
    if (String(found.post || "") === page.post) {
      return true;
    }
    return found.post ? askAboutPost(found.post_label) : sayNoPost();
  }

  /* One question at a time, whoever asks. Throws when the server cannot be asked. */
  function ensure() {
    asking =
      asking ||
      settle().finally(function () {
        asking = null;
      });
    return asking;
  }

  window.office.session = { ensure, isKnown: Boolean(page.staff && page.sessionState) };
})();
