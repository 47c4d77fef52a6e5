// A run as charts want it, from the columns of page_json.h.

const OUTCOMES = ["ok", "bad_status", "bad_body", "timeout", "refused", "reset", "protocol_error",
  "censored", "unsent"];
const WARMUP = 1;
const MEASURE = 2;
// The places of a column's fields.
const AT = { begin: 0, end: 1, phase: 2, scheduled: 3, sent: 4, outcomes: 5, response: 14,
  service: 15, sendLag: 16, generatorLag: 17, hiccup: 18, busy: 19, heat: 20, agents: 21,
  agentsCpu: 22 };
// The places of a time's quantiles.
const P50 = 0;
const P99 = 1;
const P999 = 2;
const MAX = 3;
const ROWS_PER_DECADE = 20;
// A hiccup from which on a column is marked as a pause of the generator's machine.
const PAUSE_NS = 10e6;

const heatRowBegin = (row) => 1000 * 10 ** (row / ROWS_PER_DECADE);

function runLabel(report, many) {
  const point = Object.values(report.point || {}).join(" ");
  return [report.target, point, many ? `#${report.repeat}` : ""].filter(Boolean).join(" ");
}

class Run {
  // [report] is its part of report.json; null while the run goes on.
  constructor(json, report, label) {
    this.json = json;
    this.report = report;
    this.label = label;
  }

  get columns() { return this.json.columns; }

  get endSeconds() {
    const last = this.columns[this.columns.length - 1];
    return last ? last[AT.end] / 1000 : 1;
  }

  // The middle of each column, in seconds from the common start.
  seconds() {
    return this.columns.map((c) => (c[AT.begin] + c[AT.end]) / 2000);
  }

  // Not of a sliver at the end of a run, of which a rate says nothing.
  rate(count) {
    return this.columns.map((c) => {
      const ms = c[AT.end] - c[AT.begin];
      return ms >= this.json.column_ms / 10 ? (count(c) * 1000) / ms : null;
    });
  }

  rates() {
    const from = (column, names) =>
      names.reduce((sum, name) => sum + column[AT.outcomes + OUTCOMES.indexOf(name)], 0);
    const answered = ["ok", "bad_status", "bad_body"];
    const failed = OUTCOMES.filter((name) => name !== "ok");
    return {
      offered: this.rate((c) => c[AT.scheduled]),
      sent: this.rate((c) => c[AT.sent]),
      achieved: this.rate((c) => from(c, answered)),
      failed: this.rate((c) => from(c, failed)),
    };
  }

  // In ns; nothing where a logarithmic axis has no place for it.
  quantile(field, which) {
    return this.columns.map((c) => {
      const value = c[field].length ? c[field][which] : null;
      return value > 0 ? value : null;
    });
  }

  // Where they are many: of the slowest, the median and the fastest.
  agentIds() {
    return [...new Set(this.columns.flatMap((c) => Object.keys(c[AT.agents])))].sort();
  }

  agentRate(id) {
    return this.rate((c) => c[AT.agents][id] || 0);
  }

  generatorCores() {
    return this.rate((c) => c[AT.agentsCpu])
      .map((ms) => (ms === null ? null : ms / 1000));
  }

  busiestCore() { return this.columns.map((c) => c[AT.busy] / 1000); }

  readings() { return this.json.scrapes.filter((s) => typeof s[1] !== "string"); }

  gaps() { return this.json.scrapes.filter((s) => typeof s[1] === "string"); }

  // CPU of the target between two readings, at the later of them: [seconds, cores].
  targetCores() {
    const readings = this.readings().filter((r) => r[1] !== null);
    const points = readings.slice(1).map((r, i) => {
      const before = readings[i];
      const seconds = (r[0] - before[0]) / 1000;
      const cores = seconds > 0 ? (r[1] - before[1]) / seconds : null;
      // A counter that goes back belongs to a target that was started anew.
      return [r[0] / 1000, cores >= 0 ? cores : null];
    });
    return [points.map((p) => p[0]), points.map((p) => p[1])];
  }

  targetBytes() {
    const readings = this.readings().filter((r) => r[2] !== null);
    return [readings.map((r) => r[0] / 1000), readings.map((r) => r[2])];
  }

  // The watched series' names, and one of them: [seconds, values].
  watchedNames() {
    return [...new Set(this.readings().flatMap((r) => Object.keys(r[4] || {})))].sort();
  }

  watched(name) {
    const readings = this.readings().filter((r) => r[4] && name in r[4]);
    return [readings.map((r) => r[0] / 1000), readings.map((r) => r[4][name])];
  }

  // What is marked on the axis of time: {warmup, end, lost: [[id, s]], pauses: [s]}.
  marks() {
    const measured = this.json.measure_ms;
    const warmup = this.json.warmup_ms / 1000;
    const window = this.columns.filter((c) => c[AT.phase] === MEASURE);
    const cut = this.report ? this.report.cut_at_s : undefined;
    const end = cut !== undefined ? cut : measured > 0 ? warmup + measured / 1000
      : window.length ? window[window.length - 1][AT.end] / 1000 : null;
    return {
      warmup,
      end,
      lost: this.json.lost.map(([id, ms]) => [id, ms / 1000]),
      pauses: this.columns
        .filter((c) => c[AT.hiccup].length && c[AT.hiccup][MAX] >= PAUSE_NS)
        .map((c) => [c[AT.begin] / 1000, c[AT.end] / 1000, c[AT.hiccup][MAX]]),
    };
  }
}

// All runs of all bundles; those of the second carry its letter.
function runsOf(page) {
  return page.bundles.flatMap((bundle, number) => {
    const reports = bundle.report.runs || [];
    return bundle.runs.map((json) => {
      const report = reports.find((r) => r.run_id === json.run_id) || null;
      const same = reports.filter((r) => report && r.target === report.target
        && JSON.stringify(r.point) === JSON.stringify(report.point));
      const label = report ? runLabel(report, same.length > 1) : json.run_id;
      const run = new Run(json, report,
        page.bundles.length > 1 ? `${"AB"[number]}: ${label}` : label);
      run.bundle = number;
      return run;
    });
  });
}
