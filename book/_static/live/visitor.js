// A small browser below a response: the app's pages, asked of the Python of this page. No network, no script of the app.
import { documentOf } from "./document.js";
import { resolved } from "./files.js";

const KEPT = 50; // pages that one can go back to
const HOME = "http://localhost";

function element(name, className, traits = {}) {
  return Object.assign(document.createElement(name), { className }, traits);
}

/** What a message of the bridge asks for, made anew; null for anything else. */
function navigation(data) {
  const { url, method, form = [], files = [], multipart = false } = data?.navigate ?? {};
  const texts = (...values) => values.every((value) => typeof value === "string");
  if (!texts(url) || !["GET", "POST"].includes(method) || !Array.isArray(form) || !Array.isArray(files)) return null;
  if (!form.every((pair) => Array.isArray(pair) && pair.length === 2 && texts(...pair))) return null;
  if (!files.every((file) => file && texts(file.field, file.filename, file.type, file.content))) return null;
  const uploads = files.map(({ field, filename, type, content }) => ({ field, filename, type, content }));
  return { url, method, form, files: uploads, multipart: multipart === true };
}

/** Take all of them from the page: the Python that they ask is gone. */
export function closeVisits() {
  for (const one of document.querySelectorAll(".live-visit")) one.remove();
}

export class Visitor {
  #number;
  #ask;
  #place = element("div", "live-visit");
  #button = element("button", "live-open", { type: "button" });
  #panel;
  #parts;
  #frame;
  #past;
  #at;
  #turn = 0;
  #typing = false; // an address; what comes in meanwhile does not overwrite it

  /** Offer, below the response `shown`, to open it. `ask` sends the worker a visit, and gives the answer. */
  constructor(shown, number, ask) {
    this.#number = number;
    this.#ask = ask;
    this.#button.addEventListener("click", () => (this.#panel ? this.#close() : this.#open()));
    this.#place.append(this.#button);
    shown.append(this.#place);
    this.#close();
  }

  // -- the panel

  #open() {
    [this.#past, this.#at] = [[], -1];
    this.#panel = element("section", "live-browser", { id: `live-browser-${this.#number}` });
    this.#panel.setAttribute("aria-label", "A page of the app");
    const back = this.#tool("←", "Back", () => this.#move(-1));
    const forward = this.#tool("→", "Forward", () => this.#move(1));
    const reload = this.#tool("↻", "Reload", () => this.#reload());
    const address = element("input", "live-address", { type: "text", inputMode: "url", spellcheck: false });
    address.setAttribute("aria-label", "Address");
    address.autocapitalize = address.autocomplete = "off";
    for (const type of ["focus", "input"]) address.addEventListener(type, () => (this.#typing = true));
    address.addEventListener("blur", () => (this.#typing = false));
    address.addEventListener("keydown", ({ key, isComposing }) => {
      if (isComposing || !["Enter", "Escape"].includes(key)) return;
      this.#typing = false;
      if (key === "Enter") this.#go({ url: this.#typed(address.value) });
      else this.#showAddress();
    });
    const bar = element("div", "live-toolbar");
    bar.append(back, forward, reload, address);
    const status = element("div", "live-answer");
    status.setAttribute("role", "status");
    const window = element("div", "live-window");
    this.#parts = { back, forward, reload, address, status, window };
    this.#panel.append(bar, status, window);
    this.#button.textContent = "Close the page";
    this.#button.setAttribute("aria-expanded", "true");
    this.#button.setAttribute("aria-controls", this.#panel.id);
    this.#place.append(this.#panel);
    addEventListener("message", this.#hear);
    this.#go({});
  }

  #close() {
    removeEventListener("message", this.#hear);
    this.#turn += 1;
    this.#panel?.remove();
    this.#panel = this.#frame = undefined;
    this.#button.textContent = "Open as a page";
    this.#button.setAttribute("aria-expanded", "false");
    this.#button.removeAttribute("aria-controls");
  }

  #tool(sign, label, action) {
    const button = element("button", "", { type: "button", textContent: sign, title: label });
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-disabled", "true");
    // Not `disabled`: that would take the focus from it.
    button.addEventListener("click", () => button.getAttribute("aria-disabled") !== "true" && action());
    return button;
  }

  // -- where it goes

  get #now() {
    return this.#past[this.#at];
  }

  #hear = ({ source, origin, data }) => {
    if (!this.#place.isConnected) this.#close();
    // The frame has no origin of its own, which is written so.
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== "null") return;
    const asked = navigation(data);
    if (asked) this.#go({ ...asked, referrer: this.#now.answer.url });
  };

  #typed(text) {
    const address = text.trim();
    const path = /^(https?:\/\/|[/?])/i.test(address) ? address : `/${address}`;
    return resolved(path, this.#now?.answer.url ?? HOME) ?? path;
  }

  #move(step) {
    this.#turn += 1; // what is under way is not wanted any more
    this.#at += step;
    this.#show();
  }

  #reload() {
    const { asked, answer } = this.#now;
    // What a form got is got again by the form; where that led to another page, the page is asked for.
    this.#go(answer.method === "POST" ? asked : { url: answer.url }, { again: true });
  }

  /** Ask, and show what is answered: after the page of now, or, `again`, in its place. */
  async #go(asked, { again = false } = {}) {
    const turn = (this.#turn += 1);
    this.#say("Asking …");
    const answer = await this.#ask({ visit: this.#number, ...asked });
    if (turn !== this.#turn) return;
    if (!answer.status) {
      this.#say(answer.refused);
      return;
    }
    const load = (url, wants) => this.#ask({ visit: this.#number, url, wants, referrer: answer.url });
    const made = await documentOf(answer, load);
    if (turn !== this.#turn) return;
    if (!again) {
      this.#past.splice(this.#at + 1);
      this.#past.push(undefined);
      if (this.#past.length > KEPT) this.#past.shift();
      this.#at = this.#past.length - 1;
    }
    this.#past[this.#at] = { asked, answer, ...made };
    this.#show();
  }

  // -- what is seen

  #say(text) {
    this.#parts.status.textContent = text;
  }

  #showAddress() {
    const url = this.#now?.answer.url ?? "";
    this.#parts.address.value = url.startsWith(`${HOME}/`) ? url.slice(HOME.length) : url;
  }

  #show() {
    const { answer, source, title, notes } = this.#now;
    const { back, forward, reload } = this.#parts;
    reload.setAttribute("aria-disabled", "false");
    back.setAttribute("aria-disabled", this.#at === 0);
    forward.setAttribute("aria-disabled", this.#at === this.#past.length - 1);
    if (!this.#typing) this.#showAddress();
    const statuses = [...answer.hops, answer.status].join(" → ");
    this.#say([`${answer.method} ${statuses}`, answer.error, answer.refused, ...notes].filter(Boolean).join(" · "));
    // A new frame each time: another document in the old one would be a step in the reader's own history.
    const frame = element("iframe", "", { title: title || `the page at ${answer.url}`, referrerPolicy: "no-referrer" });
    // No origin, no windows, no way out. Scripts: the bridge. Forms: else they are not submitted, and the bridge hears
    // of none; the document's policy lets them go nowhere.
    frame.setAttribute("sandbox", "allow-scripts allow-forms");
    frame.srcdoc = source;
    const focused = this.#frame && document.activeElement === this.#frame;
    if (focused) frame.addEventListener("load", () => document.activeElement === document.body && frame.focus());
    this.#parts.window.replaceChildren(frame);
    this.#frame = frame;
  }
}
