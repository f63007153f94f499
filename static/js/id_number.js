/* The ID number field: takes the keystrokes of a card reader or scanner, checks GB 11643, fills birth date and sex.
   <input data-id-number data-birth="id of the date field" data-sex="id of the select or name of the radios">
   Sex is filled by the option whose label begins with 男 or 女. With data-enter-sends a good number and Enter send the form, as at a window
   where a card is all there is to read. The server checks again; it decides. */
(function () {
  "use strict";

  const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const CHECKS = "10X98765432";

  /* Full width to half, spaces and hyphens out, x to X. */
  function tidy(text) {
    return text
      .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
      .replace(/[\s\u3000-]/g, "")
      .toUpperCase();
  }

  function birthDate(number) {
    const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)];
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    const isReal = date.getUTCFullYear() === Number(year) && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
    return isReal && date.getTime() <= Date.now() ? year + "-" + month + "-" + day : "";
  }

  /* What is wrong with a number, as a sentence; empty when it is in order. */
  function fault(number) {
    if (/^\d{15}$/.test(number)) {
      return "这是15位的旧号码，请录入现行的18位号码";
    }
    if (!/^\d{17}[\dX]$/.test(number)) {
      return "应为18位：前17位是数字，末位是数字或X，现有" + number.length + "位";
    }
    if (!birthDate(number)) {
      return "号码中的出生日期不存在，请核对证件";
    }
    const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(number[place]), 0);
    return CHECKS[sum % 11] === number[17] ? "" : "校验位不正确，请核对证件";
  }

  function setNote(field, text, isGood) {
    let note = document.getElementById(field.id + "_note");
    if (!note) {
      note = window.office.element("div", { id: field.id + "_note", role: "status" });
      field.after(note);
      field.setAttribute("aria-describedby", (field.getAttribute("aria-describedby") || "") + " " + note.id);
    }
    note.className = "field-note " + (isGood ? "field-note-good" : "field-note-error");
    note.textContent = text;
    field.classList.toggle("is-invalid", Boolean(text) && !isGood);
  }

  function tell(field) {
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function fillBirth(field, number) {
    const target = document.getElementById(field.dataset.birth);
    if (target) {
      target.value = birthDate(number);
      tell(target);
    }
  }

  function fillSex(field, number) {
    const sex = Number(number[16]) % 2 ? "男" : "女";
    const name = field.dataset.sex;
    const select = document.getElementById(name);
    if (select && select.tagName === "SELECT") {
      const option = Array.from(select.options).find((choice) => choice.text.trim().startsWith(sex));
      if (option) {
        select.value = option.value;
        tell(select);
      }
      return;
    }
    for (const radio of field.form ? field.form.querySelectorAll("input[type=radio]") : []) {
      const label = radio.labels && radio.labels[0];
      if (radio.name === name && label && label.textContent.trim().startsWith(sex)) {
        radio.checked = true;
        tell(radio);
      }
    }
  }

  function check(field) {
    const number = tidy(field.value);
    if (number !== field.value) {
      field.value = number;
    }
    if (!number) {
      setNote(field, "", true);
      return;
    }
    const wrong = fault(number);
    if (wrong) {
      setNote(field, wrong, false);
      return;
    }
    const sex = Number(number[16]) % 2 ? "男" : "女";
    setNote(field, "号码校验通过：" + sex + "，" + birthDate(number) + "出生", true);
    fillBirth(field, number);
    fillSex(field, number);
  }

  /* Readers end with Enter, which must not send the form: it checks and moves on to the next field, unless the field is all there is. */
  document.addEventListener("keydown", function (event) {
    const field = event.target;
    if (event.key !== "Enter" || !field.matches || !field.matches("[data-id-number]")) {
      return;
    }
    event.preventDefault();
    check(field);
    if (field.form && field.hasAttribute("data-enter-sends")) {
      if (field.value && !field.classList.contains("is-invalid")) {
        field.form.requestSubmit();
      }
      return;
    }
    if (field.form && !field.classList.contains("is-invalid")) {
      const fields = Array.from(field.form.elements).filter((other) => other.type !== "hidden" && !other.disabled && other.tagName !== "FIELDSET");
      const next = fields[fields.indexOf(field) + 1];
      if (next) {
        next.focus();
      }
    }
  });

  /* The browser would cut what a reader sends with spaces in it; the check says when a number is too long. */
  document.addEventListener("focusin", function (event) {
    if (event.target.matches("[data-id-number]")) {
      event.target.removeAttribute("maxlength");
    }
  });

  document.addEventListener("change", function (event) {
    if (event.target.matches && event.target.matches("[data-id-number]")) {
      check(event.target);
    }
  });

  document.addEventListener("input", function (event) {
    const field = event.target;
    if (field.matches && field.matches("[data-id-number]") && tidy(field.value).length === 18) {
      check(field);
    }
  });
})();
