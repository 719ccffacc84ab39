import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { uuidv7 } from '#kernel/ids';
import { Mailer, type Mail } from '#platform/mail/mailer';
import { startTestPlatform, type TestPlatform } from '#test/support/platform';

describe('mail over SMTP', () => {
  let test: TestPlatform;
  let server: SMTPServer;
  let mailer: Mailer;
  const received: { to: string; text: string }[] = [];
  let answer: Error | undefined;
  beforeAll(async () => {
    test = await startTestPlatform();
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onRcptTo: (_address, _session, done) => done(answer),
      onData: (stream, session, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map(({ address }) => address).join();
          received.push({ to, text: Buffer.concat(parts).toString() });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.server.address() as AddressInfo;
    const { database, keys, clock } = test.platform;
    mailer = new Mailer(database, keys, clock, {
      publicUrl: 'https://crm.example.com',
      smtpUrl: `smtp://127.0.0.1:${port}`,
      from: 'ClientForge <crm@example.com>',
    });
  });
  afterAll(async () => {
    await mailer.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await test.close();
  });
  const mail = (more: Partial<Mail> = {}): Mail => ({
    tenantId: uuidv7(),
    id: uuidv7(),
    template: 'invitation',
    subjectId: uuidv7(),
    to: 'jared@piedpiper.example',
    subject: 'Join Hooli\r\nBcc: all@example.com',
    paragraphs: ['Hello', { label: 'Open', url: 'https://crm.example.com/invitation#cfo_secret' }],
    reason: 'Because.',
    ...more,
  });

  it('reaches its one receiver, once, and is kept without its text', async () => {
    const one = mail();
    expect(await mailer.send(one)).toEqual({ status: 'sent' });
    expect(await mailer.send(one)).toEqual({ status: 'sent' });
    expect(received).toHaveLength(1);
    expect(received[0]!.to).toBe('jared@piedpiper.example');
    expect(received[0]!.text).toContain('From: ClientForge <crm@example.com>');
    expect(received[0]!.text).toContain(`Message-ID: <${one.id}@example.com>`);
    expect(received[0]!.text).toContain('Auto-Submitted: auto-generated');
    expect(received[0]!.text).not.toMatch(/^Bcc:/m);
    const [kept] = await mailer.list(one.tenantId, 10);
    expect(kept).toMatchObject({ status: 'sent', to: one.to, text: null, html: null });
  });

  it('is refused for good by an answer that says so, and tried again after any other', async () => {
    answer = Object.assign(new Error('no such person jared@piedpiper.example'), {
      responseCode: 550,
    });
    const gone = mail();
    expect(await mailer.send(gone)).toEqual({
      status: 'refused',
      problem: 'The mail server answered 550.',
    });
    answer = Object.assign(new Error('busy'), { responseCode: 451 });
    const later = mail();
    // The address never stands in an error, and so in no log.
    await expect(mailer.send(later)).rejects.toThrow(/^The mail server did not take the mail: 451/);
    answer = undefined;
    expect(await mailer.send(later)).toEqual({ status: 'sent' });
  });

  it('says so when there is no mail server', async () => {
    const { database, keys, clock } = test.platform;
    const nowhere = new Mailer(database, keys, clock, {
      publicUrl: 'https://crm.example.com',
      smtpUrl: 'smtp://127.0.0.1:1',
      from: 'crm@example.com',
    });
    await expect(nowhere.send(mail())).rejects.toThrow('The mail server did not take the mail');
    await nowhere.close();
  });
});
