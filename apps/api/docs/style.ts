/** Style of the documentation pages: light and dark, and readable on a telephone. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ground: #f6f7f9; --ink: #1b1f27; --soft: #5a6270; --line: #dfe3e9;
  --accent: #2f5bd7; --code: #f2f4f8;
  --get: #1c6b48; --post: #2f5bd7; --put: #8a5a00; --patch: #8a5a00; --delete: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171d; --ground: #0e1116; --ink: #e6e9ef; --soft: #a0a8b6; --line: #2b313c;
    --accent: #8fb0ff; --code: #1b2029;
    --get: #6fd3a1; --post: #8fb0ff; --put: #e7b95e; --patch: #e7b95e; --delete: #ff8f86;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 16px; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 14px/1.5 Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
a { color: var(--accent); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
.page { display: grid; grid-template-columns: 232px minmax(0, 1fr); max-width: 1240px; margin: 0 auto; }
nav {
  position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto;
  padding: 24px 16px;
}
nav strong { display: block; font-size: 16px; margin-bottom: 16px; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a {
  display: block; padding: 4px 8px; border-radius: 8px; color: var(--soft);
  text-decoration: none; text-transform: capitalize;
}
nav a:hover, nav a[aria-current] { background: var(--paper); color: var(--ink); }
main { padding: 24px; min-width: 0; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 8px; text-transform: none; }
h2 { font-size: 18px; margin: 32px 0 8px; }
h3 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 0 0 8px; max-width: 72ch; }
.lead { color: var(--soft); font-size: 15px; }
code { font: 12.5px/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
p code, td code, li code { background: var(--code); padding: 1px 4px; border-radius: 4px; }
.code { margin: 8px 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--code); }
.code figcaption {
  display: flex; justify-content: space-between; align-items: center; padding: 4px 4px 4px 12px;
  color: var(--soft); font-size: 12px; border-bottom: 1px solid var(--line);
}
.code button {
  font: inherit; color: var(--accent); background: none; border: 0; cursor: pointer;
  min-height: 24px; padding: 0 8px;
}
pre { margin: 0; padding: 12px; overflow: auto; }
details {
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px; margin: 8px 0;
}
summary {
  display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; padding: 10px 12px;
  cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary .path { font-weight: 600; overflow-wrap: anywhere; }
summary .what { color: var(--soft); margin-left: auto; }
details > div { padding: 0 12px 12px; border-top: 1px solid var(--line); padding-top: 12px; }
.method { font-weight: 700; font-size: 12px; min-width: 52px; }
.get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); }
.patch { color: var(--patch); } .delete { color: var(--delete); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 4px 0 8px; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; }
td { overflow-wrap: break-word; min-width: 72px; }
td:first-child { white-space: nowrap; }
td:last-child { min-width: 220px; }
td p:last-child { margin: 0; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px; }
@media (max-width: 900px) {
  .page { grid-template-columns: minmax(0, 1fr); }
  nav { position: static; max-height: none; padding: 16px 16px 0; }
  nav ul { display: flex; gap: 4px; overflow-x: auto; padding-bottom: 8px; }
  nav a { white-space: nowrap; }
  main { padding: 16px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  summary .what { margin-left: 0; width: 100%; }
}
@media (prefers-reduced-motion: no-preference) { details[open] > div { animation: in 120ms ease-out; } }
@keyframes in { from { opacity: 0; } }
`;

/** Copies an example; the pages work without it. */
export const script = `
addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  await navigator.clipboard.writeText(button.closest('figure').querySelector('code').textContent);
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = 'Copy'), 1500);
});
if (location.hash) {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.tagName === 'DETAILS') target.open = true;
}
`;
