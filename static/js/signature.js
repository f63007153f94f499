/* Signatures: <div data-signature="id of the hidden input"><canvas></canvas><button data-signature-clear></button></div>.
   The picture goes into the hidden input as a PNG data address. Load with vendor/signature_pad on pages that have one. */
(function () {
  "use strict";

  for (const box of document.querySelectorAll("[data-signature]")) {
    const canvas = box.querySelector("canvas");
    const input = document.getElementById(box.dataset.signature);
    const pad = new window.SignaturePad(canvas, { backgroundColor: "#fff", penColor: "#1d2733" });

    /* The drawing surface follows the screen's density; a change of size keeps the strokes. */
    const fit = function () {
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      const strokes = pad.toData();
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.clear();
      pad.fromData(strokes);
    };
    fit();
    window.addEventListener("resize", fit);

    pad.addEventListener("endStroke", function () {
      input.value = pad.toDataURL("image/png");
      input.form.setAttribute("data-unsaved", "");
    });
    box.querySelector("[data-signature-clear]").addEventListener("click", function () {
      pad.clear();
      input.value = "";
      window.office.announce("签名已清除");
    });
  }
})();
