// Run in a page of the site: what a reader would see, as data for the test to judge.
() => {
  document.getAnimations().forEach((animation) => animation.finish()); // what was unfolded fades in
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, bottom) => [0, 1, 2].map((i) => top[i] * top[3] + bottom[i] * (1 - top[3]));
  const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);
  const background = (element) => {
    const layers = ancestors(element).map((e) => rgba(getComputedStyle(e).backgroundColor));
    return layers.reduceRight((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const opacity = (element) =>
    ancestors(element).reduce((product, e) => product * Number(getComputedStyle(e).opacity), 1);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (element) => {
    const style = getComputedStyle(element);
    const [r, g, b, a] = rgba(element.closest("svg") ? style.fill : style.color);
    const behind = background(element);
    const [dark, light] = [luminance(behind), luminance(over([r, g, b, a * opacity(element)], behind))].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const words = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const readable = walker.currentNode.data.trim() && element.checkVisibility() && !element.closest("[aria-hidden=true]");
      if (readable) found.push([walker.currentNode.data.trim().slice(0, 40), contrast(element)]);
    }
    return found;
  };
  const text = (root) => {
    const copy = root.cloneNode(true);
    copy.querySelectorAll("style, script, summary.admonition-title, button.copybtn").forEach((e) => e.remove());
    return copy.textContent;
  };
  const outputs = (cell) => [...cell.querySelectorAll(".cell_output > .output, .cell_output > img, .cell_output > .docutils")];
  return {
    theme: document.documentElement.dataset.theme,
    width: document.documentElement.scrollWidth,
    diagrams: [...document.querySelectorAll(".mermaid")].map((diagram) => {
      const drawing = diagram.querySelector("svg");
      return drawing ? [drawing.getBoundingClientRect().height, getComputedStyle(drawing).filter] : [0, "none"];
    }),
    words: [...document.querySelectorAll(".cell_output")].flatMap(words),
    cells: [...document.querySelectorAll("div.cell")].map((cell) => ({
      text: outputs(cell).map(text).join("\n"),
      height: outputs(cell).reduce((sum, output) => sum + output.getBoundingClientRect().height, 0),
      pictures: [...cell.querySelectorAll(".cell_output img")].map((image) => image.naturalWidth),
    })),
  };
}
