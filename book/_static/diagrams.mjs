// Mermaid is larger than all else on a page together, so it is loaded when somebody reads: at the first scroll, key or
// touch, or when a diagram is in sight. To the script that draws the diagrams this is Mermaid.
const SIGNS = ["scroll", "pointermove", "pointerdown", "keydown", "focusin"];
const begun = Promise.withResolvers();
const eye = new IntersectionObserver((seen) => {
  if (seen.some(({ isIntersecting }) => isIntersecting)) begun.resolve();
});
SIGNS.forEach((sign) => addEventListener(sign, begun.resolve, { once: true, passive: true }));

const root = document.documentElement;
const first = root.dataset.theme;
let options = {};

export default {
  initialize: (given) => {
    options = given;
  },
  run: async (which) => {
    which.nodes.forEach((node) => eye.observe(node));
    await begun.promise;
    eye.disconnect();
    const { default: mermaid } = await import("./mermaid.mjs");
    mermaid.initialize(options);
    await mermaid.run(which);
    // That script looks out for another theme from its first drawing on: one that came before is shown to it once more.
    if (root.dataset.theme !== first) setTimeout(() => root.setAttribute("data-theme", root.dataset.theme));
  },
};
