import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { accessibilityProblems, keepScreenshot } from './admin.js';

/** Wide and narrow, light and dark: every page is looked at so. */
export const modes = [
  ['light-1440', { width: 1440, height: 900 }, 'light'],
  ['dark-1440', { width: 1440, height: 900 }, 'dark'],
  ['light-390', { width: 390, height: 844 }, 'light'],
  ['dark-390', { width: 390, height: 844 }, 'dark'],
] as const;

/** Keeps a screenshot; says what hinders somebody on the page as it is, and what leads out of sight. */
export async function problemsOf(page: Page, name: string): Promise<readonly string[]> {
  await keepScreenshot(page, name);
  const found = (await accessibilityProblems(page)).map((problem) => `${name}: ${problem}`);
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  return wide > page.viewportSize()!.width ? [...found, `${name}: ${wide} px wide`] : found;
}

/** Everybody can use the page as it is, and nothing leads out of sight. */
export async function looksRight(page: Page, name: string): Promise<void> {
  expect(await problemsOf(page, name)).toEqual([]);
}

/** `looksRight` in every mode; the page is wide afterwards. */
export async function looksRightInAllModes(page: Page, name: string): Promise<void> {
  expect(await problemsInAllModes(page, name)).toEqual([]);
}

/** What `looksRightInAllModes` would complain of. */
export async function problemsInAllModes(page: Page, name: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [mode, viewport, colorScheme] of modes) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme });
    found.push(...(await problemsOf(page, `${name}-${mode}`)));
  }
  await page.setViewportSize(modes[0][1]);
  return found;
}
