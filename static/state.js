/* Resync State Data - Batch of the state: objects with their parents (choosing.js), and a list of districts that may be
   very long. Without a script it is a form of plain boxes. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const form = byId("request");
  const says = byId("says");
  const say = (text) => { says.textContent = text; };

  // The school year decides what can be ticked; the server makes the page again with what is ticked now.
  const year = byId("year");
  if (year) {
    byId("change-year").hidden = true;
    year.addEventListener("change", () => byId("change-year").click());
  }

  function onFind(field, filter) {
    let typing;
    field.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(filter, 60); });
    field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  }

  // ---- Subscribed Data Elements -------------------------------------------------------------------------------
  const rows = [...byId("elements").children];
  const choice = new ObjectChoice(() => rows, byId("check-dependencies"));
  const shownRows = () => rows.filter((row) => !row.hidden);
  const allObjects = byId("all-objects");

  function paintObjects() {
    choice.paint();
    paintBoxOver(allObjects, shownRows().map((row) => choice.boxOf(row)));
    byId("objects-shown").textContent = shownRows().length.toLocaleString("en-US");
    paintSummary();
  }

  byId("elements").addEventListener("change", (event) => {
    const sentence = choice.tick(event.target.value, event.target.checked);
    paintObjects();
    say(sentence);
  });
  allObjects.addEventListener("change", () => { choice.tickAll(shownRows(), allObjects.checked); paintObjects(); say(""); });
  choice.checkDependencies.addEventListener("change", () => { paintObjects(); say(""); });
  onFind(byId("find-object"), () => {
    const wanted = byId("find-object").value.trim().toLowerCase();
    rows.forEach((row) => { row.hidden = !row.dataset.object.toLowerCase().includes(wanted); });
    paintObjects();
    say(`${counted(shownRows().length, "object")} shown.`);
  });
  choice.sendChosen(form);

  // ---- Select Districts ---------------------------------------------------------------------------------------
  const list = byId("districts");
  const entries = [...list.children].map((element) => {
    const box = element.querySelector("input");
    return { element, box, text: element.textContent.toLowerCase(), can: !box.disabled };
  });
  const entryOf = new Map(entries.map((entry) => [entry.box, entry]));
  const allDistricts = byId("all-districts");
  const onlySelected = byId("only-selected");
  // What the filter leaves out is taken out of the page, not hidden: to hide 1,200 rows takes a browser ten times as long.
  let shown = entries;
  const choosable = () => shown.filter((entry) => entry.can);
  let last = null; // where a range begins: the entry that was ticked or left last

  function paintDistricts() {
    for (const { element, box } of entries) element.classList.toggle("is-picked", box.checked);
    const boxes = choosable().map((entry) => entry.box);
    paintBoxOver(allDistricts, boxes);
    byId("districts-shown").textContent = boxes.length.toLocaleString("en-US");
    paintSummary();
  }

  // From the last entry to this one, among those that are shown, as the one that was pressed.
  function tickRange(entry, wanted) {
    const able = choosable();
    const [from, to] = [able.indexOf(last ?? entry), able.indexOf(entry)].sort((one, other) => one - other);
    able.slice(Math.max(from, 0), to + 1).forEach((each) => { each.box.checked = wanted; });
  }

  list.addEventListener("click", (event) => {
    const label = event.target.closest("label");
    if (label && event.shiftKey) {
      // A click with SHIFT on a label marks text in some browsers, and ticks nothing.
      event.preventDefault();
      const entry = entryOf.get(byId(label.htmlFor));
      if (!entry.can) return;
      tickRange(entry, !entry.box.checked);
      moveTo(entry);
      paintDistricts();
    }
  });
  list.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });
  list.addEventListener("change", (event) => {
    const entry = entryOf.get(event.target);
    makeReachable(entry);
    last = entry;
    paintDistricts();
  });

  // One box of the list is reached by the Tab key, the others from there by the arrow keys: nobody presses Tab 1,200
  // times.
  let reachable = null;
  function makeReachable(entry) {
    if (reachable) reachable.box.tabIndex = -1;
    reachable = entry;
    if (reachable) reachable.box.tabIndex = 0;
  }
  function moveTo(entry) {
    makeReachable(entry);
    last = entry;
    entry.box.focus();
  }
  entries.forEach((entry) => { entry.box.tabIndex = -1; });

  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
  list.addEventListener("keydown", (event) => {
    const entry = entryOf.get(event.target);
    const step = steps[event.key];
    if (!entry || !step) return;
    event.preventDefault();
    const able = choosable();
    const to = able[Math.min(Math.max(able.indexOf(entry) + step, 0), able.length - 1)];
    if (event.shiftKey) tickRange(to, entry.box.checked);
    moveTo(to);
    paintDistricts();
  });

  allDistricts.addEventListener("change", () => {
    choosable().forEach((entry) => { entry.box.checked = allDistricts.checked; });
    paintDistricts();
    say("");
  });

  function filterDistricts() {
    const wanted = byId("find-district").value.trim().toLowerCase();
    const selected = onlySelected.getAttribute("aria-pressed") === "true";
    shown = entries.filter(({ box, text }) => text.includes(wanted) && (!selected || box.checked));
    list.replaceChildren(...shown.map((entry) => entry.element));
    if (!choosable().includes(reachable)) makeReachable(choosable()[0] ?? null);
    if (!shown.includes(last)) last = null;
    paintDistricts();
    say(`${counted(shown.length, "district")} shown.`);
  }
  onFind(byId("find-district"), filterDistricts);
  form.addEventListener("formdata", (event) => {
    event.formData.delete("districts");
    entries.filter((entry) => entry.box.checked).forEach((entry) => event.formData.append("districts", entry.box.value));
  });
  onlySelected.addEventListener("click", () => {
    onlySelected.setAttribute("aria-pressed", String(onlySelected.getAttribute("aria-pressed") !== "true"));
    onlySelected.textContent = onlySelected.getAttribute("aria-pressed") === "true" ? "Show all districts" : "Only selected";
    filterDistricts();
  });

  // ---- Summary ------------------------------------------------------------------------------------------------
  function paintSummary() {
    const objects = choice.ticked;
    const districts = entries.filter((entry) => entry.box.checked);
    const hidden = districts.filter((entry) => !entry.element.isConnected).length;
    const parts = [objects.length ? counted(objects.length, "object") : "No object", "from",
      districts.length ? counted(districts.length, "district") : "no district"];
    if (hidden) parts.push(`(${hidden.toLocaleString("en-US")} not shown by the filter)`);
    byId("picked").textContent = parts.join(" ");
    byId("aggregation").hidden = !objects.some((row) => row.dataset.object === "AttDayAggregation");
  }

  openQuestions();
  makeReachable(choosable()[0] ?? null);
  paintObjects();
  paintDistricts();
})();
