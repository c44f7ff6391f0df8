// Draws the charts of a page: figure.chart with a Vega-Lite specification in a <script type="application/json"> and a
// .canvas to draw on. Vega is fetched only where there is a chart; its expressions are interpreted, nothing is evaluated.
(() => {
  "use strict";
  const HERE = new URL(".", document.currentScript.src).href;
  const drawn = new Map(); // figure → {view, width, columns}
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let loading;

  function script(path) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      Object.assign(element, { src: HERE + path, async: false, onload: resolve, onerror: reject });
      document.head.append(element);
    });
  }

  function libraries() {
    // the fonts too: the room for labels is measured with them
    const words = document.documentElement.lang === "th" ? "ก1" : "a1";
    const fonts = [400, 600].map((weight) => document.fonts.load(`${weight} 11px "IBM Plex Sans Thai"`, words));
    loading ??= Promise.all([script("vendor/vega/vega.min.js"), script("vendor/vega-lite/vega-lite.min.js"), ...fonts])
      .then(() => import(HERE + "vendor/vega/vega-interpreter.js"))
      .then((found) => found.expressionInterpreter);
    return loading;
  }

  // -- the theme: a specification names the colours of the light one and brings what stands for each in the dark

  function isDark() {
    const told = document.documentElement.dataset.theme;
    return told ? told === "dark" : dark.matches;
  }

  function translated(part, colours) {
    if (Array.isArray(part)) return part.map((each) => translated(each, colours));
    if (part && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(
        ([name, value]) => [name, name === "data" || name === "usermeta" ? value : translated(value, colours)]));
    }
    return typeof part === "string" && Object.hasOwn(colours, part) ? colours[part] : part;
  }

  function hatch(colour) {
    document.getElementById("hatches")?.remove();
    const NS = "http://www.w3.org/2000/svg";
    const make = (name, attributes, ...inside) => {
      const element = document.createElementNS(NS, name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.append(...inside);
      return element;
    };
    const line = make("rect", { width: 2.5, height: 6, fill: colour, "fill-opacity": 0.75 });
    const pattern = { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
    document.body.append(
      make("svg", { id: "hatches", width: 0, height: 0, "aria-hidden": "true", class: "unseen" },
        make("defs", {}, make("pattern", pattern, line))));
  }

  // -- tooltips: a title, then lines of a name and a value, as text

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;

  function show(said, x, y) {
    const [title, ...lines] = String(said).split("\n");
    const head = document.createElement("strong");
    head.textContent = title;
    const rows = lines.map((line) => {
      const row = document.createElement("span");
      for (const text of line.split("\t")) {
        const part = document.createElement("span");
        part.textContent = text;
        row.append(part);
      }
      return row;
    });
    tip.replaceChildren(head, ...rows);
    if (!tip.isConnected) document.body.append(tip);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = x + 14 + box.width > innerWidth - 8 ? x - 14 - box.width : x + 14;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${Math.max(8, Math.min(y + 14, innerHeight - box.height - 8))}px`;
  }

  function hide() {
    tip.hidden = true;
  }

  function pointed(_handler, event, _item, said) {
    if (said === null || said === undefined || said === "") hide();
    else show(said, event.clientX, event.clientY);
  }

  // What can be pointed at, from left to right and from top to bottom, for the keyboard.
  function points(view) {
    const found = new Map();
    const [left, top] = view.origin();
    (function walk(mark, x, y) {
      for (const item of mark.items ?? []) {
        if (item.items) {
          for (const inner of item.items) walk(inner, x + (item.x ?? 0), y + (item.y ?? 0));
        } else if (item.tooltip && item.bounds && !found.has(item.tooltip)) {
          const b = item.bounds;
          found.set(item.tooltip, { said: item.tooltip, x: x + (b.x1 + b.x2) / 2, y: y + (b.y1 + b.y2) / 2 });
        }
      }
    })(view.scenegraph().root, left, top);
    return [...found.values()].sort((a, b) => Math.round(a.x - b.x) || a.y - b.y);
  }

  function steer(event, figure) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    const known = drawn.get(figure);
    if (event.key === "Escape") hide();
    if (!step || !known?.view) return;
    event.preventDefault();
    const all = known.points ??= points(known.view);
    if (!all.length) return;
    known.at = Math.max(0, Math.min(all.length - 1, (known.at ?? (step > 0 ? -1 : all.length)) + step));
    const { said, x, y } = all[known.at];
    const box = figure.querySelector(".canvas").getBoundingClientRect();
    show(said, box.left + x, box.top + y);
  }

  // -- drawing

  function columns(width) {
    return Math.max(2, Math.floor((width - 30) / 130));
  }

  async function draw(figure) {
    const canvas = figure.querySelector(".canvas");
    const source = figure.querySelector('script[type="application/json"]');
    if (!canvas || !source) return;
    const known = drawn.get(figure) ?? {};
    drawn.set(figure, known);
    const turn = known.turn = (known.turn ?? 0) + 1;
    const interpreter = await libraries();
    const width = Math.floor(canvas.clientWidth);
    if (known.turn !== turn || !figure.isConnected || width < 40) return;
    const written = JSON.parse(source.textContent);
    const colours = isDark() ? written.usermeta.dark : {};
    hatch(colours["#ffffff"] ?? "#ffffff");
    const spec = translated(written, colours);
    spec.width = width;
    spec.autosize = { type: "fit-x", contains: "padding" };
    spec.padding = 2;
    spec.config.legend.columns = columns(width);
    spec.config.axisYBand.labelLimit = Math.max(76, Math.min(200, width * 0.28));
    const quiet = vega.logger(vega.Error);
    const compiled = vegaLite.compile(spec, { logger: quiet }).spec;
    const view = new vega.View(vega.parse(compiled, null, { ast: true }), {
      expr: interpreter, renderer: "svg", logger: quiet, tooltip: pointed,
    });
    known.view?.finalize();
    canvas.replaceChildren();
    view.initialize(canvas);
    Object.assign(known, { view, width, columns: columns(width), points: undefined, at: undefined });
    await view.runAsync();
    // labels beside the last point took their room from the plot, which moved the point: once more it fits
    await view.resize().runAsync();
    // its words are those of .canvas, its figures those of the table behind it
    canvas.querySelector("svg").setAttribute("aria-hidden", "true");
    figure.dataset.drawn = isDark() ? "dark" : "light";
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      draw(target).then(() => { const canvas = target.querySelector(".canvas"); if (canvas) sized.observe(canvas); }, (error) => console.error(error));
    }
  }, { rootMargin: "400px" });

  const sized = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const figure = target.closest("figure.chart");
      const known = drawn.get(figure);
      const width = Math.floor(target.clientWidth);
      if (!known?.view || width < 40 || width === known.width) continue;
      if (known.columns !== columns(width)) draw(figure);
      else {
        Object.assign(known, { width, points: undefined });
        known.view.width(width).runAsync().then((view) => view.resize().runAsync());
      }
    }
  });

  function forget() {
    for (const [figure, { view }] of drawn) {
      if (figure.isConnected) continue;
      view?.finalize();
      drawn.delete(figure);
    }
  }

  function scan(root) {
    forget();
    hide();
    for (const figure of root.querySelectorAll?.("figure.chart") ?? []) {
      if (!drawn.has(figure)) {
        drawn.set(figure, {});
        seen.observe(figure);
      }
    }
  }

  const redraw = () => {
    for (const [figure, { view }] of drawn) if (view) draw(figure);
  };

  document.addEventListener("keydown", (event) => {
    const canvas = event.target.closest?.("figure.chart .canvas");
    if (canvas) steer(event, canvas.closest("figure.chart"));
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener("themechange", redraw);
  dark.addEventListener("change", redraw);
  document.addEventListener("htmx:load", (event) => scan(event.target.closest("body") ?? document));
  scan(document);
})();
