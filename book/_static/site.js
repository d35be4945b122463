// The theme takes the focus from some buttons when they are pressed, lest a tooltip stays. Whoever pressed a key (such
// a click counts no mouse button) gets it back: at once, and when a dialog that the button opened is closed.
let pressed;

const giveBack = () => {
  if (document.activeElement === document.body) pressed?.focus();
};

addEventListener(
  "click",
  ({ detail, target }) => {
    pressed = detail === 0 ? target.closest("button") : null;
    setTimeout(giveBack);
  },
  true,
);
addEventListener("close", () => setTimeout(giveBack), true);

// Paper is light. Diagrams would be drawn anew for a light page, and not be there in time: the word "dark" on the body
// keeps their script from that, and print.css turns their colours.
const { dataset } = document.documentElement;
let shown;

addEventListener("beforeprint", () => {
  shown = dataset.theme;
  document.body.classList.toggle("dark", shown === "dark");
  dataset.theme = "light";
});
addEventListener("afterprint", () => {
  dataset.theme = shown;
  document.body.classList.remove("dark");
});
