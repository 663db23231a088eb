// A change too short to be seen as a level still shows, for a moment.

const FLASH_MS = 350;
const timers = new WeakMap();

/** Mark an element if its count of changes moved on. Gives the count, to be kept for the next time. */
export function flash(element, before, now) {
  if (before === null || before === now) return now;
  element.dataset.flash = "yes";
  clearTimeout(timers.get(element));
  timers.set(element, setTimeout(() => delete element.dataset.flash, FLASH_MS));
  return now;
}
