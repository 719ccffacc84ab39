import type { Aggregate } from '#kernel/aggregate';
import type { Fact } from '#kernel/event';
import { INVITATION_DAYS } from '#event-schemas/identity/invitation.events';
import { emailKey } from '#event-schemas/identity/user.events';
import { invitation, type InvitationState } from '#identity/invitation/invitation';
import { defineEffect, type Effect, type EffectCall } from '#platform/effects/effect';
import {
  linkOf,
  nameOf,
  personBefore,
  personOf,
  sendMail,
  workspaceOf,
  type Person,
} from './sending.js';
import {
  addressChangedMail,
  confirmAddressMail,
  invitationMail,
  passwordChangedMail,
  passwordResetMail,
  welcomeMail,
} from './templates.js';

/** Minutes a link to choose a new password is good for. */
export const RESET_MINUTES = 60;
/** Hours a link that confirms an address is good for. */
export const CONFIRM_HOURS = 24;

const after = (now: Date, minutes: number) => new Date(now.getTime() + minutes * 60_000);
const reachable = (person: Person | undefined) =>
  person?.status === 'active' ? person.values.email : null;

/** The open workspace and the person an event is about, and where mail reaches them. */
async function recipientOf(call: EffectCall) {
  const { tenantId, id } = call.event;
  const [workspace, person] = await Promise.all([
    workspaceOf(call),
    personOf(call.platform, tenantId, id),
  ]);
  return { workspace, person, to: reachable(person) };
}

const sendInvitation = defineEffect<Fact>({
  name: 'send-invitation',
  description: 'Send an invitation',
  on: ['InvitationCreated', 'InvitationResent'],
  async run(call) {
    const { event, platform } = call;
    const { tenantId, id } = event;
    const [workspace, state] = await Promise.all([
      workspaceOf(call),
      platform.facts.state(tenantId, invitation as Aggregate, id) as Promise<InvitationState>,
    ]);
    if (!workspace || state.status !== 'pending') return {};
    const { actor } = event.meta;
    const inviter =
      actor.type === 'user' ? await personOf(platform, tenantId, actor.id) : undefined;
    const link = await linkOf(call, 'invitation', {
      purpose: 'invitation',
      subjectId: id,
      expiresAt: new Date(state.expiresAt),
    });
    const words = invitationMail({
      workspace: workspace.values.name,
      inviter: inviter ? nameOf(inviter) : null,
      link,
      days: INVITATION_DAYS,
    });
    return sendMail(call, { ...words, template: 'invitation', to: state.email, subjectId: id });
  },
});

const sendWelcome = defineEffect<Fact>({
  name: 'send-welcome',
  description: 'Welcome somebody who accepted an invitation',
  on: ['InvitationAccepted'],
  async run(call) {
    const { event, platform } = call;
    const { workspace, person, to } = await recipientOf(call);
    if (!workspace || !person || !to) return {};
    const words = welcomeMail({
      firstName: person.values.firstName,
      workspace: workspace.values.name,
      slug: workspace.values.slug,
      link: `${platform.mail.publicUrl}/`,
    });
    return sendMail(call, { ...words, template: 'welcome', to, subjectId: event.id });
  },
});

const sendPasswordReset = defineEffect<Fact>({
  name: 'send-password-reset',
  description: 'Send a link to choose a new password',
  on: ['UserPasswordResetRequested'],
  async run(call) {
    const { event, platform } = call;
    const { workspace, to } = await recipientOf(call);
    if (!workspace || !to) return {};
    const link = await linkOf(call, 'reset-password', {
      purpose: 'password-reset',
      subjectId: event.id,
      expiresAt: after(platform.clock(), RESET_MINUTES),
      detail: to,
    });
    const words = passwordResetMail({
      workspace: workspace.values.name,
      link,
      minutes: RESET_MINUTES,
    });
    return sendMail(call, { ...words, template: 'password-reset', to, subjectId: event.id });
  },
});

const sendPasswordNotice = defineEffect<Fact>({
  name: 'send-password-notice',
  description: 'Tell somebody that their password was changed',
  on: ['UserPasswordChanged'],
  wanted: ({ data }) => (data as { readonly how: string }).how !== 'first',
  async run(call) {
    const { event, platform } = call;
    const { workspace, to } = await recipientOf(call);
    if (!workspace || !to) return {};
    const words = passwordChangedMail({
      workspace: workspace.values.name,
      link: `${platform.mail.publicUrl}/forgot-password`,
    });
    return sendMail(call, { ...words, template: 'password-changed', to, subjectId: event.id });
  },
});

const sendAddressConfirmation = defineEffect<Fact>({
  name: 'send-address-confirmation',
  description: 'Ask a new address for its confirmation',
  on: ['UserEmailChangeRequested'],
  async run(call) {
    const { event, platform } = call;
    const { workspace, person } = await recipientOf(call);
    const { email } = event.data as { readonly email: string | null };
    // Null: the person was erased meanwhile.
    if (!workspace || person?.status !== 'active' || !email?.includes('@')) return {};
    const link = await linkOf(call, 'confirm-address', {
      purpose: 'email-change',
      subjectId: event.id,
      expiresAt: after(platform.clock(), CONFIRM_HOURS * 60),
      detail: email,
    });
    const words = confirmAddressMail({
      workspace: workspace.values.name,
      link,
      hours: CONFIRM_HOURS,
    });
    const mail = { template: 'confirm-address', to: email, subjectId: event.id };
    return sendMail(call, { ...words, ...mail });
  },
});

const sendAddressNotice = defineEffect<Fact>({
  name: 'send-address-notice',
  description: 'Tell the former address of somebody that it was replaced',
  on: ['UserChanged'],
  wanted: ({ data }) => 'email' in (data as object),
  async run(call) {
    const { event } = call;
    const [workspace, before] = await Promise.all([workspaceOf(call), personBefore(call)]);
    const to = reachable(before);
    const { email } = event.data as { readonly email: string | null };
    if (!workspace || !to || emailKey(to) === emailKey(email ?? '')) return {};
    const words = addressChangedMail({ workspace: workspace.values.name });
    return sendMail(call, { ...words, template: 'address-changed', to, subjectId: event.id });
  },
});

/** Every mail the product sends by itself. */
export const mailEffects: readonly Effect[] = [
  sendInvitation,
  sendWelcome,
  sendPasswordReset,
  sendPasswordNotice,
  sendAddressConfirmation,
  sendAddressNotice,
];
