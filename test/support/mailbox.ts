import { productEffects, runJobs } from '#apps/composition/jobs';
import type { KeptMail } from '#platform/mail/mailer';
import { startTestServer, type TestServer } from './server.js';

/** A server whose mail is captured, and what follows from events done when it is asked for. */
export interface MailingServer {
  readonly server: TestServer;
  /** Mails of a workspace to an address, the newest first, once everything sent has arrived. */
  mails(tenantId: string, to?: string): Promise<readonly KeptMail[]>;
  /** The token of the newest mail of this kind to an address. */
  token(tenantId: string, to: string, template: string): Promise<string>;
  close(): Promise<void>;
}

export async function startMailingServer(
  ...[config, options]: Parameters<typeof startTestServer>
): Promise<MailingServer> {
  const server = await startTestServer(config, options, { effects: productEffects });
  const { platform } = server;
  await platform.sagas.runner.catchUp();
  const jobs = runJobs(platform, { jobsAtOnce: 2, jobKeepDays: 30 }, () => undefined);
  const pending = async () => {
    const { rows } = await server.test.admin((client) =>
      client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM job WHERE status IN ('queued', 'running')`,
      ),
    );
    return rows[0]!.n > 0;
  };
  const mails: MailingServer['mails'] = async (tenantId, to) => {
    await server.settled();
    await platform.sagas.runner.catchUp();
    while (await pending()) await new Promise((resolve) => setTimeout(resolve, 20));
    const all = await platform.mail.list(tenantId, 100);
    return to === undefined ? all : all.filter((mail) => mail.to === to);
  };
  return {
    server,
    mails,
    token: async (tenantId, to, template) => {
      const mail = (await mails(tenantId, to)).find((one) => one.template === template);
      const found = /#(cfo_[\w-]+)/.exec(mail?.text ?? '')?.[1];
      if (!found) throw new Error(`no ${template} was sent`);
      return found;
    },
    close: async () => {
      await jobs.stop();
      await server.close();
    },
  };
}
