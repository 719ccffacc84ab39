import { Injectable, computed, inject } from '@angular/core';
import type { IconName } from '../../ui/icons';
import { recordTypes, typeOf } from '../records/registry';
import { Session } from '../session/session';

/** A page in the navigation. */
export interface Place {
  readonly title: string;
  readonly path: string;
  readonly icon: IconName;
  /** Second key after `G`. */
  readonly key: string;
  /** Only for those who may read this. */
  readonly permission?: string;
  /** Lit only on exactly this page. */
  readonly exact?: boolean;
}

const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
const ofType = (collection: Parameters<typeof typeOf>[0]): Place => {
  const { many, icon, key } = typeOf(collection);
  const permission = `${collection}:read`;
  return { title: capital(many), path: `/${collection}`, icon, key, permission };
};

const main: readonly Place[] = [
  { title: 'Home', path: '/', icon: 'home', key: 'h', exact: true },
  ofType('contacts'),
  ofType('companies'),
  { ...ofType('deals'), exact: true },
  {
    title: 'Board',
    path: '/deals/board',
    icon: 'board',
    key: 'b',
    permission: 'deals:read',
  },
  ofType('tasks'),
  ofType('products'),
];
const foot: readonly Place[] = [
  ofType('teams'),
  ofType('users'),
  { title: 'Roles', path: '/roles', icon: 'lock', key: 'r', permission: 'roles:read' },
  {
    title: 'Invitations',
    path: '/invitations',
    icon: 'mail',
    key: 'e',
    permission: 'invitations:read',
  },
  {
    title: 'Provisioning',
    path: '/provisioning',
    icon: 'link',
    key: 'q',
    permission: 'scimConnections:read',
  },
  {
    title: 'Single sign-on',
    path: '/single-sign-on',
    icon: 'lock',
    key: 'g',
    permission: 'identityProviders:read',
  },
  {
    title: 'Sign-in policy',
    path: '/sign-in-policy',
    icon: 'key',
    key: 'v',
    permission: 'tenant:update',
  },
  {
    title: 'Pipelines',
    path: '/pipelines',
    icon: 'settings',
    key: 'l',
    permission: 'pipelines:read',
  },
  { title: 'Audit', path: '/audit', icon: 'audit', key: 'a', permission: 'timeline:read' },
  {
    title: 'API keys',
    path: '/api-keys',
    icon: 'key',
    key: 'k',
    permission: 'apiKeys:read',
  },
  {
    title: 'Security log',
    path: '/security-log',
    icon: 'lock',
    key: 'y',
    permission: 'accessLog:read',
  },
  { title: 'Import', path: '/import', icon: 'upload', key: 'i', permission: 'contacts:create' },
  {
    title: 'Operations',
    path: '/operations',
    icon: 'pulse',
    key: 's',
    permission: 'operations:read',
  },
];

/** The pages this person may open. */
@Injectable({ providedIn: 'root' })
export class Places {
  private readonly session = inject(Session);
  private readonly mine = (places: readonly Place[]) =>
    places.filter(({ permission }) => !permission || this.session.may(permission));

  readonly main = computed(() => this.mine(main));
  readonly foot = computed(() => this.mine(foot));
  readonly all = computed(() => [...this.main(), ...this.foot()]);
  readonly creatable = computed(() =>
    recordTypes.filter(
      ({ collection }) => collection !== 'users' && this.session.may(`${collection}:create`),
    ),
  );
}
