import { MasterKeys } from '#platform/event-store/key-ring-box';
import {
  RotationCancelled,
  rotateMasterKey,
  rotateTenantKey,
} from '#platform/event-store/key-ring-rotation';
import { readMasterKeys, replaceMasterKeyFile } from '#platform/config/master-key';
import { exit, UsageError, type Call, type Command } from '../command.js';
import { progressOn } from '../progress.js';
import { tenantOf, tenantOption } from '../tenant.js';

async function rotateMaster(call: Call): Promise<number> {
  const { config, out } = call;
  if (config.masterKey && !config.masterKeyPrevious) {
    throw new UsageError(
      'MASTER_KEY is set: give all processes the new key as MASTER_KEY and the present one as ' +
        'MASTER_KEY_PREVIOUS, start them again, then run this once more.',
    );
  }
  const question = 'All keys of workspaces are wrapped anew with the new master key. Go on?';
  if (!(await call.confirm(question))) {
    out.fail('DECLINED', 'Nothing was changed.');
    return exit.refused;
  }
  if (!config.masterKey) await replaceMasterKeyFile(config);
  // Opened only now, with both keys.
  const { platform } = await call.open();
  const wrapped = await rotateMasterKey(platform);
  const { current } = new MasterKeys(await readMasterKeys(config));
  out.answer({ key: current, wrapped }, () => {
    out.line(`${wrapped.toLocaleString('en')} keys are wrapped by master key ${current} now.`);
    out.line(
      config.masterKey
        ? 'The old one is not needed any more: unset MASTER_KEY_PREVIOUS with the next start of all.'
        : 'The old one is not needed any more: stop all processes, delete ' +
            'DATA_DIR/keys/master.previous.key and start them again.',
    );
    out.line('Backups made before still need the old one.');
  });
  return exit.done;
}

async function rotateTenant(call: Call): Promise<number> {
  const { out, signal } = call;
  const { platform } = await call.open();
  const { id, values } = await tenantOf(call, platform);
  if (!(await call.confirm(`Every key of ${values.name} is wrapped anew. Go on?`))) {
    out.fail('DECLINED', 'Nothing was changed.');
    return exit.refused;
  }
  const progress = progressOn(out.terminal, out.json);
  progress.begin('Wrapping, then waiting a minute until every process has noticed', 'keys');
  try {
    const done = await rotateTenantKey(platform, id, { signal, progress: progress.update });
    progress.end();
    out.answer(done, () => {
      const { version, subjectKeys, jobs, snapshots, workMs } = done;
      const rate = Math.round(subjectKeys / Math.max(0.001, workMs / 1000));
      out.line(`Version ${version} wraps ${subjectKeys.toLocaleString('en')} keys (${rate}/s).`);
      out.line(`${jobs} parts of jobs were sealed anew and ${snapshots} snapshots dropped.`);
      out.line('The version before is removed.');
    });
    return exit.done;
  } catch (error) {
    progress.end('stopped');
    if (!(error instanceof RotationCancelled)) throw error;
    out.fail('CANCELLED', 'Cancelled; both versions are there. The same command goes on.');
    return exit.refused;
  }
}

export const rotateKeys: Command = {
  words: ['keys', 'rotate'],
  summary: 'Replaces the key of a tenant, or the master key, while everything goes on.',
  options: {
    tenant: { ...tenantOption.tenant, required: false },
    master: { type: 'boolean', description: 'The key above those of all tenants.' },
  },
  example: 'clientforge keys rotate --tenant 01890a5d-ac96-774b-bcce-b302099a8057',
  run(call) {
    if (call.flag('master') === (call.text('tenant') !== undefined)) {
      throw new UsageError('Give either --tenant or --master.');
    }
    return call.flag('master') ? rotateMaster(call) : rotateTenant(call);
  },
};
