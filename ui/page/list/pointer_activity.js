// Detects whether the user is pointing at an element, so that nothing moves below the pointer.
//
// Guarantees: active means that a pointer is on the element and moved recently, or is pressed. Reports once when the pointer leaves or
// comes to rest. One timer, only while a pointer is on the element.

/** A pointer that has not moved for this long (ms) is not about to click. */
const IDLE_AFTER = 8_000;

/**
 * @param {HTMLElement} root
 * @param {() => void} onIdle
 */
export function pointerActivity(root, onIdle) {
  let isOver = false;
  let isPressed = false;
  let timer = 0;

  function moved() {
    isOver = true;
    clearTimeout(timer);
    timer = setTimeout(idle, IDLE_AFTER);
  }

  function idle() {
    clearTimeout(timer);
    if (!isOver || isPressed) return;
    isOver = false;
    onIdle();
  }

  root.addEventListener("pointermove", moved);
  root.addEventListener("pointerdown", () => (isPressed = true, moved()));
  for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => (isPressed = false));
  root.addEventListener("pointerleave", () => void (isPressed = false, idle()));
  window.addEventListener("blur", () => void (isPressed = false, idle()));

  return {
    get isActive() {
      return isOver || isPressed;
    },
  };
}
