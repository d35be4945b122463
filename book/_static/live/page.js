// A page of the book, run in the reader's browser: buttons at its cells, and one Python behind them.
//
// The build (book/_ext/live.py) puts into each page what it needs: {cells, parts, bytes}.
import { Bar } from "./bar.js";
import { Cell } from "./cell.js";
import { Ended, Kernel } from "./kernel.js";
import { keep, kept } from "./store.js";
import { closeVisits, Visitor } from "./visitor.js";

const CHECK = "application/vnd.flask-magic.check+json";
const MOMENT = 500; // milliseconds after which a visit counts as something that can be stopped

class Page {
  #cells;
  #bar;
  #kernel;
  #queue = [];
  #works = false;
  #visiting = 0;

  constructor({ cells, parts, bytes }) {
    this.#cells = cells.map((told, index) => new Cell(document.getElementById(`cell-${told.id}`), index + 1, told));
    this.#bar = new Bar(document.querySelector(".bd-article h1"));
    this.#kernel = new Kernel(parts, (told) => this.#hear(told));
    this.#bar.addEventListener("all", () => this.#ask(this.#runnable));
    this.#bar.addEventListener("stop", () => this.#stop());
    this.#bar.addEventListener("reset", () => this.#reset());
    for (const cell of this.#runnable) {
      cell.addEventListener("run", ({ detail }) => this.#runWithNeeded(cell, detail));
      cell.addEventListener("above", () => this.#ask(this.#above(cell)));
      cell.addEventListener("reset", () => cell.reset());
      cell.outputs.offer = (exchange, number) => new Visitor(exchange, number, (asked) => this.#visit(asked));
    }
    const some = this.#runnable.length < cells.length ? `${this.#runnable.length} of its ${cells.length} cells run` : "It runs";
    this.#bar.say(`${some} in your browser. The first run loads Python, ${Math.round(bytes / 1e6)} MB.`);
    this.#showSolved();
  }

  get #runnable() {
    return this.#cells.filter(({ runs }) => runs);
  }

  #above(cell) {
    return this.#runnable.filter(({ number }) => number < cell.number);
  }

  /** Run a cell, and before it what it needs: cells above that this Python has not run, and a check's answer. */
  #runWithNeeded(cell, { next }) {
    const { name, role } = cell.exercise ?? {};
    const isAnswer = ({ exercise }) => role === "check" && exercise?.role === "stub" && exercise.name === name;
    const needed = this.#above(cell).filter((one) => one.ran === undefined || (isAnswer(one) && !one.fresh));
    this.#ask([...needed, cell]);
    if (next) this.#runnable.find(({ number }) => number > cell.number)?.focus();
  }

  /** Run these, after what is waiting already. */
  #ask(cells) {
    for (const cell of cells.filter((one) => !this.#queue.includes(one))) {
      this.#queue.push(cell);
      if (cell.state !== "running") cell.wait(true);
    }
    if (!this.#works) this.#work();
  }

  async #work() {
    this.#works = true;
    this.#bar.busy(true);
    try {
      let said = "Done.";
      while (this.#queue.length) {
        const cell = this.#queue.shift();
        const ok = await this.#run(cell);
        if (ok || cell.mayFail) continue;
        said = `Cell ${cell.number} ended with an error.${this.#queue.length ? " The cells after it did not run." : ""}`;
        this.#forgetQueue();
      }
      this.#bar.say(said);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#works = false;
      this.#bar.busy(this.#visiting > 0);
    }
  }

  /** Ask the app for a small browser: see visitor.js. */
  async #visit(asked) {
    const slow = setTimeout(() => this.#bar.busy(true), MOMENT);
    this.#visiting += 1;
    try {
      return await this.#kernel.visit(asked);
    } catch (error) {
      this.#fail(error);
      return { refused: "Python was stopped." };
    } finally {
      clearTimeout(slow);
      this.#visiting -= 1;
      if (!this.#works && !this.#visiting) this.#bar.busy(false);
    }
  }

  #fail(error) {
    this.#lose();
    const why = `Python could not be run here: ${error.message}. Check the connection, then try again.`;
    this.#bar.say(error instanceof Ended ? "Stopped. What the cells had made is gone: the next run starts anew." : why);
  }

  async #run(cell) {
    const { id, metadata, outputs } = cell;
    let begun = false;
    const begin = () => {
      if (!begun) outputs.clear(); // not earlier: until there is a new output, the old one can be read
      begun = true;
    };
    const show = (output) => {
      begin();
      if (output.output_type === "update_display_data") this.#cells.forEach((one) => one.outputs.update(output));
      else outputs.add(output);
    };
    cell.show("running");
    if (this.#kernel.started) this.#bar.say(`Cell ${cell.number} runs.`);
    const ok = await this.#kernel.run({ id, metadata, source: cell.editor.source }, show);
    begin();
    cell.show(ok ? "done" : "failed");
    this.#lookForSolved(outputs.list);
    document.dispatchEvent(new CustomEvent("flask-magic:ran", { detail: { id, ok, outputs: outputs.list } }));
    return ok;
  }

  #forgetQueue() {
    for (const cell of this.#queue.splice(0)) cell.wait(false);
  }

  #stop() {
    this.#kernel.end();
  }

  /** The Python of now is gone, and with it all that the cells have made. */
  #lose() {
    closeVisits();
    this.#forgetQueue();
    for (const cell of this.#runnable) cell.show(cell.state === "running" ? "ended" : "idle");
  }

  #reset() {
    this.#kernel.end();
    this.#lose();
    for (const cell of this.#runnable) cell.reset();
    this.#bar.say("The page is as it was published. Exercises that you solved stay marked.");
  }

  #hear({ loaded, total, ready }) {
    if (total) {
      this.#bar.say(loaded < total ? "Python is loading." : "Python starts.");
      this.#bar.load(loaded, total);
    } else if (!ready.waits) {
      this.#bar.warn("This browser cannot run `async def` views; Chrome and Edge can.");
    }
  }

  #lookForSolved(outputs) {
    for (const { data } of outputs) {
      const check = data?.[CHECK];
      if (check?.state !== "passed") continue;
      keep(({ solved }) => solved.includes(check.name) || solved.push(check.name));
      this.#showSolved();
    }
  }

  #showSolved() {
    const { solved } = kept();
    const checks = this.#cells.filter(({ exercise }) => exercise?.role === "check");
    const done = checks.filter(({ exercise }) => solved.includes(exercise.name));
    for (const cell of done) cell.markSolved();
    if (checks.length) this.#bar.count(done.length, checks.length);
  }
}

const told = document.getElementById("live-page");
new Page(JSON.parse(told.textContent));
