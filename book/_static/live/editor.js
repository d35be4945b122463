// A cell's source, to be edited: a text area over the coloured text, so that the browser's own editing is all there is.
import { coloured } from "./python.js";

const INDENT = "    ";

export class Editor extends EventTarget {
  #shown;
  #area;
  #typing = false; // Tab indents only while one types: a reader who only passes by is not held

  /** `shown` is the `<pre>` of the page, `source` the stored text, `name` what a screen reader calls it. */
  constructor(shown, source, name) {
    super();
    this.stored = source;
    this.#shown = shown;
    this.#area = document.createElement("textarea");
    const traits = { spellcheck: false, autocapitalize: "off", autocomplete: "off", wrap: "off", value: source };
    Object.assign(this.#area, traits);
    this.#area.setAttribute("aria-label", name);
    this.#area.setAttribute("aria-describedby", "live-keys");
    this.#area.rows = 1;
    // Letter upon letter: the two are set alike, whatever the theme does with a `<pre>`.
    const { font, letterSpacing, padding, tabSize } = getComputedStyle(shown);
    Object.assign(this.#area.style, { font, letterSpacing, padding, tabSize });
    const frame = document.createElement("div");
    frame.className = "live-editor";
    shown.before(frame);
    frame.append(shown, this.#area);
    this.#area.addEventListener("input", () => this.#changed());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
    this.#area.addEventListener("blur", () => (this.#typing = false));
  }

  get source() {
    return this.#area.value;
  }

  set source(text) {
    this.#area.value = text;
    this.#show();
  }

  get edited() {
    return this.source !== this.stored;
  }

  get visible() {
    return this.#area.checkVisibility();
  }

  focus() {
    this.#area.focus();
  }

  #changed() {
    this.#typing = true;
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  #show() {
    // A last line that is empty has no height of its own.
    this.#shown.replaceChildren(coloured(this.source), "\n");
  }

  #key(event) {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    if (key === "Enter" && (shiftKey || ctrlKey || metaKey)) {
      this.dispatchEvent(new CustomEvent("run", { detail: { next: shiftKey } }));
    } else if (key === "Enter") {
      this.#insert("\n" + this.#indentOfLine());
    } else if (key === "Tab" && this.#typing) {
      if (shiftKey) this.#outdent();
      else this.#insert(INDENT);
    } else if (key === "Escape") {
      this.#typing = false;
      this.dispatchEvent(new Event("leave"));
    } else return;
    event.preventDefault();
  }

  #lineStart() {
    return this.source.lastIndexOf("\n", this.#area.selectionStart - 1) + 1;
  }

  #indentOfLine() {
    const line = this.source.slice(this.#lineStart(), this.#area.selectionStart);
    return line.match(/^[ \t]*/)[0] + (/:\s*(#.*)?$/.test(line) ? INDENT : "");
  }

  #insert(text) {
    // Not `setRangeText`, which forgets what undo would bring back.
    document.execCommand("insertText", false, text);
  }

  #outdent() {
    const start = this.#lineStart();
    const blanks = this.source.slice(start).match(/^ {0,4}/)[0].length;
    if (!blanks) return;
    const caret = this.#area.selectionStart;
    this.#area.setSelectionRange(start, start + blanks);
    document.execCommand("delete");
    const back = Math.max(start, caret - blanks);
    this.#area.setSelectionRange(back, back);
  }
}
