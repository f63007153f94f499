// Shows the OpenAPI schema named by the page. Its own file, since the strict CSP allows no inline script.
"use strict";

document.addEventListener("DOMContentLoaded", function () {
  var place = document.getElementById("api-docs");
  window.SwaggerUIBundle({
    url: place.dataset.schema,
    domNode: place,
    presets: [window.SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    tryItOutEnabled: true,
    supportedSubmitMethods: ["get"],
    validatorUrl: null,
    syntaxHighlight: false,
    defaultModelsExpandDepth: -1
  });
});
