// What stays in the reader's browser of one page: edits, and the exercises that were solved.

const key = (path) => `flask-magic:${path}`;

/** What is kept of this page: `edits` by cell id, {stored, source} each, and `solved`, names of exercises. */
export const kept = () => keptOf(location.pathname);

/** The same of any page of the site, by its path. */
export function keptOf(path) {
  try {
    const { edits = {}, solved = [] } = JSON.parse(localStorage.getItem(key(path)) ?? "{}");
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
    localStorage.setItem(key(location.pathname), JSON.stringify(now));
  } catch {
    // A browser that keeps nothing: the page works all the same.
  }
}
