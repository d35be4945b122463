// Stylesheets and images of an app's page, put into the page: the frame that shows it loads nothing.
import { attribute, setTo } from "./attributes.js";

const MANY = 100; // files of one page
const DEEP = 5; // stylesheets that import one another
const COMMENT = /\/\*[^]*?\*\//g;
const IMPORT = /@import\s+(?:url\(\s*)?["']?([^"')\s;]+)["']?\s*\)?([^;]*);/gi;
const ADDRESS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^"'()\s]+))\s*\)/gi;
const PICTURE = /^image\/[\w.+-]+$/;
const IN_STYLE = /^(?:image|font)\/[\w.+-]+$|^application\/[\w.+-]*(?:font|octet-stream)[\w.+-]*$/;
const INSIDE = /^(?:data:|#|$)/i;

/** An absolute URL, or null for what is none; an empty address is none, either. */
export function resolved(address, base) {
  if (!address) return null;
  try {
    return new URL(address, base).href;
  } catch {
    return null;
  }
}

/** Put into the tree `html` what it names; what the app does not give is left out. `load` is as in document.js. */
export async function inlineFiles(html, base, load) {
  const asked = new Map();
  const ask = (address, from, wants) => {
    const url = resolved(address, from);
    if (url === null || (asked.size >= MANY && !asked.has(url))) return undefined;
    if (!asked.has(url)) asked.set(url, load(url, wants));
    return asked.get(url);
  };
  const picture = async (address, from, kinds = PICTURE) => {
    const { status, type, base64 } = (await ask(address, from, "image")) ?? {};
    return status?.startsWith("2") && base64 && kinds.test(type) ? `data:${type};base64,${base64}` : undefined;
  };
  const sheet = async (address, from, depth) => {
    const { status, type, text, url } = (await ask(address, from, "style")) ?? {};
    return status?.startsWith("2") && type === "text/css" ? styled(text, url, depth) : "";
  };
  const styled = async (css, from, depth = 0) => {
    const bare = css.replaceAll(COMMENT, "");
    const whole = await replaced(bare, IMPORT, async ([, address, media]) => {
      const inner = depth < DEEP ? await sheet(address, from, depth + 1) : "";
      return media.trim() ? `@media ${media.trim()} { ${inner} }` : inner;
    });
    return replaced(whole, ADDRESS, async ([all, ...addresses]) => {
      const address = addresses.find((one) => one !== undefined);
      return INSIDE.test(address) ? all : `url("${(await picture(address, from, IN_STYLE)) ?? "data:,"}")`;
    });
  };

  const work = [...html.querySelectorAll("link")].map(async (link) => {
    const kinds = (link.getAttribute("rel") ?? "").toLowerCase().split(/\s+/);
    if (!kinds.includes("stylesheet") || kinds.includes("alternate")) return link.remove();
    const style = html.ownerDocument.createElement("style");
    if (link.hasAttribute("media")) style.setAttribute("media", link.getAttribute("media"));
    setStyle(style, await sheet(link.getAttribute("href"), base, 0));
    link.replaceWith(style);
  });
  for (const style of html.querySelectorAll("style")) {
    work.push(styled(style.textContent, base).then((css) => setStyle(style, css)));
  }
  for (const element of html.querySelectorAll("[style*='url' i]")) {
    work.push(styled(attribute(element, "style"), base).then((css) => setTo(element, "style", css)));
  }
  // A browser takes these by itself, a link's address not.
  for (const element of html.querySelectorAll("[src], [background], image, feImage, use")) {
    for (const name of ["src", "background", "href", "xlink:href"]) {
      const address = attribute(element, name);
      if (address === null || INSIDE.test(address)) continue;
      setTo(element, name, null);
      work.push(picture(address, base).then((data) => setTo(element, name, data)));
    }
  }
  await Promise.all(work);
}

function setStyle(style, css) {
  style.textContent = css.replaceAll("</", "<\\/");
}

async function replaced(text, pattern, replacement) {
  const parts = await Promise.all([...text.matchAll(pattern)].map(replacement));
  return text.replaceAll(pattern, () => parts.shift());
}
