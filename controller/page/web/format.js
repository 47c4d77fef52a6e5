"use strict";
// Numbers as people read them (three significant digits, the unit chosen by the size); elements.

// Of what is below 1,000: "412", "41.2", "4.12".
function threeDigits(value) {
  if (value === 0) return "0";
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return value < 0.9995 ? value.toPrecision(3) : value.toFixed(digits);
}

function scaled(value, units, step) {
  if (!Number.isFinite(value)) return "n/a";
  const sign = value < 0 ? "−" : "";
  let size = Math.abs(value);
  let unit = 0;
  while (unit + 1 < units.length && size >= step * 0.9995) {
    size /= step;
    unit += 1;
  }
  return `${sign}${threeDigits(size)} ${units[unit]}`.trimEnd();
}

// As controller/format/units.h has it.
const formatNs = (ns) => (Number.isInteger(ns) && Math.abs(ns) < 1000 ? `${ns} ns`
  : scaled(ns, ["ns", "µs", "ms", "s"], 1000));
const formatUs = (us) => formatNs(Number((us * 1000).toPrecision(12)));
const formatBytes = (bytes) => (Number.isInteger(bytes) && Math.abs(bytes) < 1000
  ? `${bytes < 0 ? "−" : ""}${Math.abs(bytes)} B`
  : scaled(bytes, ["B", "KiB", "MiB", "GiB"], 1024));
const formatCount = (count) => Math.round(count).toLocaleString("en-US");
const formatRate = (rate) =>
  rate >= 100 ? `${formatCount(rate)}/s` : `${threeDigits(Math.max(0, rate))}/s`;
const compactRate = (rate) => `${scaled(rate, ["", "k", "M"], 1000).replace(" ", "")}/s`;
const formatCores = (cores) => `${threeDigits(cores)} cores`;
// For axes: "10.0 ms" as "10 ms".
const shortened = (text) => text.replace(/\.0+(?=\D|$)/, "").replace(/(\.\d*?)0+(?=\D|$)/, "$1");
const formatShare = (share) => `${share === 0 ? "0" : threeDigits(share * 100)} %`;

// Seconds of a run as a clock: "0:07", "12:05", "1:02:03".
function formatClock(seconds) {
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const fraction = seconds - whole > 0.001 ? `.${Math.round((seconds - whole) * 10)}` : "";
  return (h ? `${h}:${two(m)}` : `${m}`) + `:${two(s)}${fraction}`;
}

// el("p", {class: "x", onclick: f}, "text", child…): text is text, never markup.
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A table of rows of cells; a cell is text, an element, or {text, field, class}. `field` names the
// place in report.json that the number comes from.
function table(headings, rows, options = {}) {
  const cell = (tag, content, column) => {
    // A link has a text of its own.
    const given = content && content.text !== undefined && !(content instanceof Node)
      ? content : { text: content };
    const number = options.numbers === undefined || column >= options.numbers;
    return el(tag, {
      class: [number ? "number" : "", given.class || ""].join(" ").trim() || undefined,
      "data-field": given.field,
      title: given.title,
      scope: tag === "th" ? "col" : undefined,
    }, given.text instanceof Node ? given.text : String(given.text ?? ""));
  };
  return el("div", { class: "scroll" }, el("table", {},
    el("thead", {}, el("tr", {}, headings.map((text, i) => cell("th", text, i)))),
    el("tbody", {}, rows.map((row) =>
      el("tr", {}, row.map((content, i) => cell("td", content, i)))))));
}

const section = (id, title, ...children) =>
  el("section", { id }, el("h2", {}, title), ...children);

const note = (...children) => el("p", { class: "note" }, ...children);
