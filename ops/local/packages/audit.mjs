// What the registry knows of vulnerabilities in the packages of the lockfile.
import { outerPath, root, run, tail } from '../shell.mjs';

/**
 * Complaints of `npm audit` from a severity of `high` on; `skipped` says why where the registry
 * cannot be asked.
 */
export async function auditComplaints(cwd = root) {
  const args = ['audit', '--json', '--audit-level=high', '--loglevel=error'];
  const env = { PATH: outerPath(), npm_config_fetch_retries: '0' };
  const { output } = await run('npm', args, { cwd, env, timeoutMs: 60_000 });
  return readAudit(output);
}

/** Reads what `npm audit --json` printed. */
export function readAudit(output) {
  let report;
  try {
    report = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  } catch {
    return { skipped: `network (${tail(output, 1) || 'no answer'})`, complaints: [] };
  }
  const { vulnerabilities } = report;
  if (!vulnerabilities) return { skipped: 'network (no advisories to be had)', complaints: [] };
  const complaints = Object.values(vulnerabilities)
    .filter(({ severity }) => severity === 'high' || severity === 'critical')
    .map(({ name, severity, range }) => `${name} ${range}: ${severity}; run npm audit.`);
  return { complaints };
}
