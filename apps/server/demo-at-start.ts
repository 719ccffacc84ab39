import { closeDemo, ensureDemo, hasDemoOrNothing, type DemoSignIn } from '#apps/composition/demo';
import type { Config } from '#platform/config/config';
import type { Platform } from '#platform/platform';

export type DemoConfig = Pick<Config, 'host' | 'publicUrl' | 'demo' | 'demoAsked'>;

/** Whether only this machine reaches a host. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

/**
 * The demo workspace of a start. A server that only its own machine reaches has one unless told
 * otherwise, with a password everybody knows; any other has one only when DEMO asks for it, with a
 * made up password that is told once.
 */
export async function demoAtStart(
  platform: Platform,
  config: DemoConfig,
  say: (line: string) => void,
): Promise<DemoSignIn | undefined> {
  const { host, publicUrl, demo, demoAsked } = config;
  const open = !isLoopback(host) || !isLoopback(new URL(publicUrl).hostname);
  if (open ? demoAsked : demo) {
    return (await hasDemoOrNothing(platform)) ? ensureDemo(platform, say, { open }) : undefined;
  }
  return open ? ((await closeDemo(platform)) ?? undefined) : undefined;
}
