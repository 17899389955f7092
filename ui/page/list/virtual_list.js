// A virtual list: only the rows in view have elements.
//
// Guarantees: rows in view and pinned rows have elements, others do not; an element's position is written only if it changed; when a
// row changes its height, the rows below move and the visible content stays in place. The order of the rows is the caller's.

/** @import { SessionRow } from "../../wire" */
/** @import { Row } from "../sessions/row/row.js" */
/** @import { RowOffsets } from "./row_offsets.js" */
import { reconcileChildren } from "../parts/element.js";
import { rowOffsets } from "./row_offsets.js";

/** Rows this far beyond the window (in pixels) have elements too, so that scrolling shows no gap. */
const OVERSCAN = 700;

/** Runs a function after the next frame was painted. @param {() => void} then */
const afterPaint = (then) => requestAnimationFrame(() => setTimeout(then));

/** One of the lists on the page, and its rows. @typedef {{ section: HTMLElement, list: HTMLElement, rows: RowOffsets }} ListSection */

/**
 * @param {HTMLElement} root
 * @param {object} options
 * @param {ListSection[]} options.sections from top to bottom
 * @param {(number: number) => SessionRow | undefined} options.session
 * @param {(number: number) => boolean} options.isOpen
 * @param {() => (number | null)[]} options.pinned rows that keep their elements, in view or not
 * @param {(number: number) => Row} options.createRow
 */
export function virtualList(root, { sections, session, isOpen, pinned, createRow }) {
  /** Rows that have elements. @type {Map<number, Row>} */
  const rows = new Map();
  /** Heights that differ from the standard. @type {Map<number, number>} */
  const measured = new Map();
  let standard = 60;
  /** 0 until the first paint, so that rows out of view do not delay it. */
  let overscan = 0;
  /** The scroll position at the last render. */
  let renderedAt = 0;

  const sizes = new ResizeObserver(measure);
  sizes.observe(root);
  // Thanks to the overscan, small scroll steps need no new rows.
  window.addEventListener("scroll", () => Math.abs(window.scrollY - renderedAt) > OVERSCAN / 2 && render(), { passive: true });
  window.addEventListener("resize", render);

  /** Creates the elements of the rows in view, and removes the others. */
  function render() {
    renderedAt = window.scrollY;
    const shown = sections.filter(({ section }) => !section.hidden);
    for (const { list, rows: { height } } of shown) {
      const value = `${height}px`;
      if (list.style.height !== value) list.style.height = value;
    }
    const tops = shown.map(({ list }) => list.getBoundingClientRect().top);
    const pinnedNumbers = pinned();
    /** @type {Set<number>} */
    const kept = new Set();
    for (const [i, { list, rows: offsets }] of shown.entries()) {
      const top = tops[i] ?? 0;
      const pinnedRows = pinnedNumbers.flatMap((number) => (number === null ? [] : [offsets.keys.indexOf(number)]));
      const elements = offsets.between(-top - overscan, innerHeight - top + overscan, pinnedRows).flatMap((at) => {
        const number = offsets.keys[at];
        const data = number === undefined ? undefined : session(number);
        if (number === undefined || !data) return [];
        kept.add(number);
        const row = rows.get(number) ?? newRow(number, data);
        row.update(data);
        row.setPosition(at, offsets.keys.length);
        const y = `${offsets.top(at)}px`;
        if (row.element.style.top !== y) row.element.style.top = y;
        return [row.element];
      });
      reconcileChildren(list, elements);
    }
    if (rows.size > 0 && overscan === 0) afterPaint(addOverscan);
    for (const [number, row] of rows) {
      if (kept.has(number)) continue;
      sizes.unobserve(row.element);
      row.remove();
      rows.delete(number);
    }
  }

  function addOverscan() {
    overscan = OVERSCAN;
    render();
  }

  /** @param {number} number @param {SessionRow} data */
  function newRow(number, data) {
    const row = createRow(number);
    rows.set(number, row);
    row.update(data);
    if (isOpen(number)) row.setOpen(true);
    sizes.observe(row.element);
    return row;
  }

  /** Reads the rows' heights, and moves the rows below those that changed. */
  function measure() {
    let isChanged = false;
    const heights = [...rows].map(([number, { element }]) => ({ number, height: element.offsetHeight })).filter(({ height }) => height > 0);
    const closedHeight = heights.find(({ number }) => !isOpen(number))?.height;
    if (closedHeight !== undefined && closedHeight !== standard) {
      // The width or the text size changed: all earlier measurements are invalid.
      standard = closedHeight;
      measured.clear();
      isChanged = true;
    }
    for (const { number, height } of heights) {
      if ((measured.get(number) ?? standard) === height) continue;
      if (height === standard) measured.delete(number);
      else measured.set(number, height);
      isChanged = true;
    }
    if (!isChanged) return;
    const anchor = window.scrollY === 0 ? undefined : [...rows.values()].find(({ element }) => element.getBoundingClientRect().bottom > 0)?.element;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    for (const section of sections) section.rows = layOut(section.rows.keys);
    render();
    if (anchor?.isConnected) scrollBy(anchor.getBoundingClientRect().top - before);
  }

  /** The offsets of rows in this order. @param {number[]} numbers */
  const layOut = (numbers) => rowOffsets(numbers, standard, measured);

  /** Scrolls by the distance that the anchor moved. @param {number} distance */
  function scrollBy(distance) {
    if (Math.abs(distance) < 1) return;
    window.scrollBy({ top: distance, behavior: "instant" });
    render();
  }

  return { rows, render, layOut, scrollBy };
}
