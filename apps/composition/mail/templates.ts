import type { MailText } from '#platform/mail/layout';

const automatic = (workspace: string) =>
  `This mail was sent because of your account in the workspace ${workspace}.`;

export interface InvitationWords {
  readonly workspace: string;
  /** Null where the product itself invites. */
  readonly inviter: string | null;
  readonly link: string;
  readonly days: number;
}

/** Somebody is invited. */
export function invitationMail({ workspace, inviter, link, days }: InvitationWords): MailText {
  const who = inviter ? `${inviter} invites you` : 'You are invited';
  return {
    subject: `Join ${workspace} on ClientForge`,
    paragraphs: [
      `${who} to work in ${workspace} on ClientForge.`,
      'Choose a password and you are in.',
      { label: 'Accept the invitation', url: link },
      `The link is good once and for ${days} days.`,
    ],
    reason: `You get this mail because your address was invited to ${workspace}. If you did not expect it, do nothing.`,
  };
}

/** Somebody has accepted and begins to work. */
export function welcomeMail(words: {
  readonly firstName: string;
  readonly workspace: string;
  readonly slug: string;
  readonly link: string;
}): MailText {
  const { firstName, workspace, slug, link } = words;
  return {
    subject: `Welcome to ${workspace}`,
    paragraphs: [
      `Hello ${firstName},`,
      `your account in ${workspace} is ready. The short name of the workspace is ${slug}: with it ` +
        'and this address you sign in.',
      { label: 'Open ClientForge', url: link },
    ],
    reason: automatic(workspace),
  };
}

/** Somebody asked for a new password. */
export function passwordResetMail(words: {
  readonly workspace: string;
  readonly link: string;
  readonly minutes: number;
}): MailText {
  const { workspace, link, minutes } = words;
  return {
    subject: `A new password for ${workspace}`,
    paragraphs: [
      `Somebody asked for a new password of your account in ${workspace}.`,
      { label: 'Choose a new password', url: link },
      `The link is good once and for ${minutes} minutes. All sessions end with the change.`,
      'If it was not you, do nothing: your password stays as it is.',
    ],
    reason: automatic(workspace),
  };
}

/** The password is another one. */
export function passwordChangedMail(words: {
  readonly workspace: string;
  readonly link: string;
}): MailText {
  return {
    subject: `Your password for ${words.workspace} was changed`,
    paragraphs: [
      `The password of your account in ${words.workspace} was changed, and other sessions ended.`,
      'If it was not you, ask for a new password at once and tell an administrator.',
      { label: 'Ask for a new password', url: words.link },
    ],
    reason: automatic(words.workspace),
  };
}

/** A new address is to be confirmed; goes to the new address. */
export function confirmAddressMail(words: {
  readonly workspace: string;
  readonly link: string;
  readonly hours: number;
}): MailText {
  return {
    subject: `Confirm your new address for ${words.workspace}`,
    paragraphs: [
      `Your account in ${words.workspace} is to use this address from now on.`,
      { label: 'Confirm the address', url: words.link },
      `The link is good once and for ${words.hours} hours. Without it nothing changes.`,
    ],
    reason: `You get this mail because somebody named your address in ${words.workspace}.`,
  };
}

/** The address is another one; goes to the former address. */
export function addressChangedMail(words: { readonly workspace: string }): MailText {
  return {
    subject: `Your address for ${words.workspace} was changed`,
    paragraphs: [
      `Your account in ${words.workspace} uses another address from now on; this one gets no ` +
        'more mail of it.',
      'If you do not expect this, tell an administrator of the workspace.',
    ],
    reason: automatic(words.workspace),
  };
}

/** The workspace is to be deleted; goes to its owners, who cannot sign in any more. */
export function deletionMail(words: {
  readonly workspace: string;
  readonly day: string;
}): MailText {
  const { workspace, day } = words;
  return {
    subject: `${workspace} is to be deleted`,
    paragraphs: [
      `The workspace ${workspace} is closed to its people and is deleted on ${day}.`,
      'From then on nothing brings it back. Until then whoever runs this installation can open it ' +
        'again: ask them if this was not meant to be.',
    ],
    reason: automatic(workspace),
  };
}

/** Somebody wants a workspace of their own. */
export function signUpMail({
  link,
  hours,
}: {
  readonly link: string;
  readonly hours: number;
}): MailText {
  return {
    subject: 'Your workspace on ClientForge',
    paragraphs: [
      'Somebody, hopefully you, wants to make a workspace on ClientForge with this address.',
      { label: 'Make the workspace', url: link },
      `The link is good once and for ${hours} hours.`,
    ],
    reason: 'You get this mail because your address was given. If it was not you, do nothing.',
  };
}
