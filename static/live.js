/* A page that asks for news every two seconds (#poller): it can be paused, rests while nobody sees it, and says when
   the server does not answer. */
(() => {
  "use strict";
  const pause = document.getElementById("pause");
  const says = document.getElementById("says");
  const say = (text) => { if (says) says.textContent = text; };
  const isPoller = (event) => (event.detail.requestConfig?.elt ?? event.detail.elt).id === "poller";
  let isPaused = false;
  let isLost = false;

  // After every answer: there may be nothing left to wait for.
  function settle() {
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
