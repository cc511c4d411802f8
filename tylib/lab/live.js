/* Live charts in JupyterLab: Vega views that stay, fed with whole pictures, of which only the newest is painted.
 * Python writes `specs` (one a slot), `frame` (HTML with a place for each slot) and `picture`:
 * {seq, charts: {slot: {layer: rows}}, html: {slot: text}}. What the reader selects goes back as `selection`.
 * Nothing is fetched; expressions run as syntax trees, nothing is evaluated. `vegaEmbed` comes with the bundle. */

/** Works on one thing at a time; of those that arrive meanwhile only the newest is kept. */
export class Newest {
  constructor(work) {
    this.work = work;
    this.waiting = null;
    this.busy = false;
  }

  async push(item) {
    this.waiting = { item };
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.waiting) {
        const { item: next } = this.waiting;
        this.waiting = null;
        await this.work(next);
      }
    } finally {
      this.busy = false;
    }
  }
}

/** A brushed stretch of the axis as whole years inside `years`; null where nothing is brushed. */
export function brushed(extent, years) {
  if (!extent || extent.length < 2) return null;
  const [low, high] = [Math.min(...extent), Math.max(...extent)];
  const inside = (year) => Math.min(Math.max(Math.round(year), years[0]), years[years.length - 1]);
  return [inside(low), inside(high)];
}

/** The list with an entry taken in or out. */
export function toggled(list, entry) {
  return list.includes(entry) ? list.filter((other) => other !== entry) : [...list, entry];
}

/** Slots whose spec is new or another one, and slots that are gone. */
export function changed(before, after) {
  const same = (slot) => JSON.stringify(before[slot]) === JSON.stringify(after[slot]);
  return {
    made: Object.keys(after).filter((slot) => !same(slot)),
    gone: Object.keys(before).filter((slot) => !(slot in after)),
  };
}

const OPTIONS = {
  mode: "vega-lite",
  ast: true,
  renderer: "svg",
  actions: false,
  defaultStyle: false,
  hover: false,
  tooltip: { disableDefaultStyle: true },
};
const NARROWEST = 240;
const FORGET = 200; // rows that are gone before Vega lets go of them; by default ten thousand in every mark

class Stage {
  constructor(model, el) {
    this.model = model;
    this.el = el;
    this.frame = null;
    this.specs = {};
    this.charts = new Map();
    this.observer = new ResizeObserver((entries) => {
      for (const { target } of entries) this.fit(this.charts.get(target.dataset.slot));
    });
    this.queue = new Newest((picture) => this.paint(picture));
    this.years = null; // brushed, as far as both sides know
    this.held = false;
    el.addEventListener("pointerdown", () => (this.held = true));
    this.release = () => (this.held = false);
    globalThis.addEventListener("pointerup", this.release);
  }

  place(slot) {
    return this.el.querySelector(`[data-slot="${slot}"]`);
  }

  width(box, spec) {
    return Math.max(NARROWEST, Math.min(Math.floor(box.clientWidth), spec.usermeta?.maxWidth ?? Infinity));
  }

  fit(chart) {
    if (!chart || !chart.box.clientWidth) return;
    const width = this.width(chart.box, chart.spec);
    if (width !== chart.shown) {
      chart.shown = width;
      chart.view.width(width).resize().runAsync();
    }
  }

  async embed(slot, spec) {
    this.drop(slot);
    const box = this.place(slot);
    const shown = this.width(box, spec);
    // Vega's own box is as wide as its chart; the one around it tells how wide that may be.
    const stage = document.createElement("div");
    box.replaceChildren(stage);
    const { view, finalize } = await vegaEmbed(stage, { ...spec, width: shown }, OPTIONS);
    if (this.ended) return finalize();
    view.cleanThreshold = FORGET;
    this.charts.set(slot, { box, spec, view, finalize, shown });
    this.observer.observe(box);
    this.listen(spec, view);
  }

  /* What a chart lets the reader select stands in its `usermeta.selects`: years by a brush, places by a click. */
  listen(spec, view) {
    const { years, places } = spec.usermeta?.selects ?? {};
    if (years) {
      view.addSignalListener(years.signal, (_, value) => this.select({ years: brushed(value?.year, years.of) }));
    }
    if (places) {
      view.addEventListener("click", (_, item) => {
        if (item?.datum?.place) this.select({ places: toggled(this.model.get("selection").places, item.datum.place) });
      });
    }
  }

  select(part) {
    if ("years" in part) this.years = part.years;
    const before = this.model.get("selection");
    const after = { ...before, ...part };
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    this.model.set("selection", after);
    this.model.save_changes();
  }

  drop(slot) {
    const chart = this.charts.get(slot);
    if (!chart) return;
    this.observer.unobserve(chart.box);
    chart.finalize();
    chart.box.replaceChildren();
    this.charts.delete(slot);
  }

  /* Frame, specs and picture are taken together, one picture after the other: none is drawn into another's frame. */
  async paint(picture) {
    if (this.ended) return;
    const frame = this.model.get("frame");
    if (frame !== this.frame) {
      for (const slot of [...this.charts.keys()]) this.drop(slot);
      this.specs = {};
      this.el.innerHTML = this.frame = frame; // made and escaped by Python
    }
    const specs = this.model.get("specs");
    const { made, gone } = changed(this.specs, specs);
    for (const slot of gone) this.drop(slot);
    for (const slot of made) await this.embed(slot, specs[slot]);
    this.specs = specs;
    const runs = [];
    for (const [slot, layers] of Object.entries(picture.charts ?? {})) {
      const view = this.charts.get(slot)?.view;
      if (!view) continue;
      for (const [layer, rows] of Object.entries(layers)) view.data(layer, rows);
      runs.push(view.runAsync());
    }
    for (const [slot, text] of Object.entries(picture.html ?? {})) {
      const box = this.place(slot);
      if (box && box.lab !== text) box.innerHTML = box.lab = text; // made and escaped by Python
    }
    runs.push(...this.follow(picture.years ?? null));
    await Promise.all(runs);
    this.el.dataset.seq = String(picture.seq);
    this.el.dataset.stage = picture.stage ?? "";
  }

  /* Years that were chosen elsewhere move the brush, unless it is in the reader's hand. */
  follow(years) {
    if (this.held || JSON.stringify(years) === JSON.stringify(this.years)) return [];
    this.years = years;
    return [...this.charts.values()].filter(({ spec }) => spec.usermeta?.selects?.years).map(({ spec, view }) => {
      const ends = years ? years.map((year) => view.scale("x")(year)) : [];
      return view.signal(`${spec.usermeta.selects.years.signal}_x`, ends).runAsync();
    });
  }

  end() {
    this.ended = true;
    globalThis.removeEventListener("pointerup", this.release);
    this.observer.disconnect();
    for (const slot of [...this.charts.keys()]) this.drop(slot);
  }
}

function render({ model, el }) {
  el.classList.add("tylib-live");
  const stage = new Stage(model, el);
  const paint = () => stage.queue.push(model.get("picture"));
  model.on("change:picture", paint);
  paint();
  return () => {
    model.off("change:picture", paint);
    stage.end();
  };
}

export default { render };
