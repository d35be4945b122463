// Colours for Python and the magics in it, with the class names of Pygments, which coloured the page.

const KEYWORDS =
  "and as assert async await break case class continue def del elif else except finally for from global if import in is " +
  "lambda match nonlocal not or pass raise return try while with yield";
const words = (text) => `\\b(?:${text.trim().replaceAll(/\s+/g, "|")})\\b`;
const KINDS = [
  ["c1", /#[^\n]*/],
  ["s2", /(?:\b[bBfFrRuUtT]{1,2})?(?:"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)/],
  ["k", /^[ \t]*%%?\w+/],
  ["nd", /^[ \t]*@[\w.]+/],
  ["kc", /\b(?:None|True|False)\b/],
  ["k", new RegExp(words(KEYWORDS))],
  ["mi", /\b\d[\w.]*/],
  ["n", /\b[A-Za-z_]\w*/],
];
const TOKEN = new RegExp(KINDS.map(([, { source }]) => `(${source})`).join("|"), "gm");

/** A fragment that shows `source` coloured. */
export function coloured(source) {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    const [text, ...groups] = match;
    fragment.append(source.slice(end, match.index));
    const span = document.createElement("span");
    span.className = KINDS[groups.findIndex((group) => group !== undefined)][0];
    span.textContent = text;
    fragment.append(span);
    end = match.index + text.length;
  }
  fragment.append(source.slice(end));
  return fragment;
}
