/**
 * Timers of sagas, and the clocks of sandboxes. Both only index the log: a timer counts as long as
 * its saga's stream says that it was set and has neither fired nor been cancelled. `set_by` is the
 * revision of the step that set it; a timer that has fired stays until its reaction is done, so
 * that later ones of the same instance wait.
 */
export const sagaTables = /* sql */ `
CREATE TABLE es_timer (
  tenant_id uuid NOT NULL,
  saga text COLLATE "C" NOT NULL,
  instance_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  set_by bigint NOT NULL,
  due_at timestamptz(3) NOT NULL,
  fired boolean NOT NULL DEFAULT false,
  claimed_until timestamptz,
  PRIMARY KEY (tenant_id, saga, instance_id, name)
);
CREATE INDEX es_timer_due ON es_timer (due_at) WHERE NOT fired;

CREATE TABLE es_test_clock (
  tenant_id uuid NOT NULL PRIMARY KEY,
  shows timestamptz(3) NOT NULL
);
`;
