// The page of a report: the sections in their order, and the charts of one run at a time.

const charts = [];
const add = (chart) => { charts.push(chart); return chart.element; };

function drawAll() {
  for (const chart of charts) chart.draw();
}

// Colours are read when charts are drawn; a change of them draws all anew.
function watchAppearance() {
  const root = document.documentElement;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // Paper is white and narrower than a screen.
  addEventListener("beforeprint", () => { root.dataset.paper = "yes"; drawAll(); });
  addEventListener("afterprint", () => { delete root.dataset.paper; drawAll(); });
  let timer = null;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => charts.forEach((chart) => chart.resize()), 60);
  });
}

const CURVES = [["response_time", "response time", "--s1"],
  ["service_time", "service time", "--s3"], ["send_lag", "send lag", "--s2"],
  ["generator_lag", "generator lag", "--s4"]];

// One run's times by percentile, and how to read them.
function curvesOf(run, unit) {
  return [add(percentileChart({ title: "Response time, service time and lag", unit, height: 260,
    curves: () => CURVES.map(([key, label, colour]) =>
      ({ label, colour, points: run().json.curves[key] || [] })) })),
  note("Each step to the right has ten times fewer requests beyond it. Service time leaves out "
    + "the wait before the send; send lag is that wait.")];
}

function percentileSection(runs, chosen, report) {
  const targets = [...new Set(runs.map((run) => run.json.target))];
  const all = runs.length < 2 ? null : add(percentileChart({
    title: "Response time", unit: "all runs",
    curves: () => runs.map((run) => ({ label: run.label, points: run.json.curves.response_time,
      colour: SERIES[targets.indexOf(run.json.target) % SERIES.length],
      dash: run.bundle ? [6, 4] : [], width: 1.5 })) }));
  return section("percentiles", "Latency by percentile", all,
    ...curvesOf(chosen, runs.length < 2 ? "" : "of the run that is chosen below"), timesOf(report));
}

function latencyChart(run, over) {
  const quantiles = [["response p50", P50, "--s3"], ["response p99", P99, "--s1"],
    ["response p99.9", P999, "--s5"]];
  const plain = () => [
    ...quantiles.map(([label, , colour]) => line(label, colour, formatNs)),
    line("send lag p99", "--s2", formatNs, { dash: [5, 3] }),
    line("response max", "--muted", formatNs, { width: 1 }),
    line("generator lag p99", "--s4", formatNs, { dash: [2, 3] }),
    line("platform hiccup max", "--bad", formatNs, { width: 1 }),
    ...(over()
      ? [line(`response p99 of ${over().label}`, "--s6", formatNs, { dash: [7, 4] })] : [])];
  return timeChart({ title: "Response time and send lag", run, height: 220, y: LOG_TIME,
    hide: ["response max", "generator lag p99", "platform hiccup max"], series: plain,
    data: () => [run().seconds(), ...quantiles.map(([, q]) => run().quantile(AT.response, q)),
      run().quantile(AT.sendLag, P99), run().quantile(AT.response, MAX),
      run().quantile(AT.generatorLag, P99), run().quantile(AT.hiccup, MAX),
      ...(over() ? [alignTo(run().seconds(), over(), over().quantile(AT.response, P99))] : [])] });
}

// Another run's values at this one's instants: those of the column in which each lies.
function alignTo(seconds, other, values) {
  const columns = other.columns;
  let i = 0;
  return seconds.map((s) => {
    while (i < columns.length && columns[i][AT.end] / 1000 <= s) i += 1;
    return i < columns.length && columns[i][AT.begin] / 1000 <= s ? values[i] : null;
  });
}

function ratesChart(run, over) {
  return timeChart({ title: "Rates", unit: "requests a second", run, y: linear(compactRate),
    series: () => [line("offered", "--s4", formatRate, { width: 4, alpha: 0.5 }),
      line("sent", "--s2", formatRate), line("achieved", "--s1", formatRate),
      line("not ok", "--bad", formatRate),
      ...(over()
        ? [line(`achieved of ${over().label}`, "--s6", formatRate, { dash: [7, 4] })] : [])],
    data: () => {
      const rates = run().rates();
      return [run().seconds(), rates.offered, rates.sent, rates.achieved, rates.failed,
        ...(over() ? [alignTo(run().seconds(), over(), over().rates().achieved)] : [])];
    } });
}

function resourceCharts(run) {
  const cores = timeChart({ title: "CPU", unit: "cores", run, y: linear(threeDigits), height: 150,
    series: () => [line("target", "--s1", formatCores, { spanGaps: true }),
      line("all agents", "--s2", formatCores, { spanGaps: true }),
      line("busiest worker", "--s4", formatCores, { spanGaps: true, dash: [4, 3] })],
    data: () => uPlot.join([run().targetCores(), [run().seconds(), run().generatorCores(),
      run().busiestCore()]]) });
  const memory = timeChart({ title: "Memory of the target", unit: "RSS", run, height: 150,
    y: BYTES, series: () => [line("RSS", "--s1", formatBytes)],
    data: () => run().targetBytes() });
  return [cores, memory];
}

// Fixed for a page: names of the series are those of the run that was there first.
function watchedCharts(run) {
  return run().watchedNames().map((name) => timeChart({ title: name, unit: "watched", run,
    height: 150, y: linear((v) => scaled(v, ["", "k", "M", "G"], 1000)),
    series: () => [line(name, "--s3", (v) => String(v))], data: () => run().watched(name) }));
}

function agentsChart(run) {
  const shown = () => run().agentIds();
  return timeChart({ title: "Each agent's rate", unit: "sent a second", run, height: 150,
    y: linear(compactRate),
    series: () => shown().map((id, i) => line(id, SERIES[i % SERIES.length], formatRate)),
    data: () => [run().seconds(), ...shown().map((id) => run().agentRate(id))] });
}

function timeCharts(run, over) {
  return [ratesChart(run, over),
    heatChart({ title: "Response times", unit: "the denser, the more requests ended there", run }),
    latencyChart(run, over), ...resourceCharts(run), ...watchedCharts(run), agentsChart(run)];
}

function timeSection(run, over, chooser) {
  return section("time", "Over time", chooser, ...timeCharts(run, over).map(add),
    el("p", { class: "note keys" }, el("i", { class: "key shade" }), "warm-up and drain  ",
      el("i", { class: "key pause" }), "the generator's machine paused for 10 ms or more  ",
      el("i", { class: "key lost" }), "an agent was lost"));
}

function runChooser(runs, state, redraw) {
  if (runs.length < 2) return null;
  const choice = (name, key, empty) => el("label", {}, name, " ", el("select", {
    name: key, onchange: (event) => {
      state[key] = event.target.value === "" ? null : Number(event.target.value);
      redraw();
    } }, empty ? el("option", { value: "" }, "nothing") : null,
  runs.map((run, i) => el("option",
    { value: i, selected: state[key] === i ? "selected" : undefined }, run.label))));
  return el("p", { class: "chooser" }, choice("Run", "run", false), " ",
    choice("with over it", "over", true));
}

// The run of the second bundle that stands for the same thing.
function counterpart(runs, first) {
  const found = runs.findIndex((run) => run.bundle === 1
    && run.json.target === first.json.target);
  return found >= 0 ? found : runs.findIndex((run) => run.bundle === 1);
}

function showReport(page) {
  const main = document.getElementById("page");
  const [bundle] = page.bundles;
  const runs = runsOf(page);
  const state = { run: 0, over: page.bundles.length > 1 ? counterpart(runs, runs[0]) : null };
  const run = () => runs[state.run];
  const over = () => (state.over === null || state.over < 0 ? null : runs[state.over]);
  const chooser = runChooser(runs, state, drawAll);
  const other = page.bundles.length > 1 ? el("section", { class: "overlay" },
    note(el("b", {}, "A"), ` ${bundle.report.name}, ${bundle.path} · `, el("b", {}, "B"),
      ` ${page.bundles[1].report.name}, ${page.bundles[1].path}, drawn dashed`)) : null;
  const parts = [headerOf(bundle), other, tilesOf(bundle.report),
    comparisonSection(bundle.report), repeatsSection(bundle.report),
    capacitySection(bundle.report), sloSection(bundle.report), runsSection(bundle.report)];
  if (runs.length) {
    parts.push(percentileSection(runs, run, bundle.report), timeSection(run, over, chooser));
  }
  parts.push(outcomesSection(bundle.report), requestsSection(bundle.report),
    resourcesSection(bundle.report), costSection(bundle.report),
    connectionsSection(bundle.report), generatorSection(bundle.report),
    environmentSection(bundle.report), repeatSection(bundle),
    el("footer", {}, note("Made by Drumline from the counts in the bundle. Times are from the "
      + "intended start unless said otherwise; percentiles are never averaged.")));
  main.append(...parts.filter(Boolean));
  drawAll();
  watchAppearance();
  document.documentElement.dataset.drawn = "yes";
}
