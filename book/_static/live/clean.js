// HTML that a cell shows, made harmless: no script of it runs, no style of it leaves its output.
//
// The page's Content-Security-Policy (book/_ext/live.py) sees to the rest: nothing is loaded from another host.
import DOMPurify from "./purify.js";

const RULES = {
  RETURN_DOM_FRAGMENT: true,
  FORBID_TAGS: ["style", "form", "base", "link", "meta"],
  FORBID_ATTR: ["formaction", "ping", "target"],
};
// Attributes whose address a browser loads by itself; a link's it does not.
const LOADED = new Set(["src", "srcset", "poster", "background", "data", "href", "xlink:href"]);
const HERE = /^\s*(data:|blob:|#)/i;
// Styles and the paint of drawings load, too. What is written with escapes is not worth reading.
const PAINT = /(url|image|image-set|src)\s*\((?!\s*["']?#)/i;

DOMPurify.addHook("uponSanitizeAttribute", (node, told) => {
  const { attrName: name, attrValue: value } = told;
  const link = name === "href" && node.nodeName === "A";
  const elsewhere = LOADED.has(name) && !link && !HERE.test(value);
  if (elsewhere || PAINT.test(value) || (name === "style" && value.includes("\\"))) told.keepAttr = false;
});

/** A fragment that shows `html`. Frames are made anew, with no rights: of the old ones only the document is kept. */
export function clean(html) {
  const inert = new DOMParser().parseFromString(html, "text/html");
  const frames = [...inert.querySelectorAll("iframe")].map((old, number) => {
    const place = inert.createElement("span");
    place.dataset.frame = number;
    old.replaceWith(place);
    return frame(old);
  });
  const fragment = DOMPurify.sanitize(inert.body, RULES);
  for (const place of fragment.querySelectorAll("[data-frame]")) {
    const made = frames[place.dataset.frame];
    if (made) place.replaceWith(made);
  }
  return fragment;
}

function frame(old) {
  const made = document.createElement("iframe");
  made.setAttribute("sandbox", "");
  made.className = old.className;
  made.title = old.title || "a page that the cell shows";
  made.srcdoc = old.srcdoc;
  return made;
}
