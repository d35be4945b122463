// Makes one document of all pages of the site, in the order of its navigation: title, contents, chapters.
// The address's query says where the site is published, `?site=…`, where anybody knows; `window.press` is what came of it.
import { labelled, linked, made, pageNumber, prefixed } from "./parts.js";

const HOME = new URL("/", location);
const LANDING = new URL("book/intro.html", HOME);
const published = new URLSearchParams(location.search).get("site") ?? "";
// What only a screen has a use for, and the sources of checks.
const SCREEN = "script, button, .headerlink, nav.tags, .cell .above-input, .toctree-wrapper";
const LISTED = "#pst-primary-sidebar .list-caption > li";

const read = async (address) => new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
// "notebooks/02-routing/02-variable-rules.html" as the beginning of an id.
const keyOf = (url) => url.pathname.slice(HOME.pathname.length).replace(/\.html$/, "").replaceAll("/", ".");

/** The parts of the book, each with a title and the addresses of its pages; the landing page is a part of its own. */
const partsOf = (landing) => [
  { title: "", addresses: [LANDING] },
  ...[...landing.querySelectorAll(LISTED)].map((item) => ({
    title: item.querySelector(".caption-text").textContent,
    addresses: [...item.querySelectorAll("ul a")].map((link) => new URL(link.getAttribute("href"), LANDING)),
  })),
];

/** The text of a page, its headings as many levels lower as `depth` says. */
const pageAt = async (address, depth) => {
  const source = await read(address);
  const section = made("section", { className: "press-page", id: keyOf(address) });
  section.append(...source.querySelector("article.bd-article").childNodes);
  section.querySelectorAll(SCREEN).forEach((element) => element.remove());
  section.querySelectorAll("img, iframe").forEach((element) => { element.loading = "eager"; });
  for (const image of section.querySelectorAll("img[src]")) image.src = new URL(image.getAttribute("src"), address);
  for (const level of [5, 4, 3, 2, 1].slice(depth ? 0 : 5)) {
    for (const heading of section.querySelectorAll(`h${level}:not(.cell_output *)`)) {
      const lower = made(`h${level + depth}`, { className: level === 1 ? "press-heading" : "" });
      lower.append(...heading.childNodes);
      heading.replaceWith(lower);
    }
  }
  prefixed(section, section.id);
  labelled(section, section.id);
  return { section, address, title: section.querySelector(".press-heading, h1").textContent };
};

/** A part: its own heading, where no page of it opens it, and its pages. */
const chapterOf = async ({ title, addresses }, number) => {
  const chapter = made("section", { className: "press-chapter" });
  chapter.style.page = `chapter-${number}`;
  const opened = !title || addresses[0].pathname.endsWith("/index.html");
  const pages = [];
  for (const address of addresses) pages.push(await pageAt(address, opened && !pages.length ? 0 : 1));
  if (!opened) chapter.append(made("h1", {}, title));
  chapter.append(...pages.map(({ section }) => section));
  return { chapter, title: title || pages[0].title, pages, opened };
};

const entry = (key, title) => made("a", { href: `#${key}` }, made("span", {}, title), pageNumber(key));

/** The contents' list of one chapter. */
const listed = ({ title, pages, opened }) => {
  const [head, ...rest] = opened ? pages : [pages[0], ...pages];
  const list = made("ol", {}, ...rest.map((page) => made("li", {}, entry(page.section.id, page.title))));
  return made("section", {}, made("p", {}, entry(head.section.id, title)), ...(rest.length ? [list] : []));
};

/** Each chapter's name at the head of its pages. */
const named = (chapters) => made("style", {}, ...chapters.map(({ title }, number) =>
  `@page chapter-${number} { @top-left { content: ${JSON.stringify(title)}; } }\n`));

const drawn = async () => {
  const { default: mermaid } = await import(new URL("_static/mermaid.mjs", HOME));
  mermaid.initialize({ startOnLoad: false, theme: "default" });
  await mermaid.run({ querySelector: "pre.mermaid" });
};

const styled = (landing) => Promise.all([
  ...[...landing.querySelectorAll("link[rel=stylesheet]")].map((link) => new URL(link.getAttribute("href"), LANDING)),
  new URL("press.css", location),
].map((href) => new Promise((loaded, failed) => {
  document.head.append(made("link", { rel: "stylesheet", href, onload: loaded, onerror: () => failed(Error(`${href} is missing`)) }));
})));

/** What is wider than the paper, each by its page and its text. */
const tooWide = () => {
  const edge = document.documentElement.clientWidth + 1;
  return [...document.querySelectorAll(".press-page *")]
    .filter((element) => element.getBoundingClientRect().right > edge && !element.closest("svg, .fm-scroll"))
    .map((element) => `${element.closest(".press-page").id}: ${element.tagName} ${element.textContent.trim().slice(0, 60)}`);
};

window.press = (async () => {
  const landing = await read(LANDING);
  await styled(landing);
  const chapters = [];
  for (const part of partsOf(landing)) chapters.push(await chapterOf(part, chapters.length));
  const name = landing.querySelector(".logo__title").textContent;
  document.title = name;
  document.querySelector(".press-name").append(name);
  const author = landing.querySelector(".component-author").textContent.trim();
  document.querySelector(".press-author").append(author);
  if (published) {
    document.querySelector(".press-site").append("Where every cell runs: ", made("a", { href: published }, published));
  }
  document.querySelector(".press-contents").append(...chapters.map(listed));
  document.head.append(named(chapters));
  document.querySelector("article").append(...chapters.map(({ chapter }) => chapter));
  const pages = chapters.flatMap((chapter) => chapter.pages);
  for (const { section, address } of pages) linked(section, address, { HOME, published, keyOf });
  await drawn();
  await document.fonts.ready;
  const told = chapters.map(({ title, pages: all }) =>
    ({ title, pages: all.map((page) => ({ title: page.title, id: page.section.id })) }));
  return { name, author: author.replace(/^By /, ""), chapters: told };
})();

// What the printer asks for, once that is there.
window.tooWide = tooWide;
window.setNumbers = (numbers) => {
  for (const element of document.querySelectorAll("[data-page-of]")) element.textContent = numbers[element.dataset.pageOf] ?? "";
};
