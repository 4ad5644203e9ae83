"""Whether a page took a text for anything but text: what ran, what it asked for, and what it is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, cast

from playwright.async_api import BrowserContext, Dialog, Page

from tests.browser.watch import Watch

_MEANT = ("Failed to load resource: the server responded with a status of 4", "warning: The specified value ")
"""What the console says of pages that refuse, and of a field for a number that comes back with a text in it."""

_BEGIN = """
(() => {
  const tell = window.__told;
  window.__pwned = (what) => tell("ran " + what);
  addEventListener("securitypolicyviolation", (event) =>
    tell("policy " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
})()
"""

LOOK = """
(root) => {
  const tags = {}, names = new Set(), odd = [], texts = [root.title];
  const home = location.origin;
  for (const one of root.querySelectorAll("*")) {
    const tag = one.localName;
    tags[tag] = (tags[tag] || 0) + 1;
    for (const { name, value } of one.attributes) {
      names.add(name);
      if (/^on|^style$|^srcdoc$|^formaction$|^xlink:/.test(name)) odd.push(tag + " " + name + "=" + value);
      if (/^(href|src|action|data|poster|background)$/.test(name)) {
        let url = null;
        try { url = new URL(value, location.href); } catch { odd.push(tag + " " + name + "=" + value); }
        if (url && url.origin !== home) odd.push(tag + " " + name + "=" + value);
      } else texts.push(value);
    }
    if ("value" in one) texts.push(String(one.value));
  }
  texts.push(root.body ? root.body.textContent : "");
  return { tags, names: [...names], odd, text: texts.join("\\n") };
}
"""
"""What a document is made of."""


class Looked(TypedDict):
    """Elements by their names, the names of all attributes, addresses and handlers that lead elsewhere, all text."""

    tags: Mapping[str, int]
    names: Sequence[str]
    odd: Sequence[str]
    text: str


@dataclass
class Signs:
    """Everything that happens in a context which no text may bring about."""

    watch: Watch
    told: list[str] = field(default_factory=list)

    async def over(self, context: BrowserContext) -> None:
        """Begins to listen, before the first page."""
        self.watch.over(context)
        await context.expose_function("__told", self._hear)
        await context.add_init_script(_BEGIN)
        context.on("dialog", self._asked)
        context.on("page", lambda page: page.on("popup", lambda other: self.told.append(f"opened {other.url}")))

    def verdict(self) -> list[str]:
        """A sentence for each."""
        return [*self.told, *(one for one in self.watch.verdict() if not any(meant in one for meant in _MEANT))]

    def _hear(self, what: str) -> None:
        self.told.append(what)

    async def _asked(self, dialog: Dialog) -> None:
        self.told.append(f"dialog {dialog.message}")
        await dialog.dismiss()


@dataclass
class Plain:
    """What pages are made of whose texts want nothing. Others may have no other element and no other attribute."""

    tags: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    counts: dict[str, Mapping[str, int]] = field(default_factory=dict)
    """By the place of the look: how many of those elements there are whose number no text changes."""

    def learn(self, place: str, looked: Looked) -> None:
        assert looked["odd"] == [], looked["odd"]
        self.tags |= set(looked["tags"])
        self.names |= set(looked["names"])
        self.counts[place] = counted(looked)

    def strange(self, place: str, looked: Looked) -> list[str]:
        """What there is beyond that; of a `place` that was not learnt, what it is made of alone."""
        found = [f"an element <{tag}>" for tag in set(looked["tags"]) - self.tags]
        found += [f"an attribute {name}" for name in set(looked["names"]) - self.names]
        found += looked["odd"]
        usual, mine = self.counts.get(place), counted(looked)
        if usual is not None and usual != mine:
            found.append(f"expected {usual}, but there are {mine}")
        return found


DANGEROUS = (
    *("script", "iframe", "frame", "object", "embed", "form", "base", "meta", "link", "style", "img", "image"),
    *("video", "audio", "source", "template", "noscript", "math", "foreignobject", "animate", "set", "use"),
    *("input", "textarea", "select", "button", "title", "body", "head", "main"),
)


def counted(looked: Looked) -> Mapping[str, int]:
    """How many there are of each dangerous kind."""
    return {tag: looked["tags"].get(tag, 0) for tag in DANGEROUS}


async def look(page: Page) -> Looked:
    """The page as it is now."""
    return cast("Looked", await page.evaluate(f"({LOOK})(document)"))


def seen_in(looked: Looked, texts: Sequence[str]) -> set[int]:
    """The numbers of the texts that stand in it, letter for letter or as JSON writes them."""
    text = looked["text"]
    return {
        number for number, one in enumerate(texts) if one in text or json.dumps(one, ensure_ascii=False)[1:-1] in text
    }
