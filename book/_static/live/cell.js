// One code cell of the page: its source, its buttons, its outputs, and how it stands.
import { Editor } from "./editor.js";
import { Outputs } from "./outputs.js";
import { keep, kept } from "./store.js";

// How a cell stands, in words. `idle`: the Python of now has not run it.
const STATES = {
  idle: "",
  running: "runs …",
  done: "has run",
  failed: "ended with an error",
  ended: "was stopped",
};

export class Cell extends EventTarget {
  #tools;
  #run;
  #above;
  #reset;
  #word;

  /** `element` is the cell on the page; `id`, `source`, `metadata` and `cannot` are what the build says of it. */
  constructor(element, number, { id, source, metadata, cannot }) {
    super();
    Object.assign(this, { element, number, id, metadata, cannot, state: "idle" });
    this.outputs = new Outputs(element);
    this.exercise = metadata.exercise;
    const pre = element.querySelector(".cell_input pre");
    this.#tools = document.createElement("div");
    this.#tools.className = "live-tools";
    const input = element.querySelector(":scope > .cell_input, :scope > details.above-input");
    input.after(this.#tools);
    if (cannot) {
      this.#note(cannot);
      return;
    }
    this.editor = new Editor(pre, source, `source of cell ${number}`);
    const edit = kept().edits[id];
    if (edit?.stored === source) this.editor.source = edit.source;
    this.editor.addEventListener("change", () => this.#edited());
    this.editor.addEventListener("run", ({ detail }) => this.#ask("run", detail));
    this.editor.addEventListener("leave", () => this.#run.focus());
    const label = this.exercise?.role === "check" ? "Check" : "Run";
    this.#run = this.#button(label, "live-run", () => this.#ask("run", {}));
    this.#word = document.createElement("span");
    this.#word.className = "live-word";
    this.#tools.append(this.#word);
    this.#above = this.#button("Run all above", "live-more", () => this.#ask("above", {}));
    this.#reset = this.#button("Reset", "live-more", () => this.#ask("reset", {}));
    this.#above.hidden = number === 1;
    this.show("idle");
  }

  /** Does the reader's browser run it? */
  get runs() {
    return !this.cannot;
  }

  /** Has the Python of now run it, as it stands? */
  get fresh() {
    return this.ran === this.editor.source;
  }

  get mayFail() {
    return (this.metadata.tags ?? []).includes("raises-exception");
  }

  show(state) {
    this.state = state;
    if (state === "running") this.ran = this.editor.source;
    if (state === "idle" || state === "ended") this.ran = undefined;
    this.wait(false);
  }

  /** In the queue, or not any more. */
  wait(waits) {
    this.element.dataset.live = waits ? "waiting" : this.state;
    this.#word.textContent = waits ? "waits for its turn" : STATES[this.state];
    this.#offerReset();
  }

  /** Back to the published source and output. What it has made in Python stays. */
  reset() {
    this.editor.source = this.editor.stored;
    this.outputs.restore();
    const focused = document.activeElement === this.#reset;
    this.#edited();
    this.show("idle");
    if (focused) this.#run.focus(); // what has the focus must not vanish
  }

  focus() {
    if (this.editor.visible) this.editor.focus();
    else this.#run.focus();
  }

  /** Say below the source that an exercise is solved. */
  markSolved() {
    if (this.#tools.querySelector(".live-solved")) return;
    const mark = document.createElement("span");
    mark.className = "live-solved";
    mark.textContent = "✓ solved by you";
    this.#tools.append(mark);
  }

  #edited() {
    const { edited, stored, source } = this.editor;
    keep(({ edits }) => {
      delete edits[this.id];
      if (edited) edits[this.id] = { stored, source };
    });
    this.#offerReset();
  }

  #offerReset() {
    const changed = this.editor.edited || this.state !== "idle";
    this.#reset.hidden = !changed || this.state === "running";
    this.#reset.classList.toggle("live-more", !this.editor.edited);
  }

  #ask(what, detail) {
    this.dispatchEvent(new CustomEvent(what, { detail }));
  }

  #note(reason) {
    const note = document.createElement("p");
    note.className = "live-note";
    note.textContent = `Not in the browser: ${reason}. Run it in JupyterLab.`;
    this.#tools.append(note);
  }

  #button(label, className, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = label;
    button.setAttribute("aria-label", `${label}, cell ${this.number}`);
    button.addEventListener("click", action);
    this.#tools.append(button);
    return button;
  }
}
