/** Text that is HTML already; everything else is escaped on its way into a page. */
export class Html {
  constructor(readonly text: string) {}
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

type Part = Html | string | number | undefined | false | readonly Part[];

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map(render).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign]!);
}

/** A template whose values are escaped. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, at) => text + render(parts[at])).join(''));
}

/** Plain text with `code` between backticks and **words** between stars. */
export function prose(text: string): Html {
  const escaped = render(text);
  const inline = escaped
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
  return new Html(
    inline
      .split('\n\n')
      .map((one) => `<p>${one}</p>`)
      .join(''),
  );
}

export function code(text: string, language: string): Html {
  return html`<figure class="code">
    <figcaption>${language}<button type="button" data-copy>Copy</button></figcaption>
    <pre tabindex="0"><code>${text}</code></pre>
  </figure>`;
}
