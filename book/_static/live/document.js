// An answer of the app as a document for the frame that shows it, in which nothing runs or loads by itself.
//
// Three things see to it, each alone: what could run or load is taken out here; the document's own policy lets one
// script run, which is the book's (bridge.js), and nothing load; and the frame has no origin (visitor.js).
import { attribute, setTo } from "./attributes.js";
import { bridge } from "./bridge.js";
import { inlineFiles, resolved } from "./files.js";
import DOMPurify from "./purify.js";

// Should a browser follow a link by itself, it stays where it is.
const HERE = "about:srcdoc#";
const HTML = ["text/html", "application/xhtml+xml"];
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; form-action 'none'; base-uri 'none'";
const RULES = {
  WHOLE_DOCUMENT: true,
  SANITIZE_DOM: false, // a field may be called "title" or "method": only the bridge could mind, and it does not
  ADD_TAGS: ["link"],
  ADD_ATTR: ["form", "formaction", "formmethod", "formenctype", "formnovalidate"],
  FORBID_TAGS: ["audio", "video", "source", "track"],
  FORBID_ATTR: ["autofocus", "data-visit", "nonce", "ping", "srcset", "target"],
};
// Rules of its own: clean.js has others for what cells show.
const purify = DOMPurify(window);

/**
 * {source, title, notes} of an answer: the text for `srcdoc`, the page's title, and what a reader should know.
 * `load` gets the URL of a file and what it is wanted for, and gives the answer to that.
 */
export async function documentOf(answer, load) {
  const fragment = new URL(answer.url).hash.slice(1);
  if (!HTML.includes(answer.type) || answer.text === undefined) {
    return { source: sealed(plain(answer)), title: answer.type, notes: [] };
  }
  const raw = new DOMParser().parseFromString(answer.text, "text/html");
  const base = resolved(raw.querySelector("base[href]")?.getAttribute("href"), answer.url) ?? answer.url;
  const notes = raw.querySelector("script") ? ["Scripts of the page do not run here."] : [];
  for (const one of raw.querySelectorAll("noscript")) one.replaceWith(...one.childNodes);
  const safe = purify.sanitize(raw.documentElement.outerHTML, RULES);
  const html = new DOMParser().parseFromString(safe, "text/html").documentElement;
  leadToBook(html, base, answer.url);
  await inlineFiles(html, base, load);
  return { source: sealed(html, fragment), title: raw.title, notes };
}

/** A document's text, with the policy before all else, and the bridge. */
export function sealed(html, fragment = "") {
  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join("");
  const policy = html.ownerDocument.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = `${POLICY}; script-src 'nonce-${nonce}'`;
  const script = html.ownerDocument.createElement("script");
  script.setAttribute("nonce", nonce);
  script.textContent = `(${bridge})(${JSON.stringify(fragment).replaceAll("<", "\\u003c")});`;
  html.querySelector("head").prepend(policy, script);
  return `<!doctype html>${html.outerHTML}`;
}

/** Where a link or a form leads stands in `data-visit`, for the bridge; the browser itself finds nothing to follow. */
function leadToBook(html, base, url) {
  const [here] = url.split("#");
  for (const link of html.querySelectorAll("a, area")) {
    const href = attribute(link, "href") ?? attribute(link, "xlink:href");
    const to = href === "" ? url : resolved(href, base);
    const [page, fragment] = to?.split("#") ?? [];
    setTo(link, "data-visit", fragment !== undefined && page === here ? `#${fragment}` : to);
    setTo(link, "xlink:href", null);
    setTo(link, "href", to === null ? null : HERE);
  }
  for (const [name, all] of [["action", "form"], ["formaction", "[formaction]"]]) {
    for (const element of html.querySelectorAll(all)) {
      setTo(element, "data-visit", resolved(attribute(element, name), base) ?? url);
      setTo(element, name, null);
    }
  }
}

function plain({ type, text, base64, refused }) {
  const made = document.implementation.createHTMLDocument("");
  const style = made.createElement("style");
  style.textContent = ":root { color-scheme: light dark } pre { overflow-wrap: anywhere; white-space: pre-wrap }";
  made.head.append(style);
  const shown = made.createElement(base64 && type.startsWith("image/") ? "img" : "pre");
  if (shown.localName === "img") Object.assign(shown, { src: `data:${type};base64,${base64}`, alt: `an image, ${type}` });
  else shown.textContent = text ?? refused ?? `${atob(base64).length} bytes of type ${type}`;
  if (shown.textContent === "" && shown.localName === "pre") shown.textContent = "(no body)";
  made.body.append(shown);
  return made.documentElement;
}
