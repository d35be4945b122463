// What is done to each page so that it is part of a larger document, on paper.

/** An element with these properties and children. */
export const made = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

/** Where the number of the paper page goes on which `id` is: it is known when the book was printed once. */
export const pageNumber = (id) => {
  const number = made("span", { className: "press-number" }, "000");
  number.dataset.pageOf = id;
  return number;
};

const REFERENCES = ["for", "aria-labelledby", "aria-describedby", "aria-controls"];

/** Begin all ids of the page with `key`, and what refers to them, drawings too; links are `linked`'s. */
export const prefixed = (section, key) => {
  for (const element of section.querySelectorAll("*")) {
    if (element.id) element.id = `${key}--${element.id}`;
    for (const { name, value } of [...element.attributes]) {
      if (REFERENCES.includes(name)) {
        element.setAttribute(name, value.split(/\s+/).map((id) => `${key}--${id}`).join(" "));
      } else if (value.includes("url(#")) {
        element.setAttribute(name, value.replaceAll("url(#", `url(#${key}--`));
      } else if (name === "href" && value.startsWith("#") && element.namespaceURI.endsWith("svg")) {
        element.setAttribute(name, `#${key}--${value.slice(1)}`);
      }
    }
  }
};

const reference = (text, id, ...more) => made("a", { href: `#${id}`, className: "press-at" }, text, ...more);

/** What a fold is called: by the words on it, an output to predict by "Output". */
const kindOf = (fold) => (fold.matches(".below-input") ? "Output" : fold.querySelector("summary").textContent.trim());

/** Move what is folded to the end of the page, and leave a reference in its place. */
export const labelled = (section, key) => {
  const folds = [...section.querySelectorAll("details:not(.cell_output *)")];
  if (!folds.length) return;
  const end = made("section", { className: "press-folds" }, made("h3", {}, "Outputs, solutions and answers"));
  const counts = {};
  for (const fold of folds) {
    const kind = kindOf(fold);
    counts[kind] = (counts[kind] ?? 0) + 1;
    const name = `${kind} ${counts[kind]}`;
    const [here, there] = [`${key}--to-${name}`, `${key}--${name}`].map((id) => id.replaceAll(" ", "-").toLowerCase());
    fold.querySelector("summary").remove();
    // An output looks like one because it is in a cell.
    const body = made("div", { className: kind === "Output" ? "cell" : "" }, ...fold.childNodes);
    fold.replaceWith(made("p", { className: "press-fold", id: here }, reference(name, there, ", page ", pageNumber(there))));
    end.append(made("div", { id: there }, made("h4", {}, reference(name, here)), body));
  }
  section.append(end);
};

/** Lead each link of the page to its place in the book, else to the published site, else nowhere. */
export const linked = (section, address, { HOME, published, keyOf }) => {
  for (const link of section.querySelectorAll("a[href]:not(.press-at, svg *, .cell_output *)")) {
    const url = new URL(link.getAttribute("href"), address);
    if (url.origin !== HOME.origin) continue;
    const key = keyOf(url);
    const ids = [`${key}--${decodeURIComponent(url.hash.slice(1))}`, key];
    const target = key === "notebooks.index" ? "contents" : ids.find((id) => document.getElementById(id));
    if (target) link.setAttribute("href", `#${target}`);
    else if (published) link.href = published + url.href.slice(HOME.href.length);
    else link.replaceWith(...link.childNodes);
  }
};
