// Comparisons as intervals: each metric's change from the baseline on one axis of per cent, so that
// what excludes zero is seen at once.

const FOREST = { width: 460, row: 34, top: 26, pad: 14 };

function formatUnit(value, unit) {
  if (unit === "us") return formatUs(value);
  if (unit === "bytes") return formatBytes(value);
  if (unit === "per_second") return formatRate(value);
  if (unit === "fraction") return formatShare(value);
  return threeDigits(value);
}

const percentChange = (ratio) => (ratio - 1) * 100;

// The nearest of 1, 2, 5 times a power of ten above a fifth of the span.
function roundStep(span) {
  const power = 10 ** Math.floor(Math.log10(span / 4));
  return [1, 2, 5, 10].map((m) => m * power).find((step) => span / step <= 5) || 10 * power;
}

function forestAxis(results) {
  const ends = results.flatMap((r) => [r.ratio, r.low ?? r.ratio, r.high ?? r.ratio,
    1 - (r.noise_floor || 0), 1 + (r.noise_floor || 0)]).map(percentChange).filter(Number.isFinite);
  let low = Math.min(0, ...ends);
  let high = Math.max(0, ...ends);
  if (high - low < 2) { low -= 1; high += 1; }
  const margin = (high - low) * 0.06;
  [low, high] = [low - margin, high + margin];
  const x = (percent) =>
    FOREST.pad + ((percent - low) / (high - low)) * (FOREST.width - 2 * FOREST.pad);
  const step = roundStep(high - low);
  const ticks = [];
  for (let t = Math.ceil(low / step); t * step <= high; ++t) ticks.push(t * step);
  return { x, ticks };
}

const findingClass = (finding) =>
  ({ BETTER: "better", WORSE: "worse" }[finding] || "undecided");

function forest(results) {
  const { x, ticks } = forestAxis(results);
  const height = FOREST.top + results.length * FOREST.row;
  const drawing = svg("svg", { viewBox: `0 0 ${FOREST.width} ${height}`, class: "forest",
    role: "img", "aria-label": "changes with their 95 % intervals" });
  for (const tick of ticks) {
    const zero = Math.abs(tick) < 1e-9;
    drawing.append(
      svg("line", { x1: x(tick), x2: x(tick), y1: FOREST.top - 6, y2: height,
        class: zero ? "zero" : "tick" }),
      svg("text", { x: x(tick), y: 12, class: "tick" },
        zero ? "equal" : `${tick > 0 ? "+" : "−"}${shortened(threeDigits(Math.abs(tick)))} %`));
  }
  results.forEach((result, i) => {
    const y = FOREST.top + (i + 0.5) * FOREST.row;
    if (result.noise_floor) {
      const [from, to] = [-result.noise_floor, result.noise_floor].map((f) => x(f * 100));
      drawing.append(svg("rect", { x: from, y: y - 11, width: to - from, height: 22,
        class: "floor" }));
    }
    const group = svg("g", { class: findingClass(result.finding) });
    if (result.low !== undefined && result.high !== undefined) {
      const [from, to] = [result.low, result.high].map((r) => x(percentChange(r)));
      group.append(svg("line", { x1: from, x2: to, y1: y, y2: y, class: "interval" }));
      for (const end of [from, to]) {
        group.append(svg("line", { x1: end, x2: end, y1: y - 5, y2: y + 5, class: "interval" }));
      }
    }
    drawing.append(svg("text", { x: FOREST.pad, y: y - 8, class: "row" },
      metricName(result.metric)));
    group.append(svg("circle", { cx: x(percentChange(result.ratio)), cy: y, r: 4.5 }));
    drawing.append(group);
  });
  return drawing;
}

// The comparisons of a report, a figure for each pair of targets and point of the matrix.
function comparisonFigures(comparison) {
  const groups = new Map();
  comparison.forEach((result, index) => {
    const key = JSON.stringify([result.baseline, result.contender, result.point]);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push({ ...result, index });
  });
  return [...groups.values()].map((results) => {
    const [first] = results;
    const drawn = results.filter((r) => r.finding !== "NOT_COMPARED");
    const left = results.filter((r) => r.finding === "NOT_COMPARED");
    const runs = `${first.baseline_repeats} and ${first.contender_repeats} runs`;
    const rows = drawn.map((r) => el("div", { class: "compared" },
      el("b", {}, metricName(r.metric)),
      el("span", { class: "number" }, formatUnit(r.baseline_mean, r.unit)),
      el("span", { class: "number" }, formatUnit(r.contender_mean, r.unit)),
      el("span", { class: findingClass(r.finding), "data-field": `comparison.${r.index}.words` },
        r.words)));
    return el("div", { class: "comparison" },
      el("h3", {}, `${first.contender} compared with ${first.baseline}`,
        el("span", { class: "unit" },
          [pointText(first.point), runs].filter(Boolean).map((t) => ` · ${t}`).join(""))),
      drawn.length ? el("div", { class: "forest-row" },
        el("div", {}, el("div", { class: "compared head" }, el("span", {}, "metric"),
          el("span", { class: "number" }, first.baseline),
          el("span", { class: "number" }, first.contender), el("span", {}, "change")), rows),
        forest(drawn)) : null,
      left.length ? note(left.map((r) => `${metricName(r.metric)}: ${r.words}`).join("; ")) : null);
  });
}
