// What several runs say together: repeats, the noise floor, searches for a capacity, cost.

const METRIC_NAMES = { throughput: "throughput", cpu_per_request: "CPU a request", rss: "RSS",
  cold_start: "cold start" };
const metricName = (metric) => METRIC_NAMES[metric] || metric;
const pointText = (point) => Object.entries(point || {}).map(([k, v]) => `${k} ${v}`).join(", ");
const targetText = (part) => [part.target, pointText(part.point)].filter(Boolean).join(" · ");
const intervalText = (low, high, format) => (low === undefined && high === undefined ? "–"
  : `${low === undefined ? "?" : format(low)} – ${high === undefined ? "?" : format(high)}`);

function repeatsTable(report) {
  const rows = (report.repeats || []).flatMap((target, t) => target.metrics.flatMap((metric, m) => {
    if (metric.values.length < 2) return [];
    const at = `repeats.${t}.metrics.${m}`;
    const value = (v) => formatUnit(v, metric.unit);
    return [[targetText(target), metricName(metric.metric), `${metric.values.length}`,
      { text: value(metric.mean), field: `${at}.mean` },
      intervalText(metric.low, metric.high, value),
      { text: formatShare(metric.spread), field: `${at}.spread` },
      metric.smallest_effect_seen === undefined ? "–"
        : { text: formatShare(metric.smallest_effect_seen), field: `${at}.smallest_effect_seen` }]];
  }));
  return rows.length ? table(["target", "metric", "repeats", "mean", "95 % interval", "spread",
    "could see"], rows, { numbers: 2 }) : null;
}

function noiseFloorNote(floor) {
  if (!floor || !(floor.metrics || []).length) return null;
  const words = floor.metrics.map((m) =>
    `${metricName(m.metric)} ${formatShare(m.largest_difference)}`).join(" · ");
  return note(el("b", {}, "Noise floor of this fleet: "), words,
    ` (${floor.target} against itself, ${floor.repeats} repeats at ${
      formatRate(floor.offered_rps)}, ${floor.measured_at}). `
    + "A measured difference that is smaller may be the fleet's own.");
}

function repeatsSection(report) {
  const repeats = repeatsTable(report);
  const left = (report.left_out || []).map((run) => el("li", {}, run.run_id, ": ",
    run.why || run.validity));
  const { stopping } = report;
  const parts = [repeats,
    repeats ? note("“Could see” is the smallest effect that a comparison of so many repeats "
      + "finds four times out of five.") : null,
    stopping && stopping.words ? note(el("b", {}, `Repeats until ${stopping.rule}: `),
      el("span", { "data-field": "stopping.words" }, stopping.words)) : null,
    noiseFloorNote(report.noise_floor),
    left.length ? el("div", { class: "below" }, el("h3", {}, "Runs that do not count"),
      el("ul", {}, left)) : null].filter(Boolean);
  return parts.length ? section("repeats", "Repeats", ...parts) : null;
}

// Dashed lines at the rates that were found.
const kneesPlugin = (knees) => ({ hooks: { draw: [(u) => {
  u.ctx.save();
  u.ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  u.ctx.lineWidth = devicePixelRatio;
  for (const [rate, colour] of knees()) {
    const x = u.valToPos(rate, "x", true);
    u.ctx.strokeStyle = colour;
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
  }
  u.ctx.restore();
}] } });

// Latency by rate: the points in the order of their rates.
function capacityChart(found) {
  const lines = found.flatMap((capacity, i) => {
    const points = [...capacity.curve].sort((x, y) => x.offered_rps - y.offered_rps);
    const curve = (key) => new Map(points.map((p) => [p.offered_rps, p[key] * 1000]));
    const colour = SERIES[i % SERIES.length];
    return [["p99_us", "p99", undefined], ["p50_us", "p50", [5, 4]]].map(([key, name, dash]) =>
      ({ label: `${targetText(capacity)} ${name}`, colour, dash, at: curve(key) }));
  });
  const xs = [...new Set(lines.flatMap((l) => [...l.at.keys()]))].sort((x, y) => x - y);
  const values = () => [xs, ...lines.map((l) =>
    xs.map((x) => (l.at.get(x) > 0 ? l.at.get(x) : undefined)))];
  const knees = () => found
    .map((capacity, i) => [capacity.knee_rps, ink(SERIES[i % SERIES.length])])
    .filter(([rate]) => rate > 0);
  const options = () => ({
    scales: { x: { time: false }, y: { distr: 3 } },
    axes: [axis((u, s) => s.map((v) => shortened(compactRate(v))), null, { size: 28 }),
      logTimes()],
    plugins: [kneesPlugin(knees)],
    series: [{ label: "offered", value: (u, v) => (v === null ? "" : formatRate(v)) },
      ...lines.map((l) => line(l.label, l.colour, formatNs,
        { dash: l.dash, spanGaps: true, points: { show: true, size: 5 } }))] });
  return mount("Response time", "by offered rate", 260, options, values);
}

function capacityRows(report) {
  return report.capacity.flatMap((capacity, c) => (capacity.curve || []).map((point, p) => {
    const at = `capacity.${c}.curve.${p}`;
    const time = (key) => ({ text: formatUs(point[key]), field: `${at}.${key}` });
    return [targetText(capacity), point.step, { text: badge(point.slo), class: "word" },
      { text: formatRate(point.offered_rps), field: `${at}.offered_rps` },
      { text: formatRate(point.achieved_rps), field: `${at}.achieved_rps` },
      time("p50_us"), time("p99_us"), time("p99_9_us"),
      { text: formatShare(point.errors), field: `${at}.errors` },
      point.target_cpu_cores ? formatCores(point.target_cpu_cores) : "–"];
  }));
}

function capacitySection(report) {
  const all = report.capacity || [];
  const found = all.filter((c) => (c.curve || []).length);
  if (!found.length) return null;
  const words = all.map((capacity, i) => el("li", {}, el("b", {}, targetText(capacity)), ": ",
    el("span", { "data-field": `capacity.${i}.words` }, capacity.words),
    capacity.target_cpu_cores ? `, with ${formatCores(capacity.target_cpu_cores)} in use` : "",
    capacity.rps_per_vcpu ? `: ${formatRate(capacity.rps_per_vcpu)} a vCPU` : ""));
  return section("capacity", "Capacity", el("ul", {}, words), add(capacityChart(found)),
    note(`Dashed: the highest rate that met ${(found[0].slo || []).join(", ")}.`),
    el("details", {}, el("summary", {}, "each rate, in the order in which they were tried"),
      table(["target", "step", "", "offered", "achieved", "p50", "p99", "p99.9", "errors", "CPU"],
        capacityRows(report), { numbers: 3 })));
}

function costSection(report) {
  const { lines, currency, not_computed: missing } = report.cost || {};
  if (!(lines || []).length && !(missing || []).length) return null;
  const amount = (value) => (value >= 1000 ? formatCount(value) : threeDigits(value));
  // As in the terminal: the units of measurement are spelled, those of money are words.
  const figure = (value, unit) => (["us", "bytes", "per_second", "fraction"].includes(unit)
    ? formatUnit(value, unit) : `${amount(value)} ${unit}`.trim());
  const inputs = (cost) => (cost.inputs || []).map((input) =>
    `${input.name} ${figure(input.value, input.unit)} (${input.source})`).join("; ");
  const rows = (lines || []).map((cost) => [cost.name, targetText(cost),
    `${amount(cost.value)} ${cost.unit}`,
    { text: el("span", {}, cost.formula, el("br"), el("small", {}, inputs(cost))),
      class: "wrap" }]);
  return section("cost", "Cost",
    rows.length ? table(["", "target", currency || "", "how it is computed"], rows,
      { numbers: 9 }) : null,
    (missing || []).length ? note(`Not computed: ${missing.join("; ")}.`) : null);
}
