import type { Route, Routes } from '@angular/router';
import { recordTypes } from './records/registry';
import { signedIn, signedOut } from './session/guard';

/** A list and a page for each type of record. */
const records = recordTypes.flatMap((type): Route[] => [
  {
    path: type.collection,
    title: type.many,
    data: { type },
    loadComponent: () => import('./records/list/list-page').then(({ ListPage }) => ListPage),
  },
  {
    path: `${type.collection}/:id`,
    title: type.one,
    data: { type },
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
        path: 'profile',
        title: 'your profile',
        loadComponent: () => import('./users/profile-page').then(({ ProfilePage }) => ProfilePage),
      },
      {
        path: 'invitations',
        title: 'invitations',
        loadComponent: () =>
          import('./users/invitations-page').then(({ InvitationsPage }) => InvitationsPage),
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
