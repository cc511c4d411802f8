/* Draws every chart of the page with the embedded Vega, once, and keeps it as wide as its column.
 * Nothing is fetched and nothing evaluated: specs are JSON in the page, expressions run as syntax trees (ast).
 * Colours are custom properties of the stylesheet, so a dark screen and print need no second drawing. */
"use strict";

const PRINT_WIDTH = 780; // an A4 sheet less its margins is 672 pixels wide; the sheet prints charts at 0.86 of their size
const NARROWEST = 240;

const root = document.documentElement;
const charts = [];

function widthOf(chart) {
  const most = chart.spec.usermeta?.maxWidth ?? Infinity;
  return Math.max(NARROWEST, Math.min(Math.floor(chart.box.clientWidth), most));
}

/* A chart may need less height where it is wide, because its words then take fewer lines. */
function heightOf(chart, width) {
  const { wideFrom = Infinity, wideHeight } = chart.spec.usermeta ?? {};
  return width >= wideFrom ? wideHeight : chart.spec.height;
}

function setWidth(chart, width) {
  if (!chart.view || width === chart.width) return;
  chart.width = width;
  chart.view.width(width);
  if (chart.spec.usermeta?.wideHeight) chart.view.height(heightOf(chart, width));
  chart.view.resize().run();
}

function fail(figure, error) {
  figure.dataset.drawn = "false";
  const word = figure.querySelector(".chart-failed");
  if (word) word.hidden = false;
  figure.querySelector("details.data-table")?.setAttribute("open", "");
  if (error) console.error(figure.id, error);
}

async function draw(script, config) {
  const box = script.parentElement;
  const figure = box.closest("figure") ?? box;
  const chart = { box, spec: null, view: null, width: 0 };
  try {
    chart.spec = JSON.parse(script.textContent);
    chart.width = widthOf(chart);
    const stage = document.createElement("div");
    stage.className = "stage";
    stage.setAttribute("aria-hidden", "true"); // the box around it says what the chart shows
    box.append(stage);
    const result = await window.vegaEmbed(stage, { ...chart.spec, width: chart.width, height: heightOf(chart, chart.width) }, {
      mode: "vega-lite",
      ast: true,
      renderer: "svg",
      actions: false,
      defaultStyle: false,
      hover: false,
      tooltip: { disableDefaultStyle: true },
      config,
    });
    chart.view = result.view;
    figure.querySelector("details.data-table")?.removeAttribute("open");
    figure.dataset.drawn = "true";
    charts.push(chart);
  } catch (error) {
    fail(figure, error);
  }
}

function followColumn() {
  const pending = new Set();
  const observer = new ResizeObserver((entries) => {
    if (printing) return;
    for (const entry of entries) pending.add(entry.target);
    requestAnimationFrame(() => {
      for (const chart of charts) if (pending.has(chart.box)) setWidth(chart, widthOf(chart));
      pending.clear();
    });
  });
  for (const chart of charts) observer.observe(chart.box);
}

let printing = false;
let shut = [];

function beforePrint() {
  if (printing) return;
  printing = true;
  shut = [...document.querySelectorAll("details:not([open])")];
  for (const details of shut) details.open = true;
  for (const chart of charts) setWidth(chart, Math.min(PRINT_WIDTH, chart.spec.usermeta?.maxWidth ?? PRINT_WIDTH));
}

function afterPrint() {
  printing = false;
  for (const details of shut) details.open = false;
  for (const chart of charts) setWidth(chart, widthOf(chart));
}

/* Marks, in the margin, the part that is being read. */
function followReader() {
  const links = new Map([...document.querySelectorAll("nav.contents a")].map((link) => [link.hash.slice(1), link]));
  if (!links.size) return;
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.getAttribute("aria-labelledby"))?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -70% 0px" });
  for (const part of document.querySelectorAll("main .part")) observer.observe(part);
}

const specs = [...document.querySelectorAll("script.vega-spec")];
root.dataset.charts = String(specs.length);
if (specs.length && !window.vegaEmbed) {
  for (const script of specs) fail(script.closest("figure") ?? script.parentElement);
} else {
  const config = JSON.parse(document.getElementById("vega-config").textContent);
  for (const script of specs) await draw(script, config);
}
root.dataset.chartsDrawn = String(charts.length);
followColumn();
followReader();
addEventListener("beforeprint", beforePrint);
addEventListener("afterprint", afterPrint);
root.dataset.ready = "true";
