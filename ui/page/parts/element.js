// Elements whose text is text.
//
// Promises: whatever is passed as a child becomes a text node, never markup; nothing here sets a style or a handler
// attribute, which the content security policy would refuse anyway. Does not diff texts: who owns an element changes it.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | boolean>} [attributes] true sets an empty attribute, false none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Sets the text only where it differs: an untouched node keeps the reader's selection and costs no layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * The same for what is there and not: setting it to what it is wakes observers.
 * @param {HTMLElement} element
 * @param {boolean} isHidden
 */
export function setHidden(element, isHidden) {
  if (element.hidden !== isHidden) element.hidden = isHidden;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function place(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/**
 * A button that does not submit anything.
 * @param {Record<string, string | boolean>} attributes
 * @param {string} text
 * @param {() => void} press
 */
export function button(attributes, text, press) {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", press);
  return element;
}

/**
 * Puts exactly these elements into the list, in this order, touching only those that are not there yet.
 * @param {HTMLElement} list
 * @param {HTMLElement[]} wanted
 */
export function arrange(list, wanted) {
  const stay = new Set(wanted);
  for (const child of [...list.children]) if (child instanceof HTMLElement && !stay.has(child)) child.remove();
  let next = list.firstElementChild;
  for (const element of wanted) {
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
}
