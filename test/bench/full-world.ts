import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from '#kernel/ids';
import { readMasterKeys } from '#platform/config/master-key';
import type { Platform } from '#platform/platform';
import { startEmbeddedPostgres } from '#platform/postgres/embedded';
import { HistoryWriter } from './history-writer.js';
import { MadeUp, type Histories, type Size } from './made-up.js';
import { progress } from './progress.js';
import { rebuild } from './rebuilding.js';
import { openPlatform, skipLog, withClient, worldOf, type World } from './world.js';

/** Another number makes every folder anew: raise it when other history is made up. */
const VERSION = 1;

/** The workspace that is measured, and the others that share its log: ten million events. */
const MEASURED = {
  size: { companies: 10_000, contacts: 1_000_000, deals: 100_000, changes: 0 },
  histories: { company: 6, contact: 3, deal: 4 },
};
const OTHER = {
  size: { companies: 8_000, contacts: 0, deals: 26_100, changes: 0 },
  histories: { company: 25, contact: 0, deal: 8 },
};
const OTHERS = 16;
const SENT_AGAIN = 1000;
/** Records the made-up history is about. */
const CATEGORIES = ['company', 'contact', 'deal'];

/** Settings of the server while the folder is made; it is measured with the product's own. */
const FILLING = {
  shared_buffers: '1GB',
  maintenance_work_mem: '1GB',
  max_parallel_maintenance_workers: 1,
  max_wal_size: '4GB',
  checkpoint_timeout: '30min',
  wal_level: 'minimal',
  max_wal_senders: 0,
  synchronous_commit: 'off',
  autovacuum: 'off',
};

interface Workspace {
  readonly tenantId: string;
  readonly size: Size;
  readonly histories: Histories;
  /** Appends that are in the log for certain. */
  written: number;
}

/** What is known of a folder, kept beside its data. */
interface Marker {
  readonly version: number;
  readonly scale: number;
  /** When the made-up history ends. */
  readonly now: number;
  readonly workspaces: readonly Workspace[];
  /** Read models that still have to be rebuilt. */
  pending: readonly string[];
  stage: 'writing' | 'projecting' | 'ready';
}

export interface FullOptions {
  /** A data folder of the product; its embedded PostgreSQL holds the log. */
  readonly folder: string;
  /** 1 is full size. */
  readonly scale: number;
  readonly say: (line: string) => void;
}

const eventsOf = ({ size, histories }: Pick<Workspace, 'size' | 'histories'>): number =>
  size.companies * histories.company +
  size.contacts * histories.contact +
  size.deals * histories.deal;

const scaled = (size: Size, scale: number): Size => ({
  companies: Math.ceil(size.companies * scale),
  contacts: Math.ceil(size.contacts * scale),
  deals: Math.ceil(size.deals * scale),
  changes: 0,
});

/** How many events a folder of this scale holds. */
export function fullEvents(scale: number): number {
  const workspaces = [MEASURED, ...Array.from({ length: OTHERS }, () => OTHER)];
  return workspaces.reduce(
    (sum, { size, histories }) => sum + eventsOf({ size: scaled(size, scale), histories }),
    0,
  );
}

/** A data folder with one large workspace among others, made once and gone on with after a stop. */
class FullFolder {
  private readonly file: string;
  private readonly marker: Marker;

  constructor(private readonly options: FullOptions) {
    this.file = join(options.folder, 'bench.json');
    this.marker = this.known() ?? this.begun();
  }

  private known(): Marker | undefined {
    const { folder, scale, say } = this.options;
    if (!existsSync(this.file)) return undefined;
    const marker = JSON.parse(readFileSync(this.file, 'utf8')) as Marker;
    if (marker.version === VERSION && marker.scale === scale) return marker;
    say(`${folder} holds another version or size, and is made anew`);
    rmSync(folder, { recursive: true });
    return undefined;
  }

  private begun(): Marker {
    const { folder, scale } = this.options;
    if (existsSync(folder)) throw new Error(`${folder} was not made by a bench: name another one.`);
    mkdirSync(folder, { recursive: true });
    const workspaces = [MEASURED, ...Array.from({ length: OTHERS }, () => OTHER)].map(
      ({ size, histories }) => ({
        ...{ tenantId: uuidv7(), size: scaled(size, scale), histories, written: 0 },
      }),
    );
    const marker: Marker = {
      ...{ version: VERSION, scale, now: Date.now(), workspaces, pending: [], stage: 'writing' },
    };
    this.save(marker);
    return marker;
  }

  /** Written beside and renamed, so that a kill leaves no half of it. */
  private save(marker: Marker = this.marker): void {
    writeFileSync(`${this.file}.next`, JSON.stringify(marker));
    renameSync(`${this.file}.next`, this.file);
  }

  get isReady(): boolean {
    return this.marker.stage === 'ready';
  }

  get events(): number {
    return fullEvents(this.marker.scale);
  }

  get measured(): Workspace {
    return this.marker.workspaces[0]!;
  }

  /** Writes what is missing of the log, then fills the read models as a rebuild does. */
  async make(): Promise<void> {
    const { folder, say } = this.options;
    const { marker } = this;
    const server = await startEmbeddedPostgres({ dataDir: folder, settings: FILLING });
    try {
      const { platform, url } = await this.open(server.url);
      try {
        if (marker.stage === 'writing') await this.write(platform);
        marker.stage = 'projecting';
        await this.project(platform, url);
      } finally {
        await platform.close();
      }
      say('vacuum and statistics …');
      await withClient(url, (db) => db.query('VACUUM ANALYZE'));
      marker.stage = 'ready';
      this.save();
    } finally {
      await server.stop();
    }
  }

  private async open(url: string) {
    const none = { masterKey: undefined, masterKeyPrevious: undefined };
    const [masterKey] = await readMasterKeys({ ...none, dataDir: this.options.folder });
    return { platform: await openPlatform(url, masterKey), url };
  }

  private async write(platform: Platform): Promise<void> {
    const { say } = this.options;
    const { workspaces, now } = this.marker;
    const tell = progress('events written', say);
    let before = 0;
    for (const [index, workspace] of workspaces.entries()) {
      const writer = new HistoryWriter(platform, workspace.tenantId, {
        name: workspace.tenantId,
        // The server may have lost the last moment; what is there is recognised.
        skip: Math.max(0, workspace.written - SENT_AGAIN),
        progress: (appends, events) => {
          workspace.written = appends;
          this.save();
          tell(before + events, (before + events) / this.events);
        },
      });
      const made = new MadeUp(workspace.size, now, 8 + index);
      await writer.write(made.histories(workspace.histories));
      before += writer.written;
    }
    say(`  ${before.toLocaleString('en-US')} events are in the log`);
  }

  /** Fills read models that are empty, or were declared anew since. */
  private async project(platform: Platform, url: string): Promise<void> {
    const { marker } = this;
    await skipLog(platform, url, (empty) => {
      const filled = empty.filter((name) =>
        CATEGORIES.includes(platform.registry.readModel(name).category),
      );
      marker.pending = [...new Set([...marker.pending, ...filled])];
      this.save();
    });
    // At once: each keeps one connection of the server busy, and that is what takes the time.
    await Promise.all(marker.pending.map((name) => this.fill(platform, url, name)));
  }

  private async fill(platform: Platform, url: string, name: string): Promise<void> {
    const { say } = this.options;
    const tell = progress(`events of ${name}`, say);
    const { rows, filling, seconds } = await rebuild({ platform, url }, name, tell);
    say(
      `  ${rows.toLocaleString('en-US')} ${name} in ${filling.toFixed(0)} s, ` +
        `served with all indexes after ${seconds.toFixed(0)} s`,
    );
    this.marker.pending = this.marker.pending.filter((one) => one !== name);
    this.save();
  }

  /** Opens the folder with the product's own settings. */
  async world(): Promise<World & { stopServer(): Promise<void> }> {
    const { folder } = this.options;
    const server = await startEmbeddedPostgres({ dataDir: folder });
    const { tenantId, size } = this.measured;
    const { platform, url } = await this.open(server.url);
    await this.project(platform, url);
    const world = worldOf(platform, url, tenantId, size);
    let closed: Promise<void> | undefined;
    const close = () => (closed ??= platform.close().then(() => server.stop()));
    return { ...world, events: this.events, close, stopServer: close };
  }
}

/** The world at full size: from its folder, which is made first where it is not there yet. */
export async function openFullWorld(options: FullOptions) {
  const folder = new FullFolder(options);
  if (!folder.isReady) {
    const events = folder.events.toLocaleString('en-US');
    options.say(`making ${options.folder} with ${events} events; a stopped run is gone on with`);
    await folder.make();
  }
  return folder.world();
}
