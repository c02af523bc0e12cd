/* What every page needs of a script. No framework, no inline handlers, nothing that htmx or the browser already does.
   Every page works without it. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // What makes sense only with a script is hidden until there is one.
  const reveal = (root) => all("[data-needs-script], [data-nav]", root).forEach((element) => { element.hidden = false; });
  reveal(document);
  document.addEventListener("htmx:load", (event) => reveal(event.detail.elt));

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

  // A box in a table's head over the boxes of its rows: ticked, empty or mixed, whatever has been swapped in.
  const boxesOf = (head) => all(":is(tbody, li) input[type=checkbox]", document.querySelector(head.dataset.all));
  function paintAll(head) {
    const boxes = boxesOf(head);
    const ticked = boxes.filter((box) => box.checked).length;
    head.checked = boxes.length > 0 && ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
    boxes.forEach((box) => box.closest("tr, li").classList.toggle("is-picked", box.checked));
  }
  document.addEventListener("change", (event) => {
    const head = event.target.closest("[data-all]");
    if (head) boxesOf(head).forEach((box) => { box.checked = head.checked; });
    all("[data-all]").forEach(paintAll);
  });
  document.addEventListener("htmx:afterSettle", () => all("[data-all]").forEach(paintAll));

  // Tool Search: the server finds tools by itself; here its field shows them while the person types. Its list is the
  // side menu's. No shortcut of a single letter: people who dictate would set it off.
  const search = document.querySelector("[data-tool-search]");
  if (search) {
    const field = search.querySelector("input[type=search]");
    const list = search.querySelector("[role=listbox]");
    const says = search.querySelector("[role=status]");
    const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
    const has = (name, wanted) => wanted.every((each) => words(name).some((word) => word.startsWith(each)));
    let active = -1;

    const setAttributes = (element, attributes) => {
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    };
    setAttributes(field, {
      role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
      "aria-keyshortcuts": "Control+K",
    });

    function option(link, index) {
      const item = document.createElement("li");
      setAttributes(item, { role: "option", id: `tool-${index}`, "data-url": link.href, "aria-selected": "false" });
      item.textContent = link.dataset.tool;
      return item;
    }
    function show(index) {
      active = index;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === index)));
      if (index < 0) return field.removeAttribute("aria-activedescendant");
      field.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    }
    function close() {
      list.hidden = true;
      field.setAttribute("aria-expanded", "false");
      show(-1);
    }
    function find() {
      const wanted = words(field.value);
      const found = all("[data-tool]").filter((link) => has(link.dataset.tool, wanted));
      list.replaceChildren(...found.map(option));
      list.hidden = !found.length;
      field.setAttribute("aria-expanded", String(!list.hidden));
      says.textContent = found.length ? `${found.length} ${found.length === 1 ? "tool" : "tools"}` : "No tool has these words in its name.";
      show(wanted.length && found.length ? 0 : -1);
    }
    const moves = {
      ArrowDown: () => (active + 1) % list.children.length,
      ArrowUp: () => (active < 1 ? list.children.length : active) - 1,
    };
    field.addEventListener("input", () => (words(field.value).length ? find() : close()));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        location.assign(list.children[active].dataset.url);
      } else if (moves[event.key]) {
        event.preventDefault();
        if (list.hidden) find();
        if (list.children.length) show(moves[event.key]());
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) location.assign(item.dataset.url);
    });
    field.addEventListener("blur", close);
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }

  // The district chooser: the field is ready as soon as its menu has its content.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "chooser-body") event.detail.target.querySelector("input[type=search]").focus();
  });
  document.getElementById("chooser")?.addEventListener("toggle", (event) => {
    if (event.target.open) event.target.querySelector("input[type=search]")?.focus();
  });

  // A filter box over a short list.
  all("[data-filter]").forEach((box) => {
    const rows = all("tbody tr", document.querySelector(box.dataset.filter));
    box.addEventListener("input", () => {
      const wanted = box.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
    });
  });
})();
