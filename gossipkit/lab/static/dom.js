// Small helpers that the lab's widgets share. Joined in front of each of them by widget.py.

/** Make an element; `on…` properties are listeners, everything else an attribute, and nullish ones are left out. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Make an element of a drawing; nullish attributes are left out. */
function makeSvg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Make something that takes keys. JupyterLab leaves those keys alone that are typed into an element so marked. */
function control(tag, properties = {}, ...children) {
  const element = make(tag, { "data-lm-suppress-shortcuts": "true", ...properties }, ...children);
  // what Enter does in an input or a text it would cancel all the same: a form would not be sent, and no line be broken
  element.addEventListener("beforeinput", (event) => {
    if (event.inputType === "insertLineBreak") event.stopImmediatePropagation();
  });
  return element;
}

/** An id that no other view of the page has. */
function freshId() {
  return "gk-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
}

/** Replace what `element` holds. */
function fill(element, ...children) {
  element.replaceChildren(...children);
}

/** The numbers behind a picture, one click away; `of` gives {caption, columns, rows}, and `show` shows them anew if open. */
function makeFoldedTable(of) {
  const element = make("details", {}, control("summary", {}, "Data table"));
  const show = () => {
    const { caption, columns, rows } = of();
    if (element.open) fill(element, element.firstChild, dataTable(caption, columns, rows));
  };
  element.addEventListener("toggle", show);
  return { element, show };
}

/** A table with a caption, and headers that say of what they are the header. */
function dataTable(caption, columns, rows) {
  const head = columns.map((name) => make("th", { scope: "col" }, name));
  const body = rows.map(([first, ...rest]) =>
    make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((cell) => make("td", {}, cell))),
  );
  return make("table", {}, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}
