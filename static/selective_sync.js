/* Resync State Data - Selective Sync: reads the IDs while a person types, adds those that were found or come from a
   file, and opens a request of the history in its place. What is written into the box is all that is sent; the server
   reads it again by the same rules (selective_sync/ids.py). Without a script the page works through plain forms. */
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const many = (number) => number.toLocaleString("en-US");
  const box = byId("ids"); // missing for whoever may look but not sync
  const form = byId("sync");

  // ---- Reading IDs ------------------------------------------------------------------------------------------------
  // Python's white space and JavaScript's are not quite the same.
  const SEPARATORS = /[\s,\u001c-\u001f\u0085\ufeff]+/;
  const LARGEST = 9223372036854775807n;
  const MOST_DIGITS = 19;
  const MOST_SHOWN = 2000;
  const MOST_NAMED = 50;
  const LONGEST_NAMED = 40;

  function idOf(token) {
    if (!/^[0-9]+$/.test(token) || token.length > MOST_DIGITS) return null;
    const number = BigInt(token);
    return number <= LARGEST ? String(number) : null; // 007 is 7
  }

  function readIds(text) {
    const found = { ids: new Set(), repeated: 0, rejected: 0, tokens: [], bad: [] };
    for (const token of text.split(SEPARATORS)) {
      if (!token) continue;
      const id = idOf(token);
      const kind = id === null ? "bad" : found.ids.has(id) ? "dup" : "";
      if (kind === "bad") found.rejected += 1;
      if (kind === "bad" && found.bad.length < MOST_NAMED) found.bad.push([kind, token]);
      if (kind === "dup") found.repeated += 1;
      if (kind === "") found.ids.add(id);
      if (found.tokens.length <= MOST_SHOWN) found.tokens.push([kind, id ?? token]);
    }
    return found;
  }

  // ---- Showing what was read --------------------------------------------------------------------------------------
  const WHY = { dup: "repeat", bad: "not a number" };

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  function dot(name) {
    const SVG = "http://www.w3.org/2000/svg";
    const made = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    made.setAttribute("class", "dot");
    made.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `#dot-${name}`);
    made.append(use);
    return made;
  }

  const count = (name, text, tag = "span") => element("span", { class: "status" }, dot(name), element(tag, {}, text));

  function counts(read) {
    const most = Number(box.dataset.most);
    const lines = [count("green", `${many(read.ids.size)} ready`, "strong")];
    if (read.repeated) lines.push(count("none", `${many(read.repeated)} repeated, sent once`));
    if (read.rejected) lines.push(count("red", `${many(read.rejected)} ${read.rejected === 1 ? "is not a number" : "are not numbers"}`));
    if (read.ids.size > most) lines.push(count("red", `More than ${many(most)}: split them up`));
    return lines;
  }

  function chip([kind, text]) {
    const shown = text.length > LONGEST_NAMED ? `${text.slice(0, LONGEST_NAMED - 1)}…` : text;
    const made = element("li", { class: kind ? `token token--${kind}` : "token" }, shown);
    if (kind) made.append(" ", element("span", { class: "token__why" }, WHY[kind]));
    return made;
  }

  // Of very many tokens only what is wrong is worth a look.
  function chips(read) {
    const shown = read.tokens.length <= MOST_SHOWN ? read.tokens : read.bad;
    if (!shown.length) return [];
    return [element("ul", { class: "tokens mono", "aria-label": "IDs as read", tabindex: "0" }, ...shown.map(chip))];
  }

  // The region that is read out stays; only what it says changes.
  function paint() {
    const read = readIds(box.value);
    const place = byId("ids-read");
    if (!byId("ids-say")) place.replaceChildren(element("div", { class: "read" }, element("p", { class: "row", id: "ids-say", role: "status" })));
    const isEmpty = !read.ids.size && !read.rejected;
    const panel = place.firstElementChild;
    panel.classList.toggle("is-empty", isEmpty);
    const says = isEmpty ? [] : counts(read);
    const line = byId("ids-say");
    const news = says.map((each) => each.textContent).join();
    if (line.dataset.said !== news) line.replaceChildren(...says);
    line.dataset.said = news;
    panel.replaceChildren(line, ...chips(read));
    byId("send-count").textContent = `${many(read.ids.size)} ${read.ids.size === 1 ? "record" : "records"}`;
    paintTicks(read.ids);
  }

  // The question whether something is to be left out is about the text as the server read it.
  function changed() {
    byId("leave-out")?.remove();
    paint();
  }

  let waiting = 0;
  function changedSoon() {
    clearTimeout(waiting);
    waiting = setTimeout(changed, box.value.length > 20_000 ? 400 : 80);
  }

  // ---- Adding and removing ----------------------------------------------------------------------------------------
  const chosenObject = () => form.querySelector("input[name=object]:checked")?.value ?? "";

  function add(ids) {
    const known = readIds(box.value).ids;
    const fresh = ids.filter((id) => !known.has(id));
    if (!fresh.length) return;
    const before = box.value.replace(/[\s,]+$/, "");
    box.value = before ? `${before}${before.includes("\n") ? "\n" : ", "}${fresh.join(", ")}` : fresh.join(", ");
    changed();
  }

  // Takes an ID out and leaves the rest of the text as it was typed.
  function remove(id) {
    box.value = box.value.replace(/[0-9]+[\s,]*/g, (token, at, text) => {
      const isWhole = at === 0 || SEPARATORS.test(text[at - 1]);
      const digits = token.match(/^[0-9]+/)[0];
      const endsHere = token.length > digits.length || at + token.length === text.length;
      return isWhole && endsHere && idOf(digits) === id ? "" : token;
    });
    changed();
  }

  const ticks = () => all("#found input[type=checkbox]");
  function paintTicks(ids) {
    for (const tick of ticks()) tick.checked = tick.name === `add_${chosenObject()}` && ids.has(tick.value);
  }

  // ---- A file -----------------------------------------------------------------------------------------------------
  function sayOfFile(text) {
    byId("file-error").textContent = text;
    byId("file-error").hidden = !text;
  }

  // Its IDs go into the box, where they are read and can be corrected.
  async function takeFile(field) {
    const [file] = field.files;
    sayOfFile("");
    if (!file) return;
    if (file.size > Number(field.dataset.most)) sayOfFile("The file is too large. Split it up, or resync the whole object with Resync State Data - Batch.");
    else if (/\.(xlsx?|ods|pdf|docx?|zip)$/i.test(file.name)) sayOfFile("This is not a text file. Save it as CSV, then choose it again.");
    else {
      const text = (await file.text()).trim();
      box.value = [box.value.trimEnd(), text].filter(Boolean).join("\n");
      changed();
      box.focus();
    }
    field.value = "";
  }

  if (form) {
    box.addEventListener("input", changedSoon);
    byId("id-file").addEventListener("change", (event) => takeFile(event.target));
    byId("clear-ids").addEventListener("click", () => { box.value = ""; changed(); box.focus(); });
    form.addEventListener("change", (event) => {
      if (event.target.name === "object") paint();
      if (!event.target.name?.startsWith("add_")) return;
      if (event.target.checked) add([event.target.value]); else remove(event.target.value);
    });
    // The box says it all: what is ticked is in there.
    form.addEventListener("formdata", (event) => {
      for (const name of new Set(event.formData.keys())) if (name.startsWith("add_")) event.formData.delete(name);
    });
    form.addEventListener("submit", (event) => {
      if (event.submitter?.hasAttribute("formaction")) return;
      if (form.dataset.isSent) event.preventDefault();
      form.dataset.isSent = "true";
    });
    window.addEventListener("pageshow", () => { delete form.dataset.isSent; });
    document.addEventListener("htmx:afterSwap", (event) => {
      if (event.detail.target.id !== "found") return;
      paintTicks(readIds(box.value).ids);
      byId("news").textContent = event.detail.target.querySelector(".found-none")?.textContent ?? "";
    });
    if (box.value.trim()) paint();
    byId("notice-box")?.focus(); // why it was not sent
  }

  // ---- A request of the history, opened in its place ---------------------------------------------------------------
  const openedRow = () => byId("opened");

  function close() {
    openedRow()?.remove();
    for (const twist of all(".twist[aria-expanded=true]")) {
      twist.setAttribute("aria-expanded", "false");
      twist.closest("tr").classList.remove("is-open");
    }
  }

  function open(twist) {
    const row = twist.closest("tr");
    const cell = element("td", { class: "opened", colspan: String(row.children.length) });
    row.after(element("tr", { id: "opened" }, cell));
    fill(twist);
  }

  function fill(twist) {
    twist.closest("tr").classList.add("is-open");
    twist.setAttribute("aria-expanded", "true");
    htmx.ajax("GET", twist.getAttribute("href"), { target: openedRow().firstElementChild, swap: "innerHTML" });
  }

  const closeTwists = (root) => all(".twist:not([aria-expanded])", root).forEach((twist) => twist.setAttribute("aria-expanded", "false"));
  document.addEventListener("click", (event) => {
    const twist = event.target.closest(".twist");
    if (!twist || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const wasOpen = twist.getAttribute("aria-expanded") === "true";
    close();
    if (!wasOpen) open(twist);
  });
  // News has put another row in the place of the one that is open.
  document.addEventListener("htmx:oobAfterSwap", () => {
    const twist = openedRow()?.previousElementSibling.querySelector(".twist:not([aria-expanded])");
    if (twist) fill(twist);
    closeTwists(document);
  });
  closeTwists(document);
})();
