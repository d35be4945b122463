// A page's kernel, seen from the page: it starts with the first cell, does one thing after the other, and can be ended.

/** What `run` fails with when the kernel was ended meanwhile. */
export class Ended extends Error {}

export class Kernel {
  #parts;
  #tell;
  #worker = null;
  #ready = null;
  #running = null;
  #started = false;
  #last = Promise.resolve();

  /** `parts` are the packages besides those of every page. `tell` gets {loaded, total} and {ready}. */
  constructor(parts, tell) {
    this.#parts = parts;
    this.#tell = tell;
  }

  get started() {
    return this.#started;
  }

  /** Run a cell, {source, id, metadata}, and give each output to `show`; true when no exception ended it. */
  run(cell, show) {
    return this.#inTurn(async () => {
      await (this.#ready ??= this.#start());
      return this.#tellWorker({ cell }, show);
    });
  }

  /** Ask the app, as flask_magic_visit.py says, when the cell that runs has ended. Starts no kernel. */
  visit(asked) {
    return this.#inTurn(async () => {
      if (!this.#started) throw new Ended();
      return this.#tellWorker({ visit: asked });
    });
  }

  #inTurn(job) {
    const mine = this.#last.then(job);
    this.#last = mine.catch(() => {});
    return mine;
  }

  #tellWorker(message, show = () => {}) {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject, show };
      this.#worker.postMessage(message);
    });
  }

  /** End it at once, whatever it does. All that its cells have made is gone. */
  end(reason = new Ended()) {
    this.#worker?.terminate();
    this.#running?.reject(reason);
    this.#worker = this.#ready = this.#running = null;
    this.#started = false;
  }

  #start() {
    // By a script of the page's own, so that the page's Content-Security-Policy holds in the worker too.
    const script = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    const worker = new Worker(address, { type: "module" });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject, show: () => {} };
      worker.onmessage = ({ data }) => this.#hear(data);
      worker.onerror = (event) => this.end(new Error(event.message || "a file of the site is missing"));
      worker.postMessage({ start: this.#parts });
    });
  }

  #hear({ loaded, total, ready, output, done, broken }) {
    if (total) this.#tell({ loaded, total });
    else if (output) this.#running.show(output);
    else if (broken !== undefined) this.end(new Error(broken));
    else {
      const { resolve } = this.#running;
      this.#running = null;
      if (ready) {
        this.#started = true;
        this.#tell({ ready });
      }
      resolve(done);
    }
  }
}
