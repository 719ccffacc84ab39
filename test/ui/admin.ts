import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import type { ApiConfig } from '#apps/api/api-options';
import { createApi } from '#apps/api/api.module';
import { erasureJob } from '#apps/composition/erasure/erasure-job';
import { ImportFiles } from '#apps/composition/import/import-files';
import { importJob } from '#apps/composition/import/import-job';
import { runJobs } from '#apps/composition/jobs';
import { sealerOf } from '#apps/composition/sealing';
import { deletionJobs } from '#apps/composition/workspace-deletion/deletion-jobs';
import { ExportFiles } from '#apps/composition/workspace-export/export-files';
import { workspaceExportJob } from '#apps/composition/workspace-export/export-job';
import { createWorkspace } from '#apps/composition/workspace';
import { isRefusal } from '#kernel/refusal';
import { environment } from '#platform/config/environment';
import { loadConfig } from '#platform/config/config';
import { auditJob } from '#platform/operations/audit-job';
import type { Platform } from '#platform/platform';
import { OutsideCopy } from '#platform/seals/outside-copy';
import { readSealKeys } from '#platform/seals/seal-keys';
import { freePort } from '#test/support/free-port';
import { startTestPlatform } from '#test/support/platform';

/** Path of the browser; empty where there is none, and then its specs are skipped. */
export const browserPath = environment['CLIENTFORGE_CHROMIUM'] ?? '';

export const owner = {
  workspace: 'pied-piper',
  email: 'richard@piedpiper.example',
  password: 'paper boats on quiet water',
};

/** The admin, served by the product, and a browser to look at it. */
export interface Admin {
  readonly url: string;
  readonly browser: Browser;
  readonly platform: Platform;
  readonly tenantId: string;
  /** A page in a context of its own; a console error or an uncaught exception ends in `problems`. */
  page(options?: BrowserContextOptions): Promise<Page>;
  /** Signs the owner in and waits for the page that was asked for. */
  signIn(page: Page, path?: string): Promise<void>;
  /** A request as the owner, below `/api/v1`; answers `data`. */
  api(method: string, path: string, body?: unknown): Promise<any>;
  readonly problems: readonly string[];
  close(): Promise<void>;
}

const pages = join(import.meta.dirname, '..', '..', 'dist', 'web');

const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** What the browser says when a server refuses, or a page goes while it connects. */
const expected = /the server responded with a status of 4\d\d|^WebSocket connection to /;

export async function startAdmin(settings: Partial<ApiConfig> = {}): Promise<Admin> {
  const dataDir = mkdtempSync(join(tmpdir(), 'clientforge-admin-'));
  const importMaxBytes = 10_000_000;
  const jobs = [
    importJob(new ImportFiles(dataDir, importMaxBytes)),
    auditJob,
    erasureJob({ dataDir, importMaxBytes, erasuresDir: join(dataDir, 'erasures') }),
    workspaceExportJob(new ExportFiles(dataDir)),
    ...deletionJobs({ dataDir, erasuresDir: join(dataDir, 'erasures') }),
  ];
  const seals = async () => ({
    keys: await readSealKeys({ dataDir, sealKey: undefined }),
    copy: new OutsideCopy(join(dataDir, 'seals')),
  });
  const test = await startTestPlatform(undefined, { jobs, seals });
  const { platform } = test;
  platform.projections.start();
  const sealer = await sealerOf(platform, { sealEverySeconds: 1, leaseSeconds: 10 });
  sealer.start();
  const runner = runJobs(platform, { jobsAtOnce: 1, jobKeepDays: 30 }, () => undefined);
  const made = await createWorkspace(platform, {
    name: 'Pied Piper',
    slug: owner.workspace,
    ownerEmail: owner.email,
    ownerPassword: owner.password,
    ownerName: 'Richard Hendricks',
    planType: 'enterprise',
  });
  if (isRefusal(made)) throw new Error(made.message);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // Passkeys are made for the address people reach the app under.
  const config = {
    ...loadConfig({ LOG_LEVEL: 'silent', PUBLIC_URL: url }),
    dataDir,
    ...settings,
  };
  const app = await createApi({ platform, config, pages });
  await app.listen({ port, host: '127.0.0.1' });
  const browser = await chromium.launch({ executablePath: browserPath, args: flags });
  const problems: string[] = [];
  let token = '';

  const api = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text ? JSON.parse(text) : {};
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.data;
  };
  token = (await api('POST', '/auth/login', owner)).accessToken;

  return {
    url,
    browser,
    platform,
    tenantId: made.tenantId,
    api,
    problems,
    page: async (options) => {
      const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' && !expected.test(message.text())) {
          problems.push(message.text());
        }
      });
      page.on('pageerror', (error) => problems.push(error.message));
      return page;
    },
    signIn: async (page, path = '/') => {
      await page.goto(`${url}${path}`);
      await page.getByLabel('Workspace').fill(owner.workspace);
      await page.getByLabel('E-mail address').fill(owner.email);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByLabel('Password', { exact: true }).fill(owner.password);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.waitForURL(`${url}${path}`);
    },
    close: async () => {
      await browser.close();
      await runner.stop();
      await sealer.close();
      await app.close();
      await test.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A small workspace: companies with contacts, deals over the stages, tasks and a note. */
export async function fill({ api }: Admin): Promise<void> {
  const [pipeline] = await api('GET', '/pipelines');
  const open = pipeline.stages.filter(({ kind }: { kind: string }) => kind === 'open');
  const names = ['Hooli', 'Aviato', 'Raviga Capital', 'Endframe', 'Bachmanity', 'Intersite'];
  const people = ['Gavin Belson', 'Erlich Bachman', 'Laurie Bream', 'Jared Dunn', 'Monica Hall'];
  for (const [index, name] of names.entries()) {
    const company = await api('POST', '/companies', {
      name,
      industry: ['software', 'travel', 'finance'][index % 3],
      companyStatus: ['customer', 'prospect', 'lead'][index % 3],
      addressCountry: 'United States',
      annualRevenue: { amountMinor: String((index + 1) * 12_500_000), currency: 'USD' },
      employeeCount: (index + 1) * 140,
      tags: index % 2 === 0 ? ['key account'] : [],
    });
    const [firstName, lastName] = (people[index % people.length] ?? 'Ron LaFlamme').split(' ');
    const contact = await api('POST', '/contacts', {
      firstName,
      lastName,
      email: `${firstName}.${index}@${name.toLowerCase().replaceAll(' ', '')}.example`,
      title: 'Head of purchasing',
      companyId: company.id,
      lifecycleStage: ['lead', 'opportunity', 'customer'][index % 3],
      leadScore: index * 15,
    });
    const deal = await api('POST', '/deals', {
      name: `Platform – ${name}`,
      companyId: company.id,
      contactId: contact.id,
      pipelineId: pipeline.id,
      stageId: open[index % open.length].stageId,
      amount: { amountMinor: String((index + 1) * 480_000), currency: 'USD' },
      expectedCloseDate: `2031-0${index + 1}-15`,
    });
    await api('POST', '/tasks', {
      title: `Call ${firstName} about the offer`,
      taskType: 'call',
      priority: ['high', 'medium', 'urgent'][index % 3],
      dueDate: `2031-0${index + 1}-10T09:00:00Z`,
      relatedToType: 'deal',
      relatedToId: deal.id,
    });
    const about = { relatedToType: 'company', relatedToId: company.id };
    await api('POST', '/notes', { content: 'Asked for a second demo in March.', ...about });
  }
  await api('POST', '/products', {
    name: 'Compression platform',
    code: 'CP-1',
    unitPrice: { amountMinor: '480000', currency: 'USD' },
  });
  await api('POST', '/teams', { name: 'Enterprise sales', region: 'Americas' });
}

const axeSource = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What WCAG 2.2 AA finds wrong with the page as it stands: rule, and where. */
export async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: axeSource }).catch(() => undefined);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<any> } };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags } });
    return violations.flatMap(({ id, nodes }: { id: string; nodes: any[] }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
    );
  });
}

/** Waits until what people would see holds: pages answer a moment after a click. */
export async function eventually(check: () => Promise<void>, milliseconds = 10_000): Promise<void> {
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const artefacts = join(import.meta.dirname, '..', '..', '.artefacts', 'ui');

/** Keeps a file for people to look at. */
export function keepArtefact(name: string, content: string | Buffer): void {
  mkdirSync(artefacts, { recursive: true });
  writeFileSync(join(artefacts, name), content);
}

/** Keeps what the page looks like, for people to see. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(artefacts, { recursive: true });
  // Colours that are on their way from one mode to the other are nobody's look.
  await page.screenshot({ path: join(artefacts, `${name}.png`), animations: 'disabled' });
}
