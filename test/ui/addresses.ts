import { join } from 'node:path';
import type { Admin } from './admin.js';

const app = join(import.meta.dirname, '..', '..', 'frontend', 'src', 'app');

interface Route {
  readonly path?: string;
  readonly children?: readonly Route[];
}

function addressesOf(routes: readonly Route[], above = ''): readonly string[] {
  return routes.flatMap(({ path = '', children }) => {
    const own = [above, path === '**' ? 'nowhere' : path].filter(Boolean).join('/');
    return children ? addressesOf(children, own) : [own];
  });
}

/** Every address the admin's router knows; parameters are left as `:name`. */
export async function addresses(): Promise<readonly string[]> {
  // Angular's packages are compiled to the end where they are loaded outside a build.
  await import('@angular/compiler');
  const { routes } = (await import(join(app, 'routes.ts'))) as { routes: readonly Route[] };
  return [...new Set(addressesOf(routes))];
}

/** Pages for people who are not signed in. */
export const openAddresses = [
  'sign-in',
  'sign-up',
  'forgot-password',
  'reset-password',
  'invitation',
  'confirm-address',
] as const;

/** Fills in addresses: `:id` by a record that is there, other parameters by any text. */
export class Places {
  private readonly ids: Record<string, string> = {};

  constructor(private readonly admin: Admin) {}

  /** Makes what the demo's records have nothing of. */
  async make(): Promise<void> {
    const provider = { name: 'Hooli', kind: 'saml', domains: ['hooli.example'] };
    const { id } = await this.admin.api('POST', '/identityProviders', provider);
    this.ids['single-sign-on'] = id as string;
  }

  async filled(address: string): Promise<string> {
    const collection = /^([\w-]+)\/:id$/.exec(address)?.[1];
    if (!collection) return address.replaceAll(/:\w+/g, 'some');
    this.ids[collection] ??= (await this.admin.api('GET', `/${collection}`))[0].id as string;
    return `${collection}/${this.ids[collection]}`;
  }
}
