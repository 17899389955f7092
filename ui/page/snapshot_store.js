// The picture the page draws from, put together from what it is told.
//
// Promises: a session that did not change stays the same object, so that "is it the same" is one comparison; news that is
// older than the picture changes nothing; news after a gap is not believed: the whole picture is asked for, once, however
// many pieces come in meanwhile. Does not draw.

/** @import { News, SessionRow, Snapshot } from "../wire" */

/**
 * @param {() => Promise<News>} whole asks for everything
 * @param {(snapshot: Snapshot) => void} changed
 */
export function picture(whole, changed) {
  /** @type {Snapshot | null} */
  let known = null;
  let serial = 0;
  /** What came while everything was asked for. @type {News[] | null} */
  let waiting = null;

  /** @param {News} news */
  function take(news) {
    const sessions = news.is_whole || !known ? news.sessions : merged(known.sessions, news);
    known = /** @type {Snapshot} */ ({ ...(news.is_whole ? {} : known), ...news.rest, sessions });
    serial = news.serial;
  }

  /** Asks for everything, and takes in what came meanwhile. */
  async function ask() {
    waiting ??= [];
    try {
      take(await whole());
      const later = waiting;
      waiting = null;
      for (const news of later) hear(news, false);
    } catch (reason) {
      waiting = null;
      throw reason;
    }
    if (known) changed(known);
  }

  /** @param {News} news @param {boolean} [telling] */
  function hear(news, telling = true) {
    if (waiting) return void waiting.push(news);
    if (news.serial <= serial) return;
    if (!news.is_whole && news.serial !== serial + 1) return void ask().catch(() => {});
    take(news);
    if (telling && known) changed(known);
  }

  return { ask, hear };
}

/**
 * The sessions after news of some of them, by number.
 * @param {SessionRow[]} before
 * @param {News} news
 */
function merged(before, { sessions, gone }) {
  if (sessions.length === 0 && gone.length === 0) return before;
  const left = new Set(gone);
  const news = new Map(sessions.map((session) => [session.number, session]));
  const after = before.flatMap((session) => {
    const latest = news.get(session.number) ?? session;
    news.delete(session.number);
    return left.has(session.number) ? [] : [latest];
  });
  after.push(...news.values());
  // Told by number already, unless somebody came in between.
  return news.size === 0 ? after : after.sort((a, b) => a.number - b.number);
}
