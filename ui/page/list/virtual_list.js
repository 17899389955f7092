// The rows in sight: those of a long list that have elements, where they stand, and how high they are.
//
// Promises: only rows in view have elements, and those that are kept wherever they are; a row's place is set only where it is
// another; what becomes higher or lower moves what is below it and not what the person looks at. Does not know why rows are in
// their order.

/** @import { SessionRow } from "../../wire" */
/** @import { Row } from "../sessions/row.js" */
/** @import { Stretch } from "./row_offsets.js" */
import { arrange } from "../parts/element.js";
import { stretch } from "./row_offsets.js";

/** So far beyond the window rows exist, in pixels: a turn of the wheel shows no gap. */
const BEYOND = 700;

/** Once the frame that is due is on screen. @param {() => void} then */
const painted = (then) => requestAnimationFrame(() => setTimeout(then));

/** A list of rows on the page, and which rows they are. @typedef {{ section: HTMLElement, list: HTMLElement, rows: Stretch }} Part */

/**
 * @param {HTMLElement} root
 * @param {object} ways
 * @param {Part[]} ways.parts from top to bottom
 * @param {(number: number) => SessionRow | undefined} ways.session
 * @param {(number: number) => boolean} ways.isOpen
 * @param {() => (number | null)[]} ways.kept rows that stay, in view or not
 * @param {(number: number) => Row} ways.make
 */
export function sight(root, { parts, session, isOpen, kept, make }) {
  /** Those that have elements. @type {Map<number, Row>} */
  const rows = new Map();
  /** Heights that are not the standard. @type {Map<number, number>} */
  const measured = new Map();
  let standard = 60;
  /** Nothing, until what is in view has been painted: nobody should wait for what cannot be seen. */
  let beyond = 0;
  /** How far the page was scrolled when rows were last made. */
  let renderedAt = 0;

  const sizes = new ResizeObserver(measure);
  sizes.observe(root);
  // Rows beyond the window are there already: most turns of the wheel need no new one.
  window.addEventListener("scroll", () => Math.abs(window.scrollY - renderedAt) > BEYOND / 2 && render(), { passive: true });
  window.addEventListener("resize", render);

  /** Makes the rows in view, and no others. */
  function render() {
    renderedAt = window.scrollY;
    const shown = parts.filter(({ section }) => !section.hidden);
    for (const { list, rows: { height } } of shown) {
      const wanted = `${height}px`;
      if (list.style.height !== wanted) list.style.height = wanted;
    }
    const tops = shown.map(({ list }) => list.getBoundingClientRect().top);
    const wanted = kept();
    /** @type {Set<number>} */
    const here = new Set();
    for (const [i, { list, rows: all }] of shown.entries()) {
      const top = tops[i] ?? 0;
      const pinned = wanted.flatMap((number) => (number === null ? [] : [all.keys.indexOf(number)]));
      const elements = all.between(-top - beyond, innerHeight - top + beyond, pinned).flatMap((at) => {
        const number = all.keys[at];
        const facts = number === undefined ? undefined : session(number);
        if (number === undefined || !facts) return [];
        here.add(number);
        const row = rows.get(number) ?? newRow(number, facts);
        row.update(facts);
        row.place(at, all.keys.length);
        const y = `${all.top(at)}px`;
        if (row.element.style.top !== y) row.element.style.top = y;
        return [row.element];
      });
      arrange(list, elements);
    }
    if (rows.size > 0 && beyond === 0) painted(reach);
    for (const [number, row] of rows) {
      if (here.has(number)) continue;
      sizes.unobserve(row.element);
      row.drop();
      rows.delete(number);
    }
  }

  function reach() {
    beyond = BEYOND;
    render();
  }

  /** @param {number} number @param {SessionRow} facts */
  function newRow(number, facts) {
    const row = make(number);
    rows.set(number, row);
    row.update(facts);
    if (isOpen(number)) row.open(true);
    sizes.observe(row.element);
    return row;
  }

  /** Rows are as high as they are: what stands below them goes there, and what the person looks at stays. */
  function measure() {
    let isNew = false;
    const heights = [...rows].map(([number, { element }]) => ({ number, height: element.offsetHeight })).filter(({ height }) => height > 0);
    const usual = heights.find(({ number }) => !isOpen(number))?.height;
    if (usual !== undefined && usual !== standard) {
      // Another width, or another size of text: what was measured before is no longer so.
      standard = usual;
      measured.clear();
      isNew = true;
    }
    for (const { number, height } of heights) {
      if ((measured.get(number) ?? standard) === height) continue;
      if (height === standard) measured.delete(number);
      else measured.set(number, height);
      isNew = true;
    }
    if (!isNew) return;
    const still = window.scrollY === 0 ? undefined : [...rows.values()].find(({ element }) => element.getBoundingClientRect().bottom > 0)?.element;
    const before = still?.getBoundingClientRect().top ?? 0;
    for (const part of parts) part.rows = place(part.rows.keys);
    render();
    if (still?.isConnected) follow(still.getBoundingClientRect().top - before);
  }

  /** @param {number[]} numbers */
  const place = (numbers) => stretch(numbers, standard, measured);

  /** Scrolls along with what the person looks at. @param {number} by */
  function follow(by) {
    if (Math.abs(by) < 1) return;
    window.scrollBy({ top: by, behavior: "instant" });
    render();
  }

  return { rows, render, place, follow };
}
