import fastify from 'fastify';
import { environment } from '#platform/config/environment';

/** The least a Fastify server does: one route that reads JSON and answers JSON. */
const app = fastify();
app.post('/', (_request, reply) => reply.code(201).send({ success: true }));
app.get('/memory', () => ({ rss: process.memoryUsage().rss }));
await app.listen({ host: '127.0.0.1', port: Number(environment['PORT']) });
console.log('bare server is ready');
