/* Ticking DIS objects with the parents that they depend on: what the pages of a district and of the state share.
   A row is an element with data-object and data-parents, a box named "objects" and a place for a note (.cell-flex). */
"use strict";

const counted = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;

// A box over several: ticked, empty or mixed.
function paintBoxOver(box, boxes) {
  const ticked = boxes.filter((each) => each.checked).length;
  box.checked = boxes.length > 0 && ticked === boxes.length;
  box.indeterminate = ticked > 0 && ticked < boxes.length;
}

class ObjectChoice {
  // `chosen` is what the person ticked. What dependencies add is worked out from it each time, never stored: so an
  // added parent goes as soon as nothing needs it any more.
  constructor(rows, checkDependencies) {
    this.rows = rows;
    this.checkDependencies = checkDependencies;
    this.chosen = new Set(rows().filter((row) => this.boxOf(row).checked).map((row) => row.dataset.object));
  }

  boxOf(row) { return row.querySelector("input[name=objects]"); }

  parentsOf(row) { return row.dataset.parents.split(" ").filter(Boolean); }

  get added() {
    if (!this.checkDependencies.checked) return new Set();
    const needed = this.rows().filter((row) => this.chosen.has(row.dataset.object)).flatMap((row) => this.parentsOf(row));
    return new Set(needed.filter((name) => !this.chosen.has(name)));
  }

  get ticked() { return this.rows().filter((row) => this.boxOf(row).checked); }

  paint() {
    const added = this.added;
    for (const row of this.rows()) {
      const name = row.dataset.object;
      const ticked = this.chosen.has(name) || added.has(name);
      this.boxOf(row).checked = ticked;
      row.classList.toggle("is-picked", ticked);
      this.paintNote(row, added.has(name));
    }
    return added;
  }

  paintNote(row, wanted) {
    const box = this.boxOf(row);
    const note = row.querySelector(".note--added");
    if (wanted && !note) {
      const fresh = document.getElementById("added-note").content.firstElementChild.cloneNode(true);
      fresh.id = `note-${row.dataset.object}`;
      row.querySelector(".cell-flex").append(fresh);
      box.setAttribute("aria-describedby", fresh.id);
    } else if (!wanted && note) {
      note.remove();
      box.removeAttribute("aria-describedby");
    }
  }

  // Returns what there is to say about it.
  tick(name, wanted) {
    const before = this.added;
    if (wanted) this.chosen.add(name); else this.chosen.delete(name);
    const added = [...this.added];
    const fresh = added.filter((each) => !before.has(each) && each !== name);
    if (!wanted && added.includes(name)) return this.stays(name);
    return fresh.length ? `Added for ${name}: ${fresh.join(", ")}.` : "";
  }

  stays(name) {
    const children = this.rows().filter((row) => this.chosen.has(row.dataset.object) && this.parentsOf(row).includes(name));
    const names = children.slice(0, 3).map((row) => row.dataset.object).join(", ");
    const more = children.length > 3 ? ` and ${children.length - 3} more` : "";
    return `${name} stays: ${names}${more} cannot be sent without it while Check dependencies is marked.`;
  }

  tickAll(rows, wanted) {
    for (const row of rows) {
      if (wanted) this.chosen.add(row.dataset.object); else this.chosen.delete(row.dataset.object);
    }
  }

  // The server adds the parents itself: it is told only what the person chose, and so can tell the two apart.
  sendChosen(form) {
    form.addEventListener("formdata", (event) => {
      event.formData.delete("objects");
      this.chosen.forEach((name) => event.formData.append("objects", name));
    });
  }
}

// The question comes by htmx into a dialog, a refusal into the notice; both take the focus.
function openQuestions() {
  const byId = (id) => document.getElementById(id);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "confirm-body" && !byId("confirm").open) {
      byId("notice").replaceChildren();
      byId("confirm").showModal();
    } else if (event.detail.target.id === "notice") {
      byId("notice-box")?.focus();
    }
  });
}
