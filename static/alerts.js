/* Process Alerts: keeps the list in step with the alert that was opened beside it. The page works without it. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);

  function markOpened(alert) {
    document.querySelectorAll("#alerts tr.is-open").forEach((row) => row.classList.remove("is-open"));
    document.querySelectorAll("#alerts [aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    byId("inbox").classList.toggle("inbox--open", Boolean(alert));
    byId(`alert-row-${alert}`)?.classList.add("is-open");
    byId(`open-${alert}`)?.setAttribute("aria-current", "true");
  }

  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "alert") return;
    const alert = byId("alert").dataset.alert;
    markOpened(alert);
    document.title = `${byId("alert-h").textContent} - Process Alerts | Upstate`;
    byId("inbox-says").textContent = `Opened: ${byId("alert-h").textContent}`;
    // Where the alert takes the place of the list, its link is gone: the focus goes along.
    if (!byId(`open-${alert}`)?.checkVisibility()) byId("alert-h").focus();
  });
})();
