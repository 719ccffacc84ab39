/** A paragraph of a mail: plain words, or a link with what it does. */
export type Paragraph = string | { readonly label: string; readonly url: string };

/** What a mail says, before it is set as text and HTML. */
export interface MailText {
  readonly subject: string;
  readonly paragraphs: readonly Paragraph[];
  /** Why somebody gets this mail, in one sentence. */
  readonly reason: string;
}

/** A mail as it is handed over. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one]!);
}

/** One line without control characters: a header must not be able to begin another one. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

const BODY = 'font:16px/1.5 system-ui,sans-serif;color:#1a1c1e;max-width:36em;margin:24px auto';
const BUTTON =
  'display:inline-block;padding:10px 16px;border-radius:8px;background:#2f5bd0;color:#ffffff;' +
  'text-decoration:none';

function htmlOf(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return `<p>${escapeHtml(paragraph)}</p>`;
  const url = escapeHtml(paragraph.url);
  const label = escapeHtml(paragraph.label);
  // The address is there to be read as well: some programs show no links.
  return `<p><a href="${url}" style="${BUTTON}">${label}</a></p><p><small>${url}</small></p>`;
}

function textOf(paragraph: Paragraph): string {
  if (typeof paragraph === 'string') return oneLine(paragraph);
  return `${oneLine(paragraph.label)}:\n${paragraph.url}`;
}

/** Sets a mail as plain text and as HTML; whatever people typed is escaped. */
export function renderMail({ subject, paragraphs, reason }: MailText): RenderedMail {
  const title = oneLine(subject);
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8">` +
    `<title>${escapeHtml(title)}</title></head><body style="${BODY}">` +
    paragraphs.map(htmlOf).join('') +
    `<hr><p><small>${escapeHtml(reason)}</small></p></body></html>`;
  const text = [...paragraphs.map(textOf), '-- ', oneLine(reason)].join('\n\n');
  return { subject: title, text: `${text}\n`, html };
}
