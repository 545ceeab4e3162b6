/** Draws at most four times a second, with the next frame where nothing was drawn just now. */

const PAUSE = 250;
let drawn = 0;
let waiting = false;
let draw = () => {};

/** Says what drawing is. */
export function drawsWith(work) {
  draw = work;
}

/** Asks for a drawing soon. */
export function redraw() {
  if (waiting) return;
  waiting = true;
  const wait = Math.max(0, drawn + PAUSE - performance.now());
  setTimeout(() => requestAnimationFrame(() => {
    waiting = false;
    drawn = performance.now();
    draw();
  }), wait);
}
