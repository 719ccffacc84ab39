import type { Namespace } from 'socket.io';
import { ChangeDetails, type ChangeDetail } from '../changes/change-details.js';
import type { ChangeTail } from '../changes/change-tail.js';
import type { WindowPage } from '../changes/change-window.js';
import type { Change } from '../changes/change.js';
import type { ChangeMessage, ClientMessages, ServerMessages, SocketLimits } from './protocol.js';
import type { Session } from './session.js';

/** Sessions of one workspace, and the one delivery that is under way or due. */
interface Workspace {
  readonly sessions: Set<Session>;
  readonly joined: Promise<() => void>;
  due: NodeJS.Timeout | undefined;
  running: boolean;
  last: number;
}

/**
 * Delivers changes. Every session has a place in the window of changes and is given what comes
 * after it; whoever comes back is a session with an earlier place, whoever reads slowly is one that
 * stays behind. Sessions that get the same are sent one message, encoded once.
 */
export class Deliveries {
  private readonly workspaces = new Map<string, Workspace>();

  constructor(
    private readonly tail: ChangeTail,
    private readonly details: ChangeDetails,
    private readonly sockets: () => Namespace<ClientMessages, ServerMessages>,
    private readonly limits: SocketLimits,
    private readonly log: (error: unknown) => void,
  ) {}

  /** Takes a session in; resolves once nothing that is appended afterwards can be missed. */
  async join(session: Session): Promise<void> {
    const { tenantId } = session.caller;
    let workspace = this.workspaces.get(tenantId);
    if (!workspace) {
      const made: Workspace = {
        sessions: new Set(),
        joined: this.tail.listen(tenantId, () => this.soon(tenantId, made)),
        due: undefined,
        running: false,
        last: 0,
      };
      this.workspaces.set(tenantId, (workspace = made));
    }
    workspace.sessions.add(session);
    try {
      await workspace.joined;
    } catch (error) {
      if (this.workspaces.get(tenantId) === workspace) this.workspaces.delete(tenantId);
      throw error;
    }
  }

  leave(session: Session): void {
    const { tenantId } = session.caller;
    const workspace = this.workspaces.get(tenantId);
    if (!workspace?.sessions.delete(session) || workspace.sessions.size > 0) return;
    clearTimeout(workspace.due);
    this.workspaces.delete(tenantId);
    workspace.joined.then(
      (leave) => leave(),
      () => undefined,
    );
  }

  /** Lets a session go on after a position, or from now; false where that is too far back. */
  async begin(session: Session, after: string | undefined): Promise<boolean> {
    const { window } = this.tail;
    const cursor = after === undefined ? session.cursor : await this.tail.cursorAt(after);
    if (cursor === undefined) {
      session.cursor = window.end;
      session.position = window.position;
    } else if (after !== undefined) {
      session.cursor = cursor;
      session.position = after;
    }
    const { tenantId } = session.caller;
    const workspace = this.workspaces.get(tenantId);
    if (workspace) this.soon(tenantId, workspace);
    return cursor !== undefined || after === undefined;
  }

  private soon(tenantId: string, workspace: Workspace): void {
    if (workspace.due || workspace.running) return;
    const wait = Math.max(0, workspace.last + this.limits.pauseMs - Date.now());
    workspace.due = setTimeout(() => {
      workspace.due = undefined;
      workspace.running = true;
      void this.deliver(tenantId, workspace)
        .catch((error: unknown) => {
          this.log(error);
          return true;
        })
        .then((isMore) => {
          workspace.running = false;
          workspace.last = Date.now();
          if (isMore && workspace.sessions.size > 0) this.soon(tenantId, workspace);
        });
    }, wait);
  }

  /** One round; answers whether somebody is still behind. */
  private async deliver(tenantId: string, { sessions }: Workspace): Promise<boolean> {
    const { window } = this.tail;
    const now = Date.now();
    const behind = [...sessions].filter(
      ({ cursor, hasEnded }) => !hasEnded && cursor !== undefined && cursor !== window.end,
    );
    const ready = behind.filter((session) => !session.isBusy(now));
    for (const [cursor, group] of Map.groupBy(ready, (session) => session.cursor!)) {
      const page = window.after(cursor, tenantId, this.limits.changes);
      if (!page) {
        for (const session of group) this.resync(session);
        continue;
      }
      const details = await this.details.of(page.changes);
      // Whoever chose another place meanwhile gets what comes after that one.
      const still = group.filter((one) => one.cursor === cursor && !one.hasEnded);
      this.send(still, page, details);
    }
    return behind.some(({ cursor, hasEnded }) => !hasEnded && cursor !== window.end);
  }

  private resync(session: Session): void {
    const { end, position } = this.tail.window;
    session.cursor = end;
    session.position = position;
    session.socket.emit('resync', { position });
  }

  private send(
    sessions: readonly Session[],
    { changes, cursor, position }: WindowPage,
    details: readonly ChangeDetail[],
  ): void {
    const alike = Map.groupBy(sessions, (session) => {
      session.cursor = cursor;
      session.position = position;
      const wanted = changes.flatMap((one, n) => (session.wants(one, details[n]!) ? n : []));
      return wanted.length > 0 ? `${wanted.join()} ${session.fieldRights}` : '';
    });
    for (const [key, readers] of alike) {
      if (key === '') continue;
      const [reader] = readers;
      const shown = key
        .split(' ', 1)[0]!
        .split(',')
        .map((n) => messageOf(changes[Number(n)]!, details[Number(n)]!, reader!));
      this.tellNew(readers, shown);
      this.sockets()
        .to(readers.map(({ id }) => id))
        .emit('changes', { position, changes: shown });
    }
  }

  private tellNew(readers: readonly Session[], shown: readonly ChangeMessage[]): void {
    for (const { type, action, id, position } of shown) {
      if (type !== 'notification' || action !== 'raised') continue;
      for (const reader of readers) {
        if (reader.hearsNotifications) reader.socket.emit('notification:new', { id, position });
      }
    }
  }
}

function messageOf(change: Change, detail: ChangeDetail, reader: Session): ChangeMessage {
  const { type, id, action, revision: version, position, occurredAt, actor } = change;
  const fields = reader.fieldsOf(change, detail);
  return { type, id, action, version, position, occurredAt, actor, fields };
}
