/* What every page needs of a script. No framework, no inline handlers, nothing that htmx or the browser already does.
   Every page works without it. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // What makes sense only with a script is hidden until there is one.
  all("[data-needs-script], [data-nav]").forEach((element) => { element.hidden = false; });

  // Menus and legends are <details data-menu>: one open at a time; Escape and a click elsewhere close them.
  document.addEventListener("click", (event) => {
    all("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all("details[data-menu][open]").forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  });

  // The side menu on narrow screens.
  all("[data-nav]").forEach((button) => {
    const side = document.getElementById(button.getAttribute("aria-controls"));
    button.addEventListener("click", () => {
      button.setAttribute("aria-expanded", String(side.classList.toggle("is-open")));
    });
  });

  // The password as the person typed it.
  all("[data-show-password]").forEach((button) => {
    const field = document.getElementById(button.getAttribute("aria-controls"));
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "password";
      field.type = shown ? "text" : "password";
      button.setAttribute("aria-pressed", String(shown));
    });
  });

  // A tip that is in the way goes with Escape, and comes back with the next visit.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") all(".tip:hover, .tip:focus").forEach((tip) => tip.classList.add("is-dismissed"));
  });
  for (const leaving of ["mouseout", "focusout"]) {
    document.addEventListener(leaving, (event) => event.target.closest?.(".tip")?.classList.remove("is-dismissed"));
  }

  // A filter box over a short list.
  all("[data-filter]").forEach((box) => {
    const rows = all("tbody tr", document.querySelector(box.dataset.filter));
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    });
  });
})();
