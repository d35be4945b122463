// The map: what this reader has solved, and the lines of the topic that is pointed at.
import { keptOf } from "./live/store.js";

const topics = [...document.querySelectorAll(".map-topic")];
const arcs = [...document.querySelectorAll(".map-arcs path")];

function mark(topic) {
  const names = topic.dataset.exercises?.split(" ").filter(Boolean) ?? [];
  if (!names.length) return false;
  const { solved } = keptOf(new URL(topic.dataset.page, location).pathname);
  const done = names.filter((name) => solved.includes(name)).length;
  if (!done) return false;
  const all = done === names.length;
  const said = document.createElement("span");
  said.className = all ? "map-solved" : "map-begun";
  said.textContent = all ? "✓ solved" : `${done} of ${names.length} exercises solved`;
  topic.append(" ", said);
  topic.classList.add(said.className);
  return all;
}

const solved = topics.filter(mark);
const written = topics.filter(({ dataset }) => dataset.page);
const progress = document.querySelector(".map-progress");
progress.textContent = `${solved.length} of ${written.length} pages solved.`;
progress.hidden = false;
for (const { dataset } of solved) {
  const can = document.querySelector(`[data-can="${CSS.escape(dataset.page)}"]`);
  if (can) can.hidden = false;
}
document.querySelector(".map-nothing").hidden = solved.length > 0;

function light(topic) {
  for (const arc of arcs) {
    const { from, to } = arc.dataset;
    arc.classList.toggle("lit", topic !== null && [from, to].includes(topic.dataset.row));
  }
}
for (const topic of topics) {
  topic.addEventListener("pointerenter", () => light(topic));
  topic.addEventListener("pointerleave", () => light(null));
  topic.addEventListener("focusin", () => light(topic));
  topic.addEventListener("focusout", () => light(null));
}
