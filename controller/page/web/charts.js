// Charts: uPlot with our axes, colours and marks. Each maker returns {element, draw, update,
// resize, destroy}; they are drawn anew when the colours change.

const axisWidth = () => (innerWidth < 600 ? 58 : 78);
const SERIES = ["--s1", "--s2", "--s3", "--s4", "--s5", "--s6"];

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

function axis(values, label, extra = {}) {
  return { stroke: ink("--muted"), grid: { stroke: ink("--grid"), width: 1 },
    ticks: { stroke: ink("--grid"), width: 1, size: 4 }, font: FONT, labelFont: FONT, label,
    labelSize: 18, labelGap: 0, values, ...extra };
}

// Whole seconds, and steps that a clock has.
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200];
const timeAxis = () =>
  axis((u, splits) => splits.map(formatClock), null, { size: 28, incrs: CLOCK_STEPS });

// An axis of times that has a label at each power of ten alone; lines stand between them too.
const decades = (u, splits) => splits.map((v) =>
  (Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9 ? v : null));

// Wherever the axis begins: 1 to 9 times each power of ten.
function logSplits(u, index, min, max) {
  const splits = [];
  for (let power = 10 ** Math.floor(Math.log10(min)); power <= max; power *= 10) {
    for (let digit = 1; digit < 10; ++digit) {
      if (digit * power >= min && digit * power <= max) splits.push(digit * power);
    }
  }
  return splits;
}

const timeLabels = (u, splits) =>
  splits.map((v) => (v === null ? "" : shortened(formatNs(v))));
const logTimes = () => axis(timeLabels, null,
  { size: axisWidth(), filter: decades, splits: logSplits });

function line(label, colour, value, extra = {}) {
  return { label, stroke: ink(colour), width: 1.5, points: { show: false }, spanGaps: false,
    value: (u, v) => (v === null || v === undefined ? "" : value(v)), ...extra };
}

// Shades the warm-up and the drain, and draws what happened besides.
function marksPlugin(marksOf) {
  const shade = (u, from, to, colour) => {
    const [left, right] = [from, to].map((v) =>
      Math.min(u.bbox.left + u.bbox.width, Math.max(u.bbox.left, u.valToPos(v, "x", true))));
    if (right <= left) return;
    u.ctx.fillStyle = colour;
    u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
  };
  const under = (u) => {
    const marks = marksOf();
    u.ctx.save();
    if (marks.warmup > 0) shade(u, u.scales.x.min, marks.warmup, ink("--shade"));
    if (marks.end !== null) shade(u, marks.end, u.scales.x.max, ink("--shade"));
    for (const [from, to] of marks.pauses) shade(u, from, to, ink("--pause"));
    u.ctx.restore();
  };
  const over = (u) => {
    u.ctx.save();
    u.ctx.font = FONT.replace("12px", `${11 * devicePixelRatio}px`);
    u.ctx.fillStyle = ink("--bad");
    u.ctx.strokeStyle = ink("--page");
    u.ctx.lineWidth = 4 * devicePixelRatio;
    u.ctx.textAlign = "left";
    for (const [id, at] of marksOf().lost) {
      const x = u.valToPos(at, "x", true);
      const words = [`${id} lost`, x + 7 * devicePixelRatio, u.bbox.top + 14 * devicePixelRatio];
      u.ctx.fillRect(x, u.bbox.top, 2 * devicePixelRatio, u.bbox.height);
      u.ctx.strokeText(...words);
      u.ctx.fillText(...words);
    }
    u.ctx.restore();
  };
  return { hooks: { drawClear: under, draw: over } };
}

function mount(title, unit, height, options, dataOf) {
  const holder = el("div", { class: "plot" });
  const caption = title
    ? el("h3", {}, title, unit ? el("span", { class: "unit" }, ` ${unit}`) : null) : null;
  const element = el("figure", { class: "chart" }, caption, holder);
  let plot = null;
  const width = () => Math.max(280, holder.clientWidth || 900);
  return {
    element,
    draw() {
      if (plot) plot.destroy();
      plot = new uPlot({ width: width(), height, ...options() }, dataOf(), holder);
    },
    update() { if (plot) plot.setData(dataOf()); },
    resize() { if (plot) plot.setSize({ width: width(), height }); },
    destroy() { if (plot) plot.destroy(); plot = null; },
  };
}

// [series] as functions, so that colours are asked for when the chart is drawn.
function timeChart({ title, unit, run, series, data, y, height = 180, hide = [], under }) {
  const options = () => ({
    legend: { live: true },
    cursor: { sync: { key: "time" }, y: false, points: { size: 6 } },
    scales: { x: { time: false, range: (u, min, max) =>
      (u.zoomed ? [min, max] : [0, Math.max(run().endSeconds, 1)]) }, y: y.scale },
    axes: [timeAxis(), y.axis()],
    series: [{ label: "time", value: (u, v) => (v === null ? "" : formatClock(v)) },
      ...series().map((s) => (hide.includes(s.label) ? { ...s, show: false } : s))],
    plugins: [marksPlugin(() => run().marks()), ...(under ? [{ hooks: { drawAxes: under } }] : [])],
    hooks: { setSelect: [(u) => { u.zoomed = u.select.width > 0; }],
      ready: [(u) => u.over.addEventListener("dblclick", () => { u.zoomed = false; }, true)] },
  });
  return mount(title, unit, height, options, data);
}

const LINEAR_FROM_ZERO = { range: (u, min, max) => [0, max > 0 ? max * 1.1 : 1] };
const linear = (format, extra = {}) => ({ scale: LINEAR_FROM_ZERO,
  axis: () => axis((u, splits) => splits.map((v) => shortened(format(v))), null,
    { size: axisWidth(), ...extra }) });
// Steps that are round in powers of 1,024.
const BYTES = linear(formatBytes, { incrs: [...Array(44).keys()].map((k) => 2 ** k) });
const LOG_TIME = { scale: { distr: 3 }, axis: logTimes };

// All runs' response times by percentile: the axis of HdrHistogram's plots.
function percentileChart({ title, unit, curves, height = 300 }) {
  const merged = () => {
    const xs = [...new Set(curves().flatMap((c) => c.points.map((p) => p[0])))]
      .sort((a, b) => a - b);
    return [xs, ...curves().map((c) => {
      const at = new Map(c.points);
      return xs.map((x) => (at.get(x) > 0 ? at.get(x) : undefined));
    })];
  };
  const label = (x) => {
    if (x === null) return "";
    const nines = Math.max(0, Math.ceil(Math.log10(x)) - 2);
    return `${((1 - 1 / x) * 100).toFixed(nines)} %`;
  };
  const splits = (u, i, min, max) => {
    // As many as have room: a label takes about 60 pixels.
    const decade = u.bbox.width / devicePixelRatio / Math.log10(max);
    const at = decade > 130 ? [1, 2, 4, 10, 20] : [1, 10];
    for (let x = 100; x <= max; x *= 10) at.push(x);
    const step = Math.max(1, Math.ceil(60 / decade));
    return at.filter((x) => x <= max && (step === 1 || Math.round(Math.log10(x)) % step === 0));
  };
  const options = () => ({
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: false, distr: 3, range: (u, min, max) => [1, Math.max(max, 10)] },
      y: { distr: 3 } },
    axes: [axis((u, s) => s.map(label), null, { size: 28, splits, filter: (u, s) => s, space: 1 }),
      logTimes()],
    series: [{ label: "percentile", value: (u, v) => (v === null ? "" : label(v)) },
      ...curves().map((c) => line(c.label, c.colour, formatNs,
        { spanGaps: true, dash: c.dash, width: c.width || 1.75 }))],
  });
  return mount(title, unit, height, options, merged);
}

// Response times over time: how many requests ended within each cell, the darker the more.
function heatChart({ title, unit, run, height = 240 }) {
  const bounds = () => {
    let [low, high] = [Infinity, 0];
    for (const c of run().columns) {
      if (!c[AT.heat].length) continue;
      low = Math.min(low, c[AT.heat][0]);
      high = Math.max(high, c[AT.heat][0] + c[AT.heat].length - 2);
    }
    return high ? [heatRowBegin(low), heatRowBegin(high + 1)] : [1e5, 1e7];
  };
  const cells = (u) => {
    const columns = run().columns;
    let most = 1;
    for (const c of columns) for (const n of c[AT.heat].slice(1)) most = Math.max(most, n);
    const { left, top, width, height: tall } = u.bbox;
    u.ctx.save();
    u.ctx.beginPath();
    u.ctx.rect(left, top, width, tall);
    u.ctx.clip();
    u.ctx.fillStyle = ink("--heat");
    for (const c of columns) {
      const x0 = Math.round(u.valToPos(c[AT.begin] / 1000, "x", true));
      const x1 = Math.round(u.valToPos(c[AT.end] / 1000, "x", true));
      c[AT.heat].slice(1).forEach((count, i) => {
        if (!count) return;
        const row = c[AT.heat][0] + i;
        const y0 = Math.round(u.valToPos(heatRowBegin(row), "y", true));
        const y1 = Math.round(u.valToPos(heatRowBegin(row + 1), "y", true));
        u.ctx.globalAlpha = 0.12 + 0.88 * (Math.log(count + 1) / Math.log(most + 1));
        u.ctx.fillRect(x0, y1, Math.max(1, x1 - x0), Math.max(1, y0 - y1));
      });
    }
    u.ctx.restore();
  };
  const base = () => [run().seconds(), run().quantile(AT.response, P99)];
  return timeChart({ title, unit, run, height, data: base, under: cells,
    y: { scale: { distr: 3, range: () => bounds() }, axis: logTimes },
    series: () => [line("p99 of response time", "--s2", formatNs, { width: 1 })] });
}
