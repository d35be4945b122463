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
