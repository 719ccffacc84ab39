// `npm run build`: backend and admin pages into dist, then the types, which swc does not check.
import { check } from './checks.mjs';
import { prepare } from './prepare.mjs';
import { main } from './shell.mjs';

await main(async () => {
  await prepare();
  return check(['types']);
});
