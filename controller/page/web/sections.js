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

// As objectives have them: what nobody is known to have sent, or how it ended, is no error.
const askedOf = (ledger) => Number(ledger.scheduled) - Number(ledger.missed || 0);
const errorsOf = (ledger) => askedOf(ledger) - Number(ledger.open || 0) - Number(ledger.ok);
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
        : el("p", {}, "Nothing to remark.")),
    report.scaling ? el("p", { class: "banner" }, el("b", {}, "Scaled: "),
      "not this scenario's own result. Its load was multiplied by ",
      el("span", { "data-field": "scaling.load" }, String(report.scaling.load)), ", its times by ",
      el("span", { "data-field": "scaling.time" }, String(report.scaling.time)), ".") : null);
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
    tile("errors", briefShare(shareOf(errorsOf(run.ledger), askedOf(run.ledger))), undefined,
      `${formatCount(errorsOf(run.ledger))} of ${formatCount(askedOf(run.ledger))}`),
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
    formatShare(shareOf(errorsOf(run.ledger), askedOf(run.ledger))),
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

const TIMES = [["response_time", "response time"], ["service_time", "service time"],
  ["send_lag", "send lag"], ["generator_lag", "generator lag"], ["hiccup", "platform hiccup"]];

// All times of all runs, and how sure the quantiles are: for those who look things up.
function timesOf(report) {
  const names = runNames(report);
  const times = report.runs.flatMap((run, i) => TIMES
    .filter(([key]) => run[key] && Number(run[key].count) && !(run.closed_loop && /lag/.test(key)))
    .map(([key, name]) => [names[i], name,
      ...QUANTILES.map(([q]) => timeCell(run[key], q, `runs.${i}.${key}.${q}`))]));
  const intervals = report.runs.flatMap((run, i) => (run.response_time_quantiles || [])
    .map((q, k) => [names[i], `p${shortened((q.quantile * 100).toFixed(2))}`,
      { text: formatUs(q.value_us), field: `runs.${i}.response_time_quantiles.${k}.value_us` },
      intervalText(q.low_us, q.high_us, formatUs)]));
  return el("details", {}, el("summary", {}, "all times of each run, and 95 % intervals"),
    table(["run", "", ...QUANTILES.map(([, name]) => name)], times, { numbers: 2 }),
    intervals.length ? el("div", { class: "below" }, table(["run", "response time", "measured",
      "95 % interval"], intervals, { numbers: 2 })) : null);
}

function sloSection(report) {
  if (!report.slo || !report.slo.length) return null;
  const names = new Map(report.runs.map((run, i) => [run.run_id, runNames(report)[i]]));
  const rows = report.slo.map((slo, i) => [el("code", {}, slo.expression),
    names.get(slo.run_id) || slo.run_id, { text: badge(slo.result), class: "word" },
    slo.measured === undefined ? "–"
      : { text: formatUnit(slo.measured, slo.unit), field: `slo.${i}.measured` },
    intervalText(slo.low, slo.high, (value) => formatUnit(value, slo.unit))]);
  return section("slo", "Objectives",
    table(["objective", "run", "", "measured", "95 % interval"], rows, { numbers: 3 }));
}

function comparisonSection(report) {
  const figures = comparisonFigures(report.comparison || []);
  if (!figures.length) return null;
  return section("comparison", "Comparison", ...figures,
    note("Points are ratios of geometric means over the repeats, bars their 95 % intervals. "
      + "A bar that crosses “equal” has decided nothing.",
    report.comparison.some((r) => r.noise_floor)
      ? " Shaded: as much as this fleet differs from itself." : ""));
}

function outcomesSection(report) {
  // Open and missed are those of agents that were lost.
  const shown = [...OUTCOMES, "open", "missed"].filter((name) => name === "ok"
    || report.runs.some((run) => Number(run.ledger[name]) > 0));
  const names = runNames(report);
  const rows = report.runs.map((run, i) => [names[i],
    ...["scheduled", "sent", ...shown].map((name) =>
      ({ text: formatCount(run.ledger[name]), field: `runs.${i}.ledger.${name}` }))]);
  return section("outcomes", "Outcomes and ledger",
    table(["run", "scheduled", "sent", ...shown.map((name) => name.replace("_", " "))], rows,
      { numbers: 1 }),
    note("Every request is accounted for: scheduled = sent + unsent, and sent is the sum of its "
      + "outcomes. Outcomes that no request had are left out."));
}

function requestsSection(report) {
  const names = runNames(report);
  const rows = report.runs.flatMap((run, i) => run.requests.map((request, k) => {
    const at = `runs.${i}.requests.${k}`;
    return [names[i], request.flow ? `${request.flow} › ${request.name}` : request.name,
      { text: formatCount(request.ledger.scheduled), field: `${at}.ledger.scheduled` },
      formatShare(shareOf(errorsOf(request.ledger), askedOf(request.ledger))),
      ...["p50_us", "p99_us", "p99_9_us", "max_us"].map((key) =>
        timeCell(request.response_time, key, `${at}.response_time.${key}`)),
      timeCell(request.service_time, "p99_us", `${at}.service_time.p99_us`),
      { text: formatCount(request.skipped || 0), field: `${at}.skipped` }];
  }));
  const headings = ["run", "request", "scheduled", "errors", "p50", "p99", "p99.9", "max",
    "service time p99"];
  const flows = report.runs.some((run) => run.requests.some((request) => request.flow));
  return section("requests", "Requests by name",
    table(flows ? [...headings, "skipped"] : headings,
      rows.map((row) => (flows ? row : row.slice(0, headings.length))), { numbers: 2 }),
    flows ? note("Skipped: steps of a flow that never came due, because one before them failed or "
      + "the window closed first.") : null);
}

const FACT_NAMES = { cpu_model: "CPU", memory_bytes: "memory", controller_sha256:
  "controller's SHA-256", target_sha256: "target's SHA-256", scenario_sha256:
  "scenario's SHA-256" };

// Fields of a message of which this page knows no more than that they are there.
function facts(message) {
  const text = (value) => (value !== null && typeof value === "object"
    ? JSON.stringify(value) : String(value));
  return el("dl", {}, Object.entries(message)
    .filter(([, value]) => value !== "" && value !== 0 && value !== "0" && !Array.isArray(value))
    .flatMap(([name, value]) => [el("dt", {}, FACT_NAMES[name] || name.replaceAll("_", " ")),
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
  const all = hosts.flatMap((host) => (host.checks || []).map((check) => ({ host, check })))
    .sort((a, b) => order.indexOf(a.check.finding) - order.indexOf(b.check.finding));
  const shown = (found) => table(["host", "check", "", "found", "wanted", "remedy"],
    found.map(({ host, check }) => [host.role, check.id.replaceAll("_", " "),
      { text: badge(check.finding.replace("_", " ")) },
      ...[check.found, check.wanted, check.remedy].map((text) => ({ text, class: "wrap" }))]),
    { numbers: 9 });
  const good = all.filter(({ check }) => check.finding === "OK");
  const rest = all.filter(({ check }) => check.finding !== "OK");
  return el("div", {}, rest.length ? shown(rest) : null,
    good.length ? el("details", {}, el("summary", {}, `${good.length} as they should be`),
      shown(good)) : null);
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
