// What the services under test used, and what they say of themselves.

// Rows of those runs for which [cells] knows something. A column is [heading, cell of (run, its
// place in report.json, its place as text)]; one that is empty everywhere is left out.
function runTable(report, columns) {
  const names = runNames(report);
  const all = report.runs.map((run, i) =>
    [names[i], ...columns.map(([, cell]) => cell(run, `runs.${i}`) ?? null)]);
  const rows = all.filter((row) => row.slice(1).some((cell) => cell !== null));
  if (!rows.length) return null;
  const kept = columns.map((_, c) => rows.some((row) => row[c + 1] !== null));
  return table(["run", ...columns.filter((_, c) => kept[c]).map(([heading]) => heading)],
    rows.map((row) => row.filter((_, c) => c === 0 || kept[c - 1]).map((cell) => cell ?? "–")),
    { numbers: 1 });
}

// A cell of target_resources: nothing where it is not known.
const usedCell = (key, format) => (run, at) => {
  const value = (run.target_resources || {})[key];
  return value ? { text: format(value), field: `${at}.target_resources.${key}` } : null;
};

// In whole bytes: less than one in a second is none.
const signedBytes = (bytes) => {
  const whole = Math.round(bytes) || 0;
  return `${whole < 0 ? "" : "+"}${formatBytes(whole)}`;
};

// The slope of memory, and the interval in which it lies.
function trendCell(run) {
  const used = run.target_resources;
  if (!used || !used.rss_bytes_mean) return null;
  const interval = used.rss_slope_low === undefined ? ""
    : ` [${signedBytes(used.rss_slope_low)}, ${signedBytes(used.rss_slope_high)}]`;
  return { text: `${signedBytes(used.rss_slope_bytes_per_s)}/s${interval}`,
    title: used.rss_slope_method };
}

const servedCell = (key) => (run, at) => (run.target_resources && run.target_resources.served
  ? { text: formatUs(run.target_resources.served[key]),
    field: `${at}.target_resources.served.${key}` } : null);

function servedBucketCell(run) {
  const { served } = run.target_resources || {};
  return served ? `${formatUs(served.p99_low_us)} – ${formatUs(served.p99_high_us)}` : null;
}

function pauseCell(run) {
  const used = run.target_resources || {};
  return used.longest_pause_us === undefined ? null
    : { text: formatUs(used.longest_pause_us), title: used.longest_pause_metric };
}

const ownColumns = [
  ["its own p50", servedCell("p50_us")], ["p95", servedCell("p95_us")],
  ["p99", servedCell("p99_us")], ["p99 lies within", servedBucketCell],
  ["our service time p99", (run, at) => (run.target_resources && run.target_resources.served
    ? timeCell(run.service_time, "p99_us", `${at}.service_time.p99_us`) : null)],
  ["longest pause", pauseCell],
  ["cold start", (run, at) => (run.cold_start_us === undefined ? null
    : { text: formatUs(run.cold_start_us), field: `${at}.cold_start_us` })],
  ["resets of counters", usedCell("counter_resets", String)]];

const usedColumns = [
  ["CPU", usedCell("cpu_cores_mean", formatCores)],
  ["CPU a request", usedCell("cpu_us_per_request", formatUs)],
  ["a vCPU", usedCell("throughput_per_vcpu", formatRate)],
  ["RSS mean", usedCell("rss_bytes_mean", formatBytes)],
  ["max", usedCell("rss_bytes_max", formatBytes)],
  ["trend [95 % interval]", trendCell],
  ["a connection", usedCell("rss_bytes_per_connection", formatBytes)],
  ["open files", usedCell("open_fds_mean", threeDigits)],
  ["readings", usedCell("scrapes", String)], ["gaps", usedCell("scrape_gaps", String)]];

function watchedTable(report) {
  const names = runNames(report);
  const plain = (value) => (value === undefined ? "–" : String(Number(value.toPrecision(6))));
  const rows = report.runs.flatMap((run, i) =>
    ((run.target_resources || {}).watched_series || []).map((series) => [names[i], series.name,
      ...["mean", "min", "max", "first", "last", "growth_per_s"]
        .map((key) => plain(series[key]))]));
  return rows.length ? table(["run", "watched series", "mean", "min", "max", "first", "last",
    "growth a second"], rows, { numbers: 2 }) : null;
}

function artifactsTable(report) {
  const rows = ((report.environment || {}).artifacts || []).map((artifact) => [artifact.target,
    formatBytes(Number(artifact.bytes)), { text: el("code", {}, artifact.sha256), class: "wrap" }]);
  return rows.length ? table(["program of", "size", "SHA-256"], rows, { numbers: 9 }) : null;
}

const below = (title, content) =>
  (content ? el("div", { class: "below" }, el("h3", {}, title), content) : null);

function resourcesSection(report) {
  const used = runTable(report, usedColumns);
  const own = runTable(report, ownColumns);
  const watched = watchedTable(report);
  const artifacts = artifactsTable(report);
  if (!used && !own && !watched && !artifacts) return null;
  const unknown = [...new Set(report.runs.map((run) => (run.target_resources || {}).cpu_not_known)
    .filter(Boolean))];
  const sources = [...new Set(report.runs.map((run) => (run.target_resources || {}).source)
    .filter(Boolean))];
  return section("resources", "What the target used", used,
    sources.length ? note(`Read from ${sources.join(", ")}, within the measured window.`) : null,
    unknown.length ? note(`CPU is not known: ${unknown.join("; ")}.`) : null,
    below("By its own account", own), below("Watched", watched), below("Programs", artifacts));
}

// How connections were opened, apart from all response times.
function connectionsSection(report) {
  const names = runNames(report);
  const windows = [["before", "before the window"], ["window", "in it"]];
  const rows = report.runs.flatMap((run, i) => windows
    .flatMap(([key, words]) => {
      const opening = (run.connections || {})[key];
      const opened = opening ? Number(opening.connect_time.count) : 0;
      if (!opening || (!opened && !Number(opening.failed))) return [];
      const at = `runs.${i}.connections.${key}`;
      const times = (part) => ["p50_us", "p99_us", "max_us"].map((q) =>
        (opening[part] && Number(opening[part].count)
          ? timeCell(opening[part], q, `${at}.${part}.${q}`) : "–"));
      return [[names[i], words,
        { text: formatCount(opened), field: `${at}.connect_time.count` },
        { text: formatCount(opening.failed), field: `${at}.failed` },
        ...times("connect_time"), ...times("tls_time"),
        { text: formatCount(opening.resumed), field: `${at}.resumed` }]];
    }));
  if (!rows.length) return null;
  const tls = rows.some((row) => row[7] !== "–");
  const headings = ["run", "", "opened", "failed", "connect p50", "p99", "max",
    ...(tls ? ["TLS p50", "p99", "max", "resumed"] : [])];
  return section("connections", "Connections",
    table(headings, rows.map((row) => row.slice(0, headings.length)), { numbers: 2 }));
}
