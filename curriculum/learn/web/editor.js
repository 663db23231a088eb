// The editor: a textarea over its own text in colours, so that what is typed stays the browser's own typing (Japanese
// input, undo, a screen reader), with numbers of rows, a mark on the row of a remark, and full-width letters made plain.

const INDENT = "    ";
const TOKEN = /#.*|"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|\b_{2,}\b|[\u2018-\u201f\u3000\uff01-\uff60\uffe0-\uffe6]+|\b(?:def|return|if|elif|else|for|while|in|not|and|or|import|from|None|True|False|class|try|except|with|as|pass|break|continue|lambda|is)\b/g;

export class Editor {
  #code;
  #under;
  #rows;
  #mark = null;

  /** `changed()` after each change, `checked()` for Ctrl+S. */
  constructor(code, under, rows, { changed, checked }) {
    this.#code = code;
    this.#under = under;
    this.#rows = rows;
    code.addEventListener("input", () => {
      this.mark(null);
      this.#draw();
      changed();
    });
    code.addEventListener("scroll", () => this.#follow());
    new ResizeObserver(() => this.#measure()).observe(code);
    code.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        checked();
      }
    });
  }

  get text() {
    return this.#code.value;
  }

  set text(text) {
    this.#code.value = text;
    this.#code.setSelectionRange(0, 0);
    this.mark(null);
    this.#draw();
    this.#code.scrollTop = this.#code.scrollLeft = 0;
    this.#follow();
  }

  /** Another text in the same place: the cursor and what is in view stay. */
  renew(text) {
    const { selectionStart, selectionEnd, scrollTop } = this.#code;
    this.text = text;
    this.#code.setSelectionRange(selectionStart, selectionEnd);
    this.#code.scrollTop = scrollTop;
    this.#follow();
  }

  /** Scroll to the first blank `___`, if there is one. */
  showBlank() {
    const row = this.text.split("\n").findIndex((line) => /\b_{2,}\b/.test(line.replace(/^\s*#.*/, ""))) + 1;
    if (row) this.#show(row);
  }

  /** Mark a row (from 1), with a column (from 1) if there is one; null: no row. */
  mark(row, column = null) {
    if (row === null && this.#mark === null) return;
    this.#mark = row === null ? null : { row, column };
    this.#draw();
    if (row !== null) this.#show(row);
  }

  /** Scroll to the row that is typed in, beside an answer that has grown. */
  showCursor() {
    const { selectionStart: at, value } = this.#code;
    if (at) this.#show(value.slice(0, at).split("\n").length);
  }

  /** Put the cursor into a row. */
  go(row, column = null) {
    const before = this.text.split("\n").slice(0, row - 1);
    const at = before.reduce((sum, line) => sum + line.length + 1, 0) + (column === null ? 0 : column - 1);
    this.#code.focus();
    this.#code.setSelectionRange(at, at);
    this.#show(row);
  }

  /** Replace all of it, in a way that Ctrl+Z takes back. */
  replace(text) {
    this.#code.focus();
    this.#code.select();
    this.#type(text);
  }

  /** Put a text in place of what is marked; where a browser cannot do that as if typed, Ctrl+Z does not know it. */
  #type(text) {
    if (document.execCommand("insertText", false, text)) return;
    this.#code.setRangeText(text, this.#code.selectionStart, this.#code.selectionEnd, "end");
    this.#code.dispatchEvent(new Event("input"));
  }

  #show(row) {
    const line = this.#under.children[Math.min(row, this.#under.children.length) - 1];
    const { offsetTop: top, offsetHeight: height } = line;
    const { scrollTop, clientHeight } = this.#code;
    if (top < scrollTop || top + height > scrollTop + clientHeight) this.#code.scrollTop = Math.max(0, top - clientHeight / 3);
    this.#follow();
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") this.#code.dataset.leaving = "yes";
    else if (event.key === "Tab" && this.#code.dataset.leaving !== "yes") this.#indent(event);
    else if (event.key === "Enter") this.#newRow(event);
    else if (event.key !== "Shift") delete this.#code.dataset.leaving;
  }

  #indent(event) {
    event.preventDefault();
    const { selectionStart: at, value } = this.#code;
    if (!event.shiftKey) {
      this.#type(INDENT);
      return;
    }
    const start = value.lastIndexOf("\n", at - 1) + 1;
    const less = /^ {1,4}/.exec(value.slice(start))?.[0].length ?? 0;
    if (!less) return;
    this.#code.setSelectionRange(start, start + less);
    if (!document.execCommand("delete")) this.#type("");
    this.#code.setSelectionRange(Math.max(start, at - less), Math.max(start, at - less));
  }

  #newRow(event) {
    const { selectionStart: at, value } = this.#code;
    const row = value.slice(value.lastIndexOf("\n", at - 1) + 1, at);
    const indent = /^ */.exec(row)[0] + (/:\s*(#.*)?$/.test(row) ? INDENT : "");
    event.preventDefault();
    this.#type(`\n${indent}`);
    this.#follow();
  }

  #follow() {
    this.#under.scrollTop = this.#code.scrollTop;
    this.#under.scrollLeft = this.#code.scrollLeft;
    this.#rows.scrollTop = this.#code.scrollTop;
  }

  #draw() {
    const lines = this.text.split("\n").length;
    this.#rows.replaceChildren(...Array.from({ length: lines }, (_, place) => {
      const row = document.createElement("li");
      row.textContent = String(place + 1);
      if (place + 1 === this.#mark?.row) row.className = "marked";
      return row;
    }));
    this.#under.replaceChildren(...coloured(this.text, this.#mark));
    this.#measure();
  }

  /** A long row goes on below: its number is as high as it is, and what lies under has the width of what is typed in. */
  #measure() {
    const { offsetWidth, clientWidth } = this.#code; // whole pixels; their difference is the scrollbar
    this.#under.style.width = `${this.#code.getBoundingClientRect().width - offsetWidth + clientWidth}px`;
    const heights = Array.from(this.#under.children, (line) => line.getBoundingClientRect().height);
    Array.from(this.#rows.children).forEach((row, place) => (row.style.height = `${heights[place]}px`));
    this.#follow();
  }
}

function coloured(text, mark) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    parts.push([text.slice(at, found.index), ""], [found[0], kind(found[0])]);
    at = found.index + found[0].length;
  }
  parts.push([text.slice(at), ""]);
  const rows = inRows(parts);
  return rows.map((row, place) => {
    const line = document.createElement("span");
    line.className = place + 1 === mark?.row ? "row marked" : "row";
    for (const [said, name] of row) line.append(...(name === "string" ? withBlanks(said) : [name ? piece(said, name) : said]));
    line.append("\n");
    return line;
  });
}

function withBlanks(said) {
  return said.split(/(\b_{2,}\b)/).map((part, place) => piece(part, place % 2 ? "blank" : "string"));
}

function inRows(parts) {
  const rows = [[]];
  for (const [said, name] of parts)
    said.split("\n").forEach((part, place) => {
      if (place) rows.push([]);
      if (part) rows.at(-1).push([part, name]);
    });
  return rows;
}

function kind(said) {
  if (said.startsWith("#")) return "comment";
  if (/^["']/.test(said)) return "string";
  if (/^_+$/.test(said)) return "blank";
  return /^[a-zA-Z]/.test(said) ? "keyword" : "full-width";
}

function piece(said, name) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = said;
  return span;
}
