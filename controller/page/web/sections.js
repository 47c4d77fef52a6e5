// The parts of the page that are words and tables. Each maker takes report.json and returns a
// section, or nothing where the report says nothing of it.

const QUANTILES = [["p50_us", "p50"], ["p90_us", "p90"], ["p95_us", "p95"], ["p99_us", "p99"],
  ["p99_9_us", "p99.9"], ["p99_99_us", "p99.99"], ["max_us", "max"]];

const VERDICT_CLASS = { VALID: "good", PASS: "good", OK: "good", INVALID: "bad", FAIL: "bad",
  FATAL: "bad" };
const badge = (word) => el("span", { class: `badge ${VERDICT_CLASS[word] || "unsure"}` }, word);

// A time of a summary; "≥" before it where it is a lower bound.
function timeCell(summary, key, field) {
  if (!summary || Number(summary.count) === 0) return { text: "–", field };
  const bound = summary.lower_bound_from_us;
  const mark = bound !== undefined && summary[key] >= bound ? "≥ " : "";
  return { text: mark + formatUs(summary[key]), field };
}

const errorsOf = (ledger) => Number(ledger.scheduled) - Number(ledger.ok);
const shareOf = (count, total) => (Number(total) > 0 ? Number(count) / Number(total) : 0);

function runNames(report) {
  return report.runs.map((run) => {
    const same = report.runs.filter((r) => r.target === run.target
      && JSON.stringify(r.point) === JSON.stringify(run.point));
    return runLabel(run, same.length > 1);
  });
}

function headerOf(bundle) {
  const { report } = bundle;
  const reasons = report.verdict.reasons || [];
  const when = report.started_at ? report.started_at.replace("T", " ").replace("Z", " UTC") : "";
  const targets = [...new Set(report.runs.map((r) => r.target))].join(", ");
  return el("header", {},
    el("p", { class: "brand" }, "Drumline · load test report"),
    el("h1", {}, report.name),
    note([when, `${report.runs.length} run${report.runs.length === 1 ? "" : "s"}`,
      targets].filter(Boolean).join(" · ")),
    el("div", { class: "verdict" },
      el("div", {}, el("span", { class: "unit" }, "measurement "), badge(report.verdict.validity)),
      el("div", {}, el("span", { class: "unit" }, "objectives "), badge(report.verdict.slo)),
      reasons.length ? el("ul", {}, reasons.map((reason) => el("li", {}, reason)))
        : el("p", {}, "Nothing to remark."),
      report.scaling ? el("p", { class: "bad" }, "Not this scenario's own result: its load was "
        + `multiplied by ${report.scaling.load}, its times by ${report.scaling.time}.`) : null));
}

function tile(name, text, field, under) {
  return el("div", { class: "tile" }, el("span", {}, name), el("b", { "data-field": field }, text),
    under ? el("small", {}, under) : null);
}

const briefShare = (share) => (share > 0 && share < 1e-4 ? "< 0.01 %" : formatShare(share));

// The figures that people ask for first, of a campaign's only run.
function tilesOf(report) {
  if (report.runs.length !== 1) return null;
  const [run] = report.runs;
  const time = (key, name) => tile(name, timeCell(run.response_time, key).text,
    `runs.0.response_time.${key}`, "response time");
  const used = run.target_resources;
  return el("div", { class: "tiles" }, time("p50_us", "p50"), time("p99_us", "p99"),
    time("p99_9_us", "p99.9"),
    tile("achieved", formatRate(run.achieved_rps), "runs.0.achieved_rps",
      run.closed_loop ? "closed loop" : `of ${formatRate(run.offered_rps)} offered`),
    tile("errors", briefShare(shareOf(errorsOf(run.ledger), run.ledger.scheduled)), undefined,
      `${formatCount(errorsOf(run.ledger))} of ${formatCount(run.ledger.scheduled)}`),
    tile("send lag p99", timeCell(run.send_lag, "p99_us").text, "runs.0.send_lag.p99_us",
      "later than due"),
    used && used.cpu_us_per_request ? tile("CPU a request", formatUs(used.cpu_us_per_request),
      "runs.0.target_resources.cpu_us_per_request", "of the target") : null,
    used && used.rss_bytes_max ? tile("RSS", formatBytes(used.rss_bytes_max),
      "runs.0.target_resources.rss_bytes_max", "the most, of the target") : null);
}

function runsSection(report) {
  const names = runNames(report);
  const rows = report.runs.map((run, i) => [names[i],
    { text: badge(run.verdict.validity), class: "word" },
    { text: run.closed_loop ? "closed loop" : formatRate(run.offered_rps),
      field: `runs.${i}.offered_rps` },
    { text: formatRate(run.achieved_rps), field: `runs.${i}.achieved_rps` },
    ...QUANTILES.map(([key]) =>
      timeCell(run.response_time, key, `runs.${i}.response_time.${key}`)),
    formatShare(shareOf(errorsOf(run.ledger), run.ledger.scheduled)),
    timeCell(run.send_lag, "p99_us", `runs.${i}.send_lag.p99_us`)]);
  const told = (run) => (report.runs.length > 1 ? run.verdict.reasons || [] : []);
  const reasons = report.runs.flatMap((run, i) => told(run)
    .map((reason) => el("li", {}, `${names[i]}: ${reason}`)));
  return section("runs", "Runs",
    table(["run", "", "offered", "achieved", ...QUANTILES.map(([, name]) => name), "errors",
      "send lag p99"], rows, { numbers: 2 }),
    note("Response time, from the intended start of each request; ≥ marks a lower bound."),
    reasons.length ? el("details", {}, el("summary", {}, "what was remarked of single runs"),
      el("ul", {}, reasons)) : null);
}

function sloSection(report) {
  if (!report.slo || !report.slo.length) return null;
  const names = new Map(report.runs.map((run, i) => [run.run_id, runNames(report)[i]]));
  const rows = report.slo.map((slo, i) => [el("code", {}, slo.expression),
    names.get(slo.run_id) || slo.run_id, { text: badge(slo.result), class: "word" },
    { text: formatUnit(slo.measured, slo.unit), field: `slo.${i}.measured` },
    slo.low === undefined && slo.high === undefined ? "–"
      : `${slo.low === undefined ? "?" : formatUnit(slo.low, slo.unit)} – ${
        slo.high === undefined ? "?" : formatUnit(slo.high, slo.unit)}`]);
  return section("slo", "Objectives",
    table(["objective", "run", "", "measured", "95 % interval"], rows, { numbers: 3 }));
}

function comparisonSection(report) {
  const figures = comparisonFigures(report.comparison || []);
  if (!figures.length) return null;
  return section("comparison", "Comparison", ...figures,
    note("Points are ratios of geometric means over the repeats, bars their 95 % intervals. "
      + "A bar that crosses “equal” has decided nothing."));
}

function outcomesSection(report) {
  const outcomes = OUTCOMES.filter((name) => name === "ok"
    || report.runs.some((run) => Number(run.ledger[name]) > 0));
  const names = runNames(report);
  const rows = report.runs.map((run, i) => [names[i],
    ...["scheduled", "sent", ...outcomes].map((name) =>
      ({ text: formatCount(run.ledger[name]), field: `runs.${i}.ledger.${name}` }))]);
  return section("outcomes", "Outcomes and ledger",
    table(["run", "scheduled", "sent", ...outcomes.map((name) => name.replace("_", " "))], rows,
      { numbers: 1 }),
    note("Every request is accounted for: scheduled = sent + unsent, and sent is the sum of its "
      + "outcomes. Outcomes that no request had are left out."));
}

function requestsSection(report) {
  const names = runNames(report);
  const rows = report.runs.flatMap((run, i) => run.requests.map((request, k) => {
    const at = `runs.${i}.requests.${k}`;
    return [names[i], request.name,
      { text: formatCount(request.ledger.scheduled), field: `${at}.ledger.scheduled` },
      formatShare(shareOf(errorsOf(request.ledger), request.ledger.scheduled)),
      ...["p50_us", "p99_us", "p99_9_us", "max_us"].map((key) =>
        timeCell(request.response_time, key, `${at}.response_time.${key}`)),
      timeCell(request.service_time, "p99_us", `${at}.service_time.p99_us`)];
  }));
  return section("requests", "Requests by name",
    table(["run", "request", "scheduled", "errors", "p50", "p99", "p99.9", "max",
      "service time p99"], rows, { numbers: 2 }));
}

function resourcesSection(report) {
  const names = runNames(report);
  const rows = report.runs.flatMap((run, i) => {
    const used = run.target_resources;
    if (!used) return [];
    const at = `runs.${i}.target_resources`;
    const known = (value, format) => (value ? format(value) : "–");
    return [[names[i],
      { text: known(used.cpu_cores_mean, formatCores), field: `${at}.cpu_cores_mean` },
      { text: known(used.cpu_us_per_request, formatUs), field: `${at}.cpu_us_per_request` },
      { text: known(used.rss_bytes_mean, formatBytes), field: `${at}.rss_bytes_mean` },
      { text: known(used.rss_bytes_max, formatBytes), field: `${at}.rss_bytes_max` },
      { text: used.rss_bytes_mean ? `${formatBytes(used.rss_slope_bytes_per_s)}/s` : "–" },
      { text: `${used.scrapes}` }, { text: `${used.scrape_gaps}` }]];
  });
  if (!rows.length) return null;
  return section("resources", "What the target used",
    table(["run", "CPU", "CPU a request", "RSS mean", "RSS max", "RSS trend", "readings", "gaps"],
      rows, { numbers: 1 }));
}

function generatorSection(report) {
  const rows = (report.agents || []).map((agent, i) => [agent.id, `${agent.host || "?"}`,
    agent.engine || "?", { text: formatCount(agent.sent), field: `agents.${i}.sent` },
    formatCores(agent.cpu_cores), formatShare(agent.max_core_busy), formatUs(agent.start_skew_us),
    formatUs(agent.clock_uncertainty_us),
    agent.lost_at_s === undefined ? "" : { text: `lost at ${formatClock(agent.lost_at_s)}`,
      class: "bad" }]);
  const made = report.generator || {};
  return section("generator", "Generator",
    note(`${made.agents} agent${made.agents === 1 ? "" : "s"} of ${made.workers_per_agent} worker${
      made.workers_per_agent === 1 ? "" : "s"}, pacing ${made.pacing || "unknown"}${
      made.tick_us ? ` with a tick of ${formatUs(made.tick_us)}` : ""}`),
    table(["agent", "host", "engine", "sent", "CPU", "busiest core", "start skew", "clock within",
      ""], rows, { numbers: 3 }));
}

function costSection(report) {
  const { lines, currency, not_computed: missing } = report.cost || {};
  if (!(lines || []).length && !(missing || []).length) return null;
  const rows = (lines || []).map((cost) => [cost.name, cost.target, pointText(cost.point),
    `${threeDigits(cost.value)} ${cost.unit}`, { text: cost.formula, class: "wrap" }]);
  return section("cost", "Cost",
    rows.length ? table(["", "target", "point", currency || "", "how it is computed"], rows,
      { numbers: 9 }) : null,
    (missing || []).length ? note(`Not computed: ${missing.join("; ")}.`) : null);
}

// Fields of a message of which this page knows no more than that they are there.
function facts(message) {
  const text = (value) => (value !== null && typeof value === "object"
    ? JSON.stringify(value) : String(value));
  return el("dl", {}, Object.entries(message)
    .filter(([, value]) => value !== "" && value !== 0 && value !== "0"
      && !(Array.isArray(value) && !value.length))
    .flatMap(([name, value]) => [el("dt", {}, name.replaceAll("_", " ")),
      el("dd", {}, name.endsWith("memory_bytes") ? formatBytes(Number(value)) : text(value))]));
}

function environmentSection(report) {
  return section("environment", "Environment", facts(report.environment || {}),
    (report.preflight || []).length
      ? el("div", { class: "below" }, el("h3", {}, "Preflight"), preflightOf(report.preflight))
      : null);
}

// What was found on each host before the first run; what is as it should be comes last.
function preflightOf(hosts) {
  const order = ["FATAL", "WARNING", "NOT_KNOWN", "OK"];
  const rows = hosts.flatMap((host) => (host.checks || []).map((check) => ({ host, check })))
    .sort((a, b) => order.indexOf(a.check.finding) - order.indexOf(b.check.finding))
    .map(({ host, check }) => [host.role, check.id.replaceAll("_", " "),
      { text: badge(check.finding.replace("_", " ")) },
      ...[check.found, check.wanted, check.remedy].map((text) => ({ text, class: "wrap" }))]);
  return table(["host", "check", "", "found", "wanted", "remedy"], rows, { numbers: 9 });
}

function repeatSection(bundle) {
  const { report } = bundle;
  return section("repeat", "How to repeat this run",
    note("The bundle holds the scenario as it was read, and all that was measured:"),
    el("pre", {}, `controller ${bundle.path}/scenario.yaml     # the same again\n`
      + `controller report ${bundle.path}            # this report again\n`
      + `controller compare ${bundle.path} OTHER     # what has changed`),
    facts({ seed: report.seed, scenario_sha256: report.scenario_sha256,
      controller_sha256: (report.environment || {}).controller_sha256 || "" }),
    bundle.scenario ? el("details", {}, el("summary", {}, "the scenario"),
      el("pre", {}, bundle.scenario)) : null);
}
