import type { FastifyRequest } from 'fastify';

/**
 * The path of the route a request was taken to. An address spells the same path in several ways,
 * whole or with letters in percent, so nothing is decided by the address where there is a route.
 */
export function routePath({ routeOptions, url }: FastifyRequest): string {
  return routeOptions.url ?? url;
}
