import { Component, ViewEncapsulation, computed, input } from '@angular/core';
import { Marked, type Tokens } from 'marked';

/** Text as it is, for the places where Markdown would let HTML through. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function link(href: string, content: string): string {
  return /^https?:\/\//i.test(href)
    ? `<a href="${escaped(href)}" target="_blank" rel="noopener noreferrer">${content}</a>`
    : content;
}

// A text has no headings of the page, fetches nothing from elsewhere and runs nothing.
const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
    heading({ tokens }: Tokens.Heading) {
      return `<p class="heading">${this.parser.parseInline(tokens)}</p>`;
    },
    link({ href, tokens }: Tokens.Link) {
      return link(href, this.parser.parseInline(tokens));
    },
    image: ({ href, text }: Tokens.Image) => link(href, escaped(text || href)),
    checkbox: ({ checked }: Tokens.Checkbox) => (checked ? '☑ ' : '☐ '),
  },
});

/** Markdown as HTML without scripts, images or addresses other than http(s). */
export function markdownHtml(text: string): string {
  return marked.parse(text, { async: false });
}

/** Shows a text people wrote in Markdown; Angular cleans the HTML once more. */
@Component({
  selector: 'cf-markdown',
  template: `<div class="markdown" [innerHTML]="html()"></div>`,
  encapsulation: ViewEncapsulation.None,
  styles: `
    .markdown {
      overflow-wrap: anywhere;

      > * + * {
        margin-top: 6px;
      }
      ul,
      ol {
        padding-left: 20px;
      }
      ul {
        list-style: disc;
      }
      ol {
        list-style: decimal;
      }
      a {
        color: var(--cf-accent);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .heading {
        font-weight: 600;
      }
      blockquote {
        margin-inline: 0;
        padding-left: 10px;
        border-left: 2px solid var(--cf-line-strong);
        color: var(--cf-text-soft);
      }
      code {
        padding: 1px 4px;
        border-radius: 4px;
        background: var(--cf-sunken);
        font-size: 0.75rem;
      }
      pre {
        margin-block: 6px 0;
        padding: 8px 10px;
        border-radius: var(--cf-radius-small);
        background: var(--cf-sunken);
        white-space: pre-wrap;
      }
      pre code {
        padding: 0;
      }
      table {
        border-collapse: collapse;
      }
      th,
      td {
        padding: 3px 10px 3px 0;
        border-bottom: 1px solid var(--cf-line);
        text-align: left;
      }
      hr {
        border: 0;
        border-top: 1px solid var(--cf-line);
      }
    }
  `,
})
export class Markdown {
  readonly text = input.required<string>();
  protected readonly html = computed(() => markdownHtml(this.text()));
}
