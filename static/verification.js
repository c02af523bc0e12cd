/* Verification Summary: how many comparisons a choice makes, and ticks that outlive a row that comes with the news. */
(() => {
  "use strict";

  // A row from the server knows nothing of what the person has ticked.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    for (const box of event.detail.target.querySelectorAll("input[type=checkbox]:checked")) {
      const next = event.detail.fragment.querySelector(`#${CSS.escape(box.id)}`);
      if (next) next.checked = true;
    }
  });

  const form = document.querySelector("form[data-comparisons]");
  const told = document.getElementById("comparisons");
  const counted = (number, noun) => `${number.toLocaleString("en-US")} ${noun}${number === 1 ? "" : "s"}`;
  form?.addEventListener("change", () => {
    const districts = Number(form.dataset.comparisons);
    const objects = form.querySelectorAll("input[name=objects]:checked").length;
    const strong = document.createElement("strong");
    strong.textContent = counted(objects * districts, "comparison");
    told.replaceChildren(strong, `: ${counted(objects, "object")} of ${counted(districts, "district")}`);
  });
})();
