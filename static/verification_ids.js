/* "Add all" beside the counts of the last Verification Summary: fetches the keys, and adds them to the box that they are
   meant for. */
(() => {
  "use strict";
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-add-ids]");
    if (!button) return;
    const box = document.getElementById(button.dataset.into);
    const told = button.parentElement.querySelector("[role=status]");
    const say = (text) => { if (told) told.textContent = text; };
    button.disabled = true;
    try {
      const answer = await fetch(button.dataset.addIds, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const ids = (await answer.text()).trim();
      const before = box.value.trimEnd();
      box.value = before && ids ? `${before}\n${ids}` : before || ids;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      say("Added.");
    } catch {
      say("The server does not answer. Try again.");
    } finally {
      button.disabled = false;
    }
  });
})();
