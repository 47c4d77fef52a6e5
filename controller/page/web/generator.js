// The generator itself: each agent, what it can do, and those that were lost.

// Of an agent over all runs: the largest of a figure.
function worstOf(report, id, figure) {
  const values = report.runs.flatMap((run) => (run.agents || []).filter((a) => a.id === id))
    .map(figure).filter((value) => value !== undefined && value !== null);
  return values.length ? Math.max(...values) : null;
}

const lagOf = (part) => (agent) =>
  (agent[part] && Number(agent[part].count) ? agent[part].p99_us : null);

// A table of more is not read.
const MOST_AGENTS = 24;

const AGENT_FIGURES = [["lag p99", lagOf("generator_lag"), formatUs],
  ["hiccup p99", lagOf("hiccup"), formatUs],
  ["drift", (a) => (a.clock_drift_us === undefined ? null : Math.abs(a.clock_drift_us)),
    formatUs],
  ["steal", (a) => a.host_steal_share, formatShare],
  ["throttled", (a) => a.throttled_share, formatShare]];

function agentsTable(report) {
  const rows = (report.agents || []).map((agent, i) => [agent.id, `${agent.host || "?"}`,
    agent.engine || "?", { text: formatCount(agent.sent), field: `agents.${i}.sent` },
    agent.cpu_cores.toFixed(2), formatShare(agent.max_core_busy),
    agent.start_skew_us === undefined ? "–" : formatUs(agent.start_skew_us),
    formatUs(agent.clock_uncertainty_us),
    ...AGENT_FIGURES.map(([, figure, format]) => {
      const worst = worstOf(report, agent.id, figure);
      return worst === null ? "–" : format(worst);
    })]);
  // Where there are many, those with the largest lag are the ones to look at.
  const worst = (agent) => worstOf(report, agent[0], lagOf("generator_lag")) || 0;
  const first = rows.length > MOST_AGENTS
    ? [...rows].sort((a, b) => worst(b) - worst(a)).slice(0, MOST_AGENTS) : rows;
  return [table(["agent", "host", "engine", "sent", "CPU cores", "busiest", "skew", "clock ±",
    ...AGENT_FIGURES.map(([name]) => name)], first, { numbers: 3 }),
  rows.length > first.length
    ? note(`And ${rows.length - first.length} more with less lag; report.json has all.`) : null];
}

function lossesTable(report) {
  const names = runNames(report);
  const after = (seconds) => (seconds === undefined ? "–" : `${seconds.toFixed(1)} s`);
  const outcome = (run, loss) => {
    if (run.cut_at_s !== undefined) return `the window was cut at ${after(run.cut_at_s)}`;
    if (loss.taken_over_at_s !== undefined) {
      return `the others took its share over at ${after(loss.taken_over_at_s)}`;
    }
    return loss.policy === "redistribute" ? "nobody took its share over" : "the run ended";
  };
  const rows = report.runs.flatMap((run, i) => (run.losses || []).map((loss, k) => {
    const at = `runs.${i}.losses.${k}`;
    return [names[i], loss.agent, after(loss.lost_at_s), after(loss.reported_until_s),
      { text: outcome(run, loss), class: "wrap" },
      loss.missed === undefined ? "–" : { text: formatCount(loss.missed), field: `${at}.missed` },
      { text: formatCount(loss.open), field: `${at}.open` }];
  }));
  return rows.length ? table(["run", "agent", "lost at", "reported until", "what became of it",
    "beats missed", "requests open"], rows, { numbers: 5 }) : null;
}

function calibrationTable(report) {
  const rows = (report.calibration || []).map((found, i) => [found.agent_id,
    { text: [found.shape, `${found.workers} worker${found.workers === 1 ? "" : "s"}`,
      found.engine, found.pacing].filter(Boolean).join(" · "), class: "wrap" },
    { text: formatRate(found.ceiling_rps), field: `calibration.${i}.ceiling_rps` },
    { text: formatUs(found.floor_p50_us), field: `calibration.${i}.floor_p50_us` },
    { text: formatUs(found.floor_p99_us), field: `calibration.${i}.floor_p99_us` },
    found.measured_at || "–"]);
  return rows.length ? table(["agent", "calibrated with", "ceiling", "adds by itself p50", "p99",
    "measured at"], rows, { numbers: 2 }) : null;
}

function generatorSection(report) {
  const made = report.generator || {};
  const calibration = calibrationTable(report);
  const losses = lossesTable(report);
  return section("generator", "Generator",
    note(`${made.agents} agent${made.agents === 1 ? "" : "s"} of ${made.workers_per_agent} worker${
      made.workers_per_agent === 1 ? "" : "s"}, pacing ${made.pacing || "unknown"}${
      made.tick_us ? ` with a tick of ${formatUs(made.tick_us)}` : ""}`),
    ...agentsTable(report),
    note("Lag is the generator's own; lag, hiccup, drift, steal and throttling are the worst of "
      + "all runs."),
    below("Agents that were lost", losses), below("Calibration", calibration));
}
