/* Resync State Data - Batch of a district: ticking with dependencies (choosing.js), the filter, the confirmation. Live
   updates are in live.js.
   The server decides what is sent; what happens here only shows it at once. Without a script the page works through
   plain forms, but for the live updates. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const table = byId("objects");
  const form = byId("resync"); // missing for whoever may look but not send
  const rows = () => [...table.querySelectorAll("tr[data-object]")];
  const choice = form && new ObjectChoice(rows, byId("check-dependencies"));
  const selectAll = byId("all");

  // Below the selection, in the one region that screen readers read out when it changes.
  const says = byId("says");
  const say = (text) => { says.textContent = text; };

  // ---- Ticking ------------------------------------------------------------------------------------------------
  const shownRows = () => rows().filter((row) => !row.hidden);

  function paint() {
    if (!form) return;
    const added = choice.paint();
    paintBoxOver(selectAll, shownRows().map((row) => choice.boxOf(row)));
    paintSummary(added);
  }

  function paintSummary(added) {
    const ticked = choice.ticked;
    const counts = ticked.map((row) => row.dataset.records);
    const records = counts.reduce((sum, each) => sum + Number(each || 0), 0);
    const hidden = ticked.filter((row) => row.hidden).length;
    const parts = [];
    if (added.size) parts.push(`${added.size} added because of dependencies`);
    if (hidden) parts.push(`${hidden} not shown by the filter`);
    const sum = records ? `, ${counts.every(Boolean) ? "about" : "at least"} ${roughly(records)} records` : "";
    const strong = document.createElement("strong");
    strong.textContent = ticked.length ? `${counted(ticked.length, "object")} selected` : "No object selected";
    byId("picked").replaceChildren(strong, sum + (parts.length ? ` · ${parts.join(" · ")}` : ""));
    byId("clear").hidden = !ticked.length;
  }

  // Three figures are enough for a number that may have changed since it was counted.
  function roughly(number) {
    const step = 10 ** Math.max(0, String(number).length - 3);
    return (Math.round(number / step) * step).toLocaleString("en-US");
  }

  if (form) {
    table.querySelector(".no-select-all").hidden = true;
    table.querySelector(".select-all").hidden = false;
    table.addEventListener("change", (event) => {
      if (event.target.name !== "objects") return;
      const sentence = choice.tick(event.target.value, event.target.checked);
      paint();
      say(sentence);
    });
    selectAll.addEventListener("change", () => {
      choice.tickAll(shownRows(), selectAll.checked);
      paint();
      say("");
    });
    choice.checkDependencies.addEventListener("change", () => { paint(); say(""); });
    byId("clear").addEventListener("click", () => {
      choice.chosen.clear();
      paint();
      say("");
      table.querySelector("tbody input")?.focus({ preventScroll: true });
    });
    choice.sendChosen(form);
    openQuestions();
  }

  // ---- Filter -------------------------------------------------------------------------------------------------
  const filter = byId("filter");
  const find = byId("find");
  const status = filter.querySelector("input[name=status]");

  function applyFilter() {
    const wanted = find.value.trim().toLowerCase();
    for (const row of rows()) {
      const found = row.dataset.object.toLowerCase().includes(wanted);
      row.hidden = !found || (status.value !== "" && row.dataset.shown !== status.value);
    }
    filter.querySelectorAll(".chip").forEach((chip) => {
      chip.setAttribute("aria-pressed", String(chip.value === status.value));
    });
    rememberFilter();
    paint();
    say(`${counted(shownRows().length, "object")} shown.`);
  }

  function rememberFilter() {
    const address = new URL(location.href);
    for (const [name, value] of [["find", find.value.trim()], ["status", status.value]]) {
      if (value) address.searchParams.set(name, value); else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
  }

  let typing;
  find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(applyFilter, 150); });
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  filter.addEventListener("click", (event) => {
    const chip = event.target.closest(".chip");
    if (!chip) return;
    event.preventDefault();
    status.value = chip.value;
    applyFilter();
  });
  document.querySelector("[data-clear-filter]").addEventListener("click", (event) => {
    event.preventDefault();
    find.value = status.value = "";
    applyFilter();
    find.focus();
  });

  // The rows that come with the news know nothing of ticks.
  document.addEventListener("htmx:afterRequest", (event) => {
    if ((event.detail.requestConfig?.elt ?? event.detail.elt).id === "poller") paint();
  });
  paint();
})();
