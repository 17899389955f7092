// Whether a hand is at work on an element, so that nothing may move below it.
//
// Promises: at work means a pointer that rests on the element and moved lately, or one that is pressed. Says once when the hand
// has gone or come to rest. One timer, and only while a pointer is there.

/** A pointer that lay still so long is not about to click. */
const REST = 8_000;

/**
 * @param {HTMLElement} root
 * @param {() => void} rested
 */
export function hand(root, rested) {
  let isThere = false;
  let isDown = false;
  let timer = 0;

  function moved() {
    isThere = true;
    clearTimeout(timer);
    timer = setTimeout(rest, REST);
  }

  function rest() {
    clearTimeout(timer);
    if (!isThere || isDown) return;
    isThere = false;
    rested();
  }

  root.addEventListener("pointermove", moved);
  root.addEventListener("pointerdown", () => (isDown = true, moved()));
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => (isDown = false));
  root.addEventListener("pointerleave", () => void (isDown = false, rest()));
  window.addEventListener("blur", () => void (isDown = false, rest()));

  return {
    get isAtWork() {
      return isThere || isDown;
    },
  };
}
