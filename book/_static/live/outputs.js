// What a cell shows: outputs in the form that a notebook stores, drawn as the page draws the stored ones.
import { clean } from "./clean.js";

const ESCAPE = /\x1b\[([0-9;]*)([A-Za-z])/g;
const COLOURS = ["Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White"];
const LIMIT = 200_000; // letters of a stream
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

/** A terminal's text, its colours as the classes that the page has for them. */
function terminal(text) {
  const fragment = document.createDocumentFragment();
  let [end, colour, bold] = [0, "", false];
  const add = (part) => {
    if (!part) return;
    const style = [bold && "Bold", colour].filter(Boolean).join("-");
    fragment.append(style ? element("span", `-Color-${style}`, part) : part);
  };
  for (const { 0: code, 1: numbers, 2: letter, index } of text.matchAll(ESCAPE)) {
    add(text.slice(end, index));
    end = index + code.length;
    if (letter !== "m") continue;
    const values = numbers.split(";").map(Number);
    while (values.length) {
      const value = values.shift();
      if (value === 38 || value === 48) values.splice(0, values[0] === 5 ? 2 : 4);
      else if (value === 0) [colour, bold] = ["", false];
      else if (value === 1 || value === 22) bold = value === 1;
      else if (value === 39) colour = "";
      else if (COLOURS[value - 30]) colour = COLOURS[value - 30];
    }
  }
  add(text.slice(end));
  return fragment;
}

function text(kind, content) {
  const pre = element("pre", "", content);
  return element("div", `output ${kind} highlight-myst-ansi notranslate`, element("div", "highlight", pre));
}

/** The richest form of a result that the page can show. */
function rich(data) {
  const html = data["text/html"] ?? data["image/svg+xml"];
  if (html !== undefined) return element("div", "output text_html", clean(html));
  const picture = PICTURES.find((kind) => kind in data);
  if (picture) {
    const image = element("img", "output");
    image.src = `data:${picture};base64,${data[picture]}`;
    image.alt = data["text/plain"] ?? "a picture that the cell made";
    return image;
  }
  return text("text_plain", terminal(data["text/plain"] ?? ""));
}

function drawn(output) {
  if (output.output_type === "stream") {
    return text(output.name === "stderr" ? "stderr" : "stream", terminal(output.text));
  }
  if (output.output_type === "error") {
    return text("traceback", output.traceback.join("\n").replaceAll(ESCAPE, ""));
  }
  return rich(output.data);
}

/** The outputs of one cell, below it. */
export class Outputs {
  #area;
  #fold;
  #stored;
  #shown = []; // one node an output, and the name that `display(…, display_id=…)` gave it
  #clearNext = false;

  constructor(cell) {
    this.#area = cell.querySelector(".cell_output");
    if (!this.#area) {
      this.#area = element("div", "cell_output docutils container");
      cell.append(this.#area);
    }
    this.#fold = this.#area.closest("details");
    this.#stored = [...this.#area.childNodes];
    /** In nbformat's form. */
    this.list = [];
    /** Called with an exchange on the page and the number by which the kernel opens it. */
    this.offer = () => {};
  }

  clear() {
    [this.list, this.#shown, this.#clearNext] = [[], [], false];
    this.#area.replaceChildren();
    if (this.#fold) this.#fold.open = true;
  }

  /** Back to what the page was published with. */
  restore() {
    this.clear();
    this.#area.replaceChildren(...this.#stored);
    if (this.#fold) this.#fold.open = false;
  }

  add({ transient, visits = [], ...output }) {
    if (output.output_type === "clear_output") {
      if (output.wait) this.#clearNext = true;
      else this.clear();
      return;
    }
    if (this.#clearNext) this.clear();
    const last = this.list.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      this.#continue(last, output.text);
      return;
    }
    this.list.push(output);
    const node = drawn(output);
    this.#shown.push({ node, name: transient?.display_id });
    this.#area.append(node);
    const exchanges = node.querySelectorAll(".fm-exchange");
    visits.forEach((number, index) => number && this.offer(exchanges[index], number));
  }

  /** Change what was shown under the name of a display, as `update_display` asks. */
  update({ transient, data, metadata }) {
    this.#shown.forEach(({ name }, number) => {
      if (name === undefined || name !== transient?.display_id) return;
      Object.assign(this.list[number], { data, metadata });
      this.#redraw(number);
    });
  }

  #continue(last, more) {
    if (last.text.length > LIMIT) return;
    last.text += more;
    const pre = this.#shown.at(-1).node.querySelector("pre");
    pre.append(terminal(more));
    if (last.text.length > LIMIT) pre.append("\n… and more than a page can show");
  }

  #redraw(number) {
    const node = drawn(this.list[number]);
    this.#shown[number].node.replaceWith(node);
    this.#shown[number].node = node;
  }
}
