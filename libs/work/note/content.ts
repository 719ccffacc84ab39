import { recordRefusals } from '#kernel/record-rules';
import { refuseWith, type Refusal } from '#kernel/refusal';

const refuse = refuseWith({
  ...recordRefusals,
  CONTENT_HAS_HTML: { category: 'rule', message: 'Notes are Markdown; HTML is not stored.' },
});

// A tag, a comment or a declaration; `a < b`, `<3` and `<https://example.com>` are none.
const HTML = /<(?:[a-z][a-z0-9-]*(?=[\s/>])|\/[a-z]|!--|!doctype|\?xml)/i;

/**
 * HTML is refused rather than stripped: a note keeps what its author wrote, and nothing that was
 * ever stored can run. Readers still render Markdown without HTML and with http(s) links only.
 */
export function contentProblem(content: string): Refusal | undefined {
  const found = HTML.exec(content);
  return found
    ? refuse('CONTENT_HAS_HTML', {
        field: 'content',
        rule: 'markdown',
        message: `“${found[0]}” at character ${found.index + 1} looks like HTML.`,
        remedy: 'Use Markdown, or put a space behind “<”.',
      })
    : undefined;
}
