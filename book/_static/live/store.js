// What stays in the reader's browser of one page: edits, and the exercises that were solved.

const KEY = `flask-magic:${location.pathname}`;

/** What is kept: `edits` by cell id, {stored, source} each, and `solved`, names of exercises. */
export function kept() {
  try {
    const { edits = {}, solved = [] } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return { edits, solved };
  } catch {
    return { edits: {}, solved: [] }; // a browser that keeps nothing, or another program's entry
  }
}

/** Keep what `change` makes of it. */
export function keep(change) {
  const now = kept();
  change(now);
  try {
    localStorage.setItem(KEY, JSON.stringify(now));
  } catch {
    // A browser that keeps nothing: the page works all the same.
  }
}
