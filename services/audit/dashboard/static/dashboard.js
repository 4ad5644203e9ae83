// What pages do beyond showing: copy, and follow what happens. They are complete without it.
"use strict";

for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
}
// What was wrong with a form is read out, and mended first.
document.querySelector("[aria-invalid]")?.focus();
document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.parentElement.querySelector("pre").innerText);
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});

// Makes `shown` look like `wanted` and touches nothing else, so that what somebody has opened, selected or scrolled stays.
function morph(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    if (!wanted.hasAttribute(name) && name !== "open") shown.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (shown.getAttribute(name) !== value && name !== "open") shown.setAttribute(name, value);
  }
  let place = shown.firstChild;
  for (const child of [...wanted.childNodes]) {
    const found = counterpart(shown, place, child);
    if (!found) {
      const added = document.importNode(child, true);
      shown.insertBefore(added, place);
      if (added.id && added.classList) added.classList.add("fresh");
      continue;
    }
    if (found === place) place = place.nextSibling;
    else shown.insertBefore(found, place);
    if (found.nodeType !== Node.ELEMENT_NODE) {
      if (found.nodeValue !== child.nodeValue) found.nodeValue = child.nodeValue;
    } else if (!found.isEqualNode(child)) {
      morph(found, child);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

// What stands for `child` already: by its id, or else whatever of its kind is at this place and has no id of its own.
function counterpart(parent, place, child) {
  if (child.id) return [...parent.children].find((one) => one.id === child.id && one.tagName === child.tagName);
  return place && !place.id && place.nodeName === child.nodeName ? place : null;
}

const SHORTEST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60000;

const region = document.querySelector("[data-live]");
if (region) {
  let source = null;
  let waiting = 0;
  let pause = SHORTEST_PAUSE_MS;
  const say = (state) => { document.documentElement.dataset.live = state; };
  const follow = () => {
    if (source || document.hidden) return;
    source = new EventSource(window.location.href);
    source.onopen = () => {
      say("on");
      pause = SHORTEST_PAUSE_MS;
    };
    source.onerror = () => {
      say("off");
      if (source.readyState !== EventSource.CLOSED) return;
      // Somebody answered that there is no stream now, as the gateway does while the audit starts again: a browser
      // does not ask again by itself then.
      rest();
      waiting = setTimeout(follow, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    };
    source.addEventListener("region", (event) => {
      const wanted = region.cloneNode(false);
      const parsed = new DOMParser().parseFromString(JSON.parse(event.data).html, "text/html");
      wanted.append(...parsed.body.childNodes);
      morph(region, wanted);
    });
    source.addEventListener("over", () => { rest(); window.location.reload(); });
  };
  const rest = () => {
    clearTimeout(waiting);
    if (source) source.close();
    source = null;
  };
  // A browser keeps few connections to one place: a page that nobody looks at must not hold one.
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : follow()));
  follow();
}
