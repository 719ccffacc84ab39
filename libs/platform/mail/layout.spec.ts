import { describe, expect, it } from '@jest/globals';
import { renderMail } from './layout.js';

const url = 'https://crm.example.com/invitation#cfo_x&"';

describe('a mail', () => {
  const { subject, text, html } = renderMail({
    subject: 'Join <Hooli>\r\nBcc: all@example.com',
    paragraphs: ['Tom & "Jerry" <script>alert(1)</script>\ninvite you.', { label: 'Accept', url }],
    reason: 'Because of your account.',
  });

  it('has a subject of one line, whatever people typed', () => {
    expect(subject).toBe('Join <Hooli> Bcc: all@example.com');
  });

  it('says the same as text and as HTML, where everything typed is escaped', () => {
    expect(text).toContain('Tom & "Jerry" <script>alert(1)</script> invite you.');
    expect(text).toContain(url);
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain('href="https://crm.example.com/invitation#cfo_x&amp;&quot;"');
  });

  it('says why somebody gets it', () => {
    expect(text).toContain('-- \n\nBecause of your account.');
    expect(html).toContain('Because of your account.');
  });
});
