// Asks the browser's device for a passkey or its signature. A form says what: data-passkey="get" or "create", the question
// of the desk in data-question. Where a browser knows no passkeys the form stays hidden: a code serves as well.
(() => {
  "use strict";
  const knows = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!knows || !window.isSecureContext || !form.dataset.question) continue;
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const failed = form.querySelector("[data-failed]");
      failed.hidden = true;
      try {
        const question = JSON.parse(form.dataset.question);
        const made = form.dataset.passkey === "get"
          ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question) })
          : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question) });
        form.elements.answer.value = JSON.stringify(made.toJSON());
        form.submit();
      } catch { failed.hidden = false; }
    });
  }
})();
