/* A table of tick boxes: all or none of what is shown, and how much is not saved yet. The form works without it. */
(() => {
  "use strict";
  const form = document.getElementById("flags");
  const says = document.querySelector("[data-flags-changed]");
  const boxes = () => [...form.querySelectorAll("tbody input[type=checkbox]")];

  function paint() {
    const changed = boxes().filter((box) => box.checked !== box.defaultChecked).length;
    says.textContent = changed ? `${changed} change${changed === 1 ? "" : "s"} not saved yet` : "";
  }

  function set(name, wanted) {
    boxes().filter((box) => box.name === name && !box.closest("tr").hidden).forEach((box) => { box.checked = wanted; });
    paint();
  }

  form.addEventListener("change", paint);
  document.querySelectorAll("[data-tick], [data-untick]").forEach((button) => {
    button.addEventListener("click", () => set(button.dataset.tick || button.dataset.untick, "tick" in button.dataset));
  });
  paint();
})();
