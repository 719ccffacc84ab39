/**
 * Requests taken per key in the present minute. Unlogged: what a crash loses is counted anew, and
 * nothing waits for the disk. Keys are HMACs, because addresses are personal data.
 */
export const rateLimitTables = `
CREATE UNLOGGED TABLE rate_limit (
  key text COLLATE "C" PRIMARY KEY,
  window_at bigint NOT NULL,
  taken bigint NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX rate_limit_window ON rate_limit (window_at);
`;
