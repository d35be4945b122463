// The strip below the title: what can be done with the whole page, and how its Python stands.

const ACTIONS = [["all", "Run all"], ["stop", "Stop"], ["reset", "Reset page"]];
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

export class Bar extends EventTarget {
  #element = document.createElement("section");
  #status = this.#text("live-status");
  #amount = this.#text("live-amount");
  #solved = this.#text("live-count");
  #warning = this.#text("live-warning");
  #progress = document.createElement("progress");
  #buttons = {};
  #used = false;

  constructor(title) {
    super();
    this.#element.className = "live-bar";
    this.#element.setAttribute("aria-label", "Run this page");
    for (const [action, label] of ACTIONS) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: label });
      button.addEventListener("click", () => this.dispatchEvent(new Event(action)));
      this.#buttons[action] = button;
    }
    this.#status.setAttribute("role", "status");
    this.#warning.setAttribute("role", "status");
    this.#progress.setAttribute("aria-label", "Python, loaded so far");
    this.#amount.setAttribute("aria-hidden", "true"); // a screen reader has the progress bar, and would read each change
    const keys = this.#text("live-keys");
    Object.assign(keys, { id: "live-keys", hidden: true, textContent: "Shift and Enter run it, Escape leaves it." });
    const parts = [this.#status, this.#progress, this.#amount, this.#solved, this.#warning, keys];
    this.#element.append(...Object.values(this.#buttons), ...parts);
    title.after(this.#element);
    this.load(1, 1);
    this.busy(false);
  }

  /** What happens now; a screen reader says it. The same text again is no news. */
  say(text) {
    if (this.#status.textContent !== text) this.#status.textContent = text;
  }

  warn(text) {
    this.#warning.textContent = text;
  }

  count(solved, all) {
    this.#solved.textContent = `${solved} of ${all} exercises solved`;
  }

  /** While something runs it can be stopped, and the strip stays in view. */
  busy(busy) {
    this.#used ||= busy;
    const { stop, reset } = this.#buttons;
    if (!busy && document.activeElement === stop) this.#buttons.all.focus(); // what has the focus must not vanish
    stop.hidden = !busy;
    reset.hidden = busy || !this.#used;
    this.#element.classList.toggle("live-busy", busy);
  }

  load(loaded, total) {
    this.#progress.hidden = this.#amount.hidden = loaded >= total;
    Object.assign(this.#progress, { max: total, value: loaded });
    this.#amount.textContent = `${megabytes(loaded)} of ${megabytes(total)} MB`;
  }

  #text(className) {
    const made = document.createElement("span");
    made.className = className;
    return made;
  }
}
