// Writes .env.example from the declared settings.
import { writeFileSync } from 'node:fs';
import { environmentExample } from '../../dist/libs/platform/config/config.js';

writeFileSync(new URL('../../.env.example', import.meta.url), environmentExample());
