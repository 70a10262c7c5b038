// Keeps the parts of a page live, the clock running, and the filter at hand. Everything works without it, too.
"use strict";

(() => {
  const body = document.body;
  const announcer = document.getElementById("announcer");

  // What has the focus in a live part, so that it is found again after the part was replaced: by what it is, else by its place.
  const names = ["id", "href", "name", "value"];
  const isAlike = (one, other) =>
    names.every((name) => one.getAttribute(name) === other.getAttribute(name)) && one.textContent === other.textContent;
  const find = (part, focused, path) => {
    const alike = [...part.querySelectorAll(focused.tagName)].find((element) => isAlike(element, focused));
    if (alike) return alike;
    let at = part;
    for (const index of path) at = at && at.children[index];
    return at && at.tagName === focused.tagName ? at : null;
  };
  const pathOf = (part, element) => {
    const path = [];
    for (let at = element; at !== part; at = at.parentElement) path.unshift([...at.parentElement.children].indexOf(at));
    return path;
  };

  const replace = (fresh) => {
    let changed = false;
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = part.id && fresh.getElementById(part.id);
      if (!next) continue;
      // What somebody has opened stays open, what somebody has typed stays typed.
      const opened = [...part.querySelectorAll("details")].map((details) => details.open);
      const typing = part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
      if (typing) continue;
      [...next.querySelectorAll("details")].forEach((details, index) => {
        const known = details.id ? part.querySelector("#" + CSS.escape(details.id)) : null;
        details.open = known ? known.open : !details.id && Boolean(opened[index]);
      });
      if (part.isEqualNode(next)) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement : null;
      const path = focused && pathOf(part, focused);
      part.replaceChildren(...next.childNodes);
      if (part.id !== "clock") changed = true;
      if (focused) {
        const again = find(part, focused, path);
        if (again) again.focus({ preventScroll: true });
        else {
          const content = document.getElementById("content");
          if (content) content.focus({ preventScroll: true });
        }
      }
    }
    return changed;
  };

  let seen = Number(body.dataset.changes);
  let isFetching = false;
  let isStale = false;

  const refresh = async () => {
    if (isFetching) {
      isStale = true;
      return;
    }
    isFetching = true;
    try {
      const response = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      seen = Number(fresh.body.dataset.changes ?? seen);
      if (replace(fresh) && announcer) announcer.textContent = "The page has changed.";
      tick();
    } catch {
      // The sandbox is gone or stopping; the events begin again when it is back, and with them the page.
    }
    isFetching = false;
    if (isStale) {
      isStale = false;
      refresh();
    }
  };

  // The page that a refused form came back with stays as it is until it is left.
  if (body.dataset.events && !document.querySelector("[role=alert]")) {
    const events = new EventSource(body.dataset.events);
    events.addEventListener("changed", (event) => {
      if (Number(event.data) !== seen) refresh();
    });
    events.addEventListener("open", () => body.classList.add("live"));
    events.addEventListener("error", () => body.classList.remove("live"));
    window.addEventListener("pagehide", () => events.close());
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) location.reload();
    });
  }

  // The sandbox's clock, second by second, from where the server said it stood.
  let offset = 0;
  let shownFrom = null;
  const tick = () => {
    const now = document.getElementById("now");
    if (!now || now.hasAttribute("data-frozen")) return;
    if (shownFrom !== now.dataset.milliseconds) {
      shownFrom = now.dataset.milliseconds;
      offset = Number(shownFrom) - Date.now();
    }
    const time = new Date(Date.now() + offset);
    if (!Number.isNaN(time.getTime())) now.textContent = time.toISOString().slice(0, 19).replace("T", " ");
  };
  setInterval(tick, 1000);

  // A filter takes effect while it is typed.
  const form = document.querySelector("form[data-auto]");
  if (form) {
    let waiting;
    const apply = () => {
      const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
      const address = new URL(form.action);
      address.search = query;
      history.replaceState(null, "", address);
      refresh();
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 200);
    });
  }
})();
