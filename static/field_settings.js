/* Synchronization Field Settings: a lock needs the state as owner, and the bar says how many fields differ from what is
   stored. Without this file the server refuses what does not fit, with a sentence. */
(() => {
  "use strict";
  const form = document.getElementById("settings");
  const says = document.querySelector("[data-settings-changed]");
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => ({
    owner: row.querySelector("select"), lock: row.querySelector("input[type=checkbox]"),
  }));
  const changed = ({ owner, lock }) =>
    owner.value !== owner.dataset.was || (lock && lock.checked !== ("was" in lock.dataset));

  function tell() {
    const count = rows.filter(changed).length;
    says.textContent = count === 0 ? "" : count === 1 ? "1 field changed" : `${count} fields changed`;
  }
  form.addEventListener("change", ({ target }) => {
    const row = rows.find(({ owner, lock }) => target === owner || target === lock);
    if (row && target === row.lock && row.lock.checked) row.owner.value = "state";
    if (row && target === row.owner && row.owner.value !== "state" && row.lock) row.lock.checked = false;
    tell();
  });
  tell();
})();
