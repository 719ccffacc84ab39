import { live } from '#apps/composition/process-life';
import { loadConfig } from '#platform/config/config';
import { environment } from '#platform/config/environment';
import { startServer } from './server.js';

await live(() => startServer(loadConfig(environment)));
