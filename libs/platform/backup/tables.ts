/** A table a backup holds, and how its rows are read in a fixed order. */
export interface BackupTable {
  readonly name: string;
  /** `keys` lie apart from the log, so that either can be kept where the other is not. */
  readonly part: 'log' | 'keys' | 'state';
  readonly order: string;
  /** Readable only tenant by tenant. */
  readonly byTenant?: true;
  /** Columns that are stored with another value. */
  readonly instead?: Readonly<Record<string, string>>;
  readonly where?: string;
}

/**
 * Everything that cannot be derived: the log with its keys and seals, where sagas are, timers,
 * passwords, second factors, API keys, who looked at what, jobs, mail. Rows of read models, snapshots, leases and sessions are left
 * out: they are made anew.
 */
export function backupTables(models: readonly string[]): readonly BackupTable[] {
  const derived = models.flatMap((name) => [`'${name}'`, `'${name}__next'`]).join(', ');
  return [
    { name: 'es_epoch', part: 'log', order: 'epoch' },
    { name: 'es_log', part: 'log', order: 'one', instead: { fence: '0' } },
    { name: 'es_event', part: 'log', order: 'epoch, xid, pos' },
    { name: 'es_stream', part: 'log', order: 'tenant_id, stream_id' },
    { name: 'es_command', part: 'log', order: 'tenant_id, command_id' },
    { name: 'es_pending', part: 'log', order: 'tenant_id, command_id' },
    { name: 'es_pending_event', part: 'log', order: 'tenant_id, event_id' },
    { name: 'es_seal', part: 'log', order: 'tenant_id, number' },
    { name: 'es_seal_place', part: 'log', order: 'scope', instead: { fence: '0' } },
    { name: 'es_tenant_key', part: 'keys', order: 'tenant_id, version' },
    { name: 'es_subject_key', part: 'keys', order: 'tenant_id, subject_id, version' },
    {
      name: 'es_checkpoint',
      part: 'state',
      order: 'processor, shard',
      // A fence belongs to a lease, and leases do not come back.
      instead: { fence: '0' },
      ...(derived ? { where: `processor NOT IN (${derived})` } : {}),
    },
    {
      name: 'es_dead_letter',
      part: 'state',
      order: 'processor, tenant_id, stream_id, version',
      // Those of read models follow from building them; what a saga set aside, its place has passed.
      where: `processor LIKE 'saga:%'`,
    },
    { name: 'es_discarded', part: 'state', order: 'tenant_id, processor, stream_id, version' },
    { name: 'es_timer', part: 'state', order: 'tenant_id, saga, instance_id, name' },
    { name: 'es_test_clock', part: 'state', order: 'tenant_id' },
    { name: 'es_standstill', part: 'state', order: 'tenant_id, processor' },
    { name: 'auth_credential', part: 'state', order: 'user_id', byTenant: true },
    { name: 'auth_factor', part: 'state', order: 'id', byTenant: true },
    { name: 'auth_recovery_code', part: 'state', order: 'user_id, code_hash', byTenant: true },
    { name: 'auth_api_key', part: 'state', order: 'id', byTenant: true },
    { name: 'auth_scim_token', part: 'state', order: 'connection_id', byTenant: true },
    { name: 'auth_sso_secret', part: 'state', order: 'provider_id', byTenant: true },
    { name: 'access_log', part: 'state', order: 'id', byTenant: true },
    { name: 'job', part: 'state', order: 'id', byTenant: true },
    { name: 'mail_outbox', part: 'state', order: 'id', byTenant: true },
    { name: 'usage_counter', part: 'state', order: 'month, kind', byTenant: true },
  ];
}
