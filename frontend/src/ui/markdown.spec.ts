import { TestBed } from '@angular/core/testing';
import { Markdown } from './markdown';

function shown(text: string): HTMLElement {
  const fixture = TestBed.createComponent(Markdown);
  fixture.componentRef.setInput('text', text);
  fixture.detectChanges();
  return fixture.nativeElement as HTMLElement;
}

describe('Markdown', () => {
  it('shows lists, emphasis and line breaks', () => {
    const element = shown('Wants:\n\n- a **demo**\n- a price\n\nsoon\nor later');
    expect([...element.querySelectorAll('li')].map((one) => one.textContent)).toEqual([
      'a demo',
      'a price',
    ]);
    expect(element.querySelector('strong')?.textContent).toBe('demo');
    expect(element.querySelectorAll('br')).toHaveLength(1);
  });

  it('opens web addresses elsewhere and leaves others as text', () => {
    const element = shown(
      '[a](https://example.com/x?a=1&b=2) [b](javascript:alert(1)) [c](/deals)',
    );
    const links = [...element.querySelectorAll('a')];
    expect(links.map((one) => one.getAttribute('href'))).toEqual(['https://example.com/x?a=1&b=2']);
    expect(links[0]?.rel).toBe('noopener noreferrer');
    expect(element.textContent?.trim()).toBe('a b c');
  });

  it('runs nothing, fetches nothing and adds no heading to the page', () => {
    const text =
      '# Big\n<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\n![p](https://x.example/p.png)';
    const element = shown(text);
    expect(element.querySelector('img, script, h1, [onerror]')).toBeNull();
    expect(element.textContent).toContain('<script>alert(1)');
    expect(element.querySelector('a')?.textContent).toBe('p');
  });
});
