import { environment } from '#platform/config/environment';
import { standBack } from '#platform/postgres/stand-back';
import { runCli } from './run.js';

// A reader that has seen enough (`| head`) ends us, and that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  terminal: {
    out: process.stdout,
    error: process.stderr,
    noColor: Boolean(environment['NO_COLOR']),
  },
  input: process.stdin,
  environment,
  standBack,
});
