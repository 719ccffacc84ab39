import { inject } from '@angular/core';
import type { Route, Routes } from '@angular/router';
import { typeWithin, type RecordType } from './records/record-type';
import { recordTypes } from './records/registry';
import { signedIn, signedOut } from './session/guard';
import { Session } from './session/session';

/** The type without the fields this person does not see. */
const seen = (type: RecordType) => ({
  type: () => {
    const rights = inject(Session).identity()?.fields[type.record];
    return rights ? typeWithin(type, rights) : type;
  },
});

/** A list and a page for each type of record. */
const records = recordTypes.flatMap((type): Route[] => [
  {
    path: type.collection,
    title: type.many,
    resolve: seen(type),
    loadComponent: () => import('./records/list/list-page').then(({ ListPage }) => ListPage),
  },
  {
    path: `${type.collection}/:id`,
    title: type.one,
    resolve: seen(type),
    loadComponent: () =>
      import('./records/record/record-page').then(({ RecordPage }) => RecordPage),
  },
]);

export const routes: Routes = [
  {
    path: 'sign-in',
    title: 'Sign in',
    canActivate: [signedOut],
    loadComponent: () => import('./session/sign-in').then(({ SignIn }) => SignIn),
  },
  {
    path: 'w/:workspace',
    title: 'Sign in',
    canActivate: [signedOut],
    loadComponent: () => import('./session/sign-in').then(({ SignIn }) => SignIn),
  },
  {
    path: 'sign-up',
    title: 'Make a workspace',
    loadComponent: () => import('./session/sign-up').then(({ SignUp }) => SignUp),
  },
  {
    path: 'forgot-password',
    title: 'New password',
    loadComponent: () =>
      import('./session/forgot-password').then(({ ForgotPassword }) => ForgotPassword),
  },
  {
    path: 'reset-password',
    title: 'New password',
    loadComponent: () =>
      import('./session/reset-password').then(({ ResetPassword }) => ResetPassword),
  },
  {
    path: 'invitation',
    title: 'Invitation',
    loadComponent: () =>
      import('./session/accept-invitation').then(({ AcceptInvitation }) => AcceptInvitation),
  },
  {
    path: 'confirm-address',
    title: 'Confirm address',
    loadComponent: () =>
      import('./session/confirm-address').then(({ ConfirmAddress }) => ConfirmAddress),
  },
  {
    path: '',
    canActivate: [signedIn],
    loadComponent: () => import('./frame/frame').then(({ Frame }) => Frame),
    children: [
      {
        path: '',
        pathMatch: 'full',
        title: 'Home',
        loadComponent: () => import('./home/home').then(({ Home }) => Home),
      },
      {
        path: 'deals/board',
        title: 'board',
        loadComponent: () => import('./board/board-page').then(({ BoardPage }) => BoardPage),
      },
      {
        path: 'pipelines',
        title: 'pipelines',
        loadComponent: () =>
          import('./pipelines/pipelines-page').then(({ PipelinesPage }) => PipelinesPage),
      },
      {
        path: 'audit',
        title: 'audit',
        loadComponent: () => import('./audit/audit-page').then(({ AuditPage }) => AuditPage),
      },
      {
        path: 'import',
        title: 'import',
        loadComponent: () => import('./imports/import-page').then(({ ImportPage }) => ImportPage),
      },
      {
        path: 'operations',
        title: 'operations',
        loadComponent: () =>
          import('./operations/operations-page').then(({ OperationsPage }) => OperationsPage),
      },
      {
        path: 'settings',
        title: 'settings',
        loadComponent: () =>
          import('./settings/settings-page').then(({ SettingsPage }) => SettingsPage),
      },
      {
        path: 'plan',
        title: 'plan and usage',
        loadComponent: () => import('./settings/plan-page').then(({ PlanPage }) => PlanPage),
      },
      {
        path: 'workspace',
        title: 'workspace',
        loadComponent: () =>
          import('./settings/workspace-page').then(({ WorkspacePage }) => WorkspacePage),
      },
      {
        path: 'profile',
        title: 'your profile',
        loadComponent: () => import('./users/profile-page').then(({ ProfilePage }) => ProfilePage),
      },
      {
        path: 'notifications',
        title: 'notifications',
        loadComponent: () =>
          import('./notifications/notifications-page').then(
            ({ NotificationsPage }) => NotificationsPage,
          ),
      },
      {
        path: 'security',
        title: 'your security',
        loadComponent: () =>
          import('./security/security-page').then(({ SecurityPage }) => SecurityPage),
      },
      {
        path: 'api-keys',
        title: 'API keys',
        loadComponent: () =>
          import('./security/api-keys-page').then(({ ApiKeysPage }) => ApiKeysPage),
      },
      {
        path: 'security-log',
        title: 'security log',
        loadComponent: () =>
          import('./security/security-log-page').then(({ SecurityLogPage }) => SecurityLogPage),
      },
      {
        path: 'sign-in-policy',
        title: 'sign-in policy',
        loadComponent: () =>
          import('./security/sign-in-policy-page').then(({ SignInPolicyPage }) => SignInPolicyPage),
      },
      {
        path: 'invitations',
        title: 'invitations',
        loadComponent: () =>
          import('./users/invitations-page').then(({ InvitationsPage }) => InvitationsPage),
      },
      {
        path: 'roles',
        title: 'roles',
        loadComponent: () => import('./roles/roles-page').then(({ RolesPage }) => RolesPage),
      },
      {
        path: 'provisioning',
        title: 'provisioning',
        loadComponent: () =>
          import('./scim/provisioning-page').then(({ ProvisioningPage }) => ProvisioningPage),
      },
      {
        path: 'single-sign-on',
        title: 'single sign-on',
        loadComponent: () =>
          import('./sso/providers-page').then(({ ProvidersPage }) => ProvidersPage),
      },
      {
        path: 'single-sign-on/:id',
        title: 'single sign-on',
        loadComponent: () => import('./sso/provider-page').then(({ ProviderPage }) => ProviderPage),
      },
      {
        path: 'outbox',
        title: 'outbox',
        loadComponent: () => import('./users/outbox-page').then(({ OutboxPage }) => OutboxPage),
      },
      ...records,
      {
        path: '**',
        title: 'Not found',
        loadComponent: () => import('./frame/not-found').then(({ NotFound }) => NotFound),
      },
    ],
  },
];
