/* Resync State Data - Batch: ticking with dependencies, the filter, the confirmation, and live updates.
   The server decides what is sent; what happens here only shows it at once. Without a script the page works through
   plain forms, but for the live updates. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const table = byId("objects");
  const form = byId("resync"); // missing for whoever may look but not send
  const rows = () => [...table.querySelectorAll("tr[data-object]")];
  const boxOf = (row) => row.querySelector("input[name=objects]");
  const parentsOf = (row) => row.dataset.parents.split(" ").filter(Boolean);
  const count = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;

  // Below the selection, in the one region that screen readers read out when it changes.
  const says = byId("says");
  const say = (text) => { says.textContent = text; };

  // ---- Ticking ------------------------------------------------------------------------------------------------
  // `chosen` is what the person ticked. What dependencies add is worked out from it each time, never stored: so an
  // added parent goes as soon as nothing needs it any more.
  const chosen = new Set(form ? rows().filter((row) => boxOf(row).checked).map((row) => row.dataset.object) : []);
  const checkDependencies = byId("check-dependencies");
  const selectAll = byId("all");

  function addedParents() {
    if (!checkDependencies.checked) return new Set();
    const needed = rows().filter((row) => chosen.has(row.dataset.object)).flatMap(parentsOf);
    return new Set(needed.filter((name) => !chosen.has(name)));
  }

  function paint() {
    if (!form) return;
    const added = addedParents();
    for (const row of rows()) {
      const name = row.dataset.object;
      const ticked = chosen.has(name) || added.has(name);
      boxOf(row).checked = ticked;
      row.classList.toggle("is-picked", ticked);
      paintNote(row, added.has(name));
    }
    paintSelectAll();
    paintSummary(added);
  }

  function paintNote(row, wanted) {
    const box = boxOf(row);
    const note = row.querySelector(".note");
    if (wanted && !note) {
      const fresh = byId("added-note").content.firstElementChild.cloneNode(true);
      fresh.id = `note-${row.dataset.object}`;
      row.querySelector(".cell-flex").append(fresh);
      box.setAttribute("aria-describedby", fresh.id);
    } else if (!wanted && note) {
      note.remove();
      box.removeAttribute("aria-describedby");
    }
  }

  const shownRows = () => rows().filter((row) => !row.hidden);

  function paintSelectAll() {
    const shown = shownRows();
    const ticked = shown.filter((row) => boxOf(row).checked).length;
    selectAll.checked = shown.length > 0 && ticked === shown.length;
    selectAll.indeterminate = ticked > 0 && ticked < shown.length;
  }

  function paintSummary(added) {
    const ticked = rows().filter((row) => boxOf(row).checked);
    const counts = ticked.map((row) => row.dataset.records);
    const records = counts.reduce((sum, each) => sum + Number(each || 0), 0);
    const hidden = ticked.filter((row) => row.hidden).length;
    const parts = [];
    if (added.size) parts.push(`${added.size} added because of dependencies`);
    if (hidden) parts.push(`${hidden} not shown by the filter`);
    const sum = records ? `, ${counts.every(Boolean) ? "about" : "at least"} ${roughly(records)} records` : "";
    const strong = document.createElement("strong");
    strong.textContent = ticked.length ? `${count(ticked.length, "object")} selected` : "No object selected";
    byId("picked").replaceChildren(strong, sum + (parts.length ? ` · ${parts.join(" · ")}` : ""));
    byId("clear").hidden = !ticked.length;
  }

  // Three figures are enough for a number that may have changed since it was counted.
  function roughly(number) {
    const step = 10 ** Math.max(0, String(number).length - 3);
    return (Math.round(number / step) * step).toLocaleString("en-US");
  }

  function tick(name, wanted) {
    const before = addedParents();
    if (wanted) chosen.add(name); else chosen.delete(name);
    paint();
    const added = [...addedParents()];
    const fresh = added.filter((each) => !before.has(each) && each !== name);
    if (!wanted && added.includes(name)) say(stays(name));
    else say(fresh.length ? `Added for ${name}: ${fresh.join(", ")}.` : "");
  }

  function stays(name) {
    const children = rows().filter((row) => chosen.has(row.dataset.object) && parentsOf(row).includes(name));
    const names = children.slice(0, 3).map((row) => row.dataset.object).join(", ");
    const more = children.length > 3 ? ` and ${children.length - 3} more` : "";
    return `${name} stays: ${names}${more} cannot be sent without it while Check dependencies is marked.`;
  }

  function tickShown(wanted) {
    for (const row of shownRows()) {
      if (wanted) chosen.add(row.dataset.object); else chosen.delete(row.dataset.object);
    }
    paint();
    say("");
  }

  if (form) {
    table.querySelector(".no-select-all").hidden = true;
    table.querySelector(".select-all").hidden = false;
    table.addEventListener("change", (event) => {
      if (event.target.name === "objects") tick(event.target.value, event.target.checked);
    });
    selectAll.addEventListener("change", () => tickShown(selectAll.checked));
    checkDependencies.addEventListener("change", () => { paint(); say(""); });
    byId("clear").addEventListener("click", () => {
      chosen.clear();
      paint();
      say("");
      table.querySelector("tbody input")?.focus({ preventScroll: true });
    });
    // The server adds the parents itself: it is told only what the person chose, and so can tell the two apart.
    form.addEventListener("formdata", (event) => {
      event.formData.delete("objects");
      chosen.forEach((name) => event.formData.append("objects", name));
    });
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
    say(`${count(shownRows().length, "object")} shown.`);
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

  // ---- Confirmation -------------------------------------------------------------------------------------------
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "confirm-body" && !byId("confirm").open) {
      byId("notice").replaceChildren();
      byId("confirm").showModal();
    } else if (event.detail.target.id === "notice") {
      byId("notice-box")?.focus();
    }
  });

  // ---- Live updates -------------------------------------------------------------------------------------------
  const pause = byId("pause");
  const isPoller = (event) => (event.detail.requestConfig?.elt ?? event.detail.elt).id === "poller";
  let isPaused = false;
  let isLost = false;

  // After every answer: the rows that came in know nothing of ticks, and there may be nothing left to wait for.
  function settle() {
    paint();
    if (pause) pause.hidden = !document.querySelector("#poller[hx-get]");
  }

  pause?.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", String(isPaused));
    say(isPaused ? "Live updates are paused." : "Live updates go on.");
  });
  // A trigger filter in the markup would need eval, which the Content-Security-Policy forbids.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isPoller(event) && (isPaused || document.hidden)) event.preventDefault();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isPoller(event)) settle();
    if (event.detail.successful && isLost) say("Connected again.");
    if (event.detail.successful) isLost = false;
  });
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, (event) => {
      if (isPoller(event) && isLost) return;
      isLost = isPoller(event);
      say(isLost ? "The server does not answer. The page keeps trying." : "The server does not answer. Try again.");
    });
  }

  settle();
})();
