/**
 * The record of jobs. A queue only says which of them may run; what waits follows from here.
 * `due_at` is when a job is to be taken: a waiting one from then on, a running one when its lease
 * has ended. Input, checkpoint and result are sealed under the tenant's key.
 */
export const jobTables = /* sql */ `
CREATE TABLE job (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  title text NOT NULL,
  unit text NOT NULL,
  status text COLLATE "C" NOT NULL
    CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  actor_type text NOT NULL,
  actor_id text COLLATE "C" NOT NULL,
  correlation_id text NOT NULL,
  input text NOT NULL,
  checkpoint text,
  result text,
  error jsonb,
  done bigint NOT NULL DEFAULT 0,
  total bigint,
  rate double precision,
  attempts integer NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  holder text,
  fence bigint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX job_list ON job (tenant_id, created_at, id);
CREATE INDEX job_due ON job (due_at) WHERE status IN ('queued', 'running');
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
`;

/** Beside the tenant's rows, which the api role sees and starts, only these may it change. */
export const JOB_API_COLUMNS = 'status, error, failures, cancel_requested, due_at, finished_at';
