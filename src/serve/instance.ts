import { createMetrics, type MetricsSnapshot, mergeMetrics } from '../admin/metrics.js'
import type { Config } from '../config/config.js'
import { AuthError } from '../errors.js'
import { refusedUnasked } from '../middleware/decision.js'
import { openDoors } from './doors/doors.js'
import { type OpenedDoor, openDoor } from './doors/opened-door.js'
import { createGeneration, type Generation, type GenerationOptions } from './generation.js'
import { providerParts } from './provider-part.js'
import { createGate } from './readiness.js'
import type { ServingProcesses } from './serving-processes.js'

/** One process that serves requests. */
export interface Instance extends ServingProcesses {
  /** The metrics as plain data, to be merged with those of other processes. */
  snapshot(): Promise<MetricsSnapshot>
}

export type InstanceOptions = Pick<GenerationOptions, 'logger' | 'embedded' | 'onPolicyChange'>

/**
 * Opens the doors of a configuration in this process.
 *
 * @throws AuthError `ERR_CONFIG_INVALID` if a port, a certificate, a directory cannot be used; nothing listens then
 */
export async function startInstance(first: Config, options: InstanceOptions): Promise<Instance> {
  const doors = openDoors(first)
  const metrics = createMetrics({ stats: () => current.login?.value.stats() })
  const generationOptions: GenerationOptions = { ...options, doors, metrics }
  let current = await createGeneration(first, generationOptions)
  const opened = await openAll(first, current)
  const gate = createGate(async () => current.login?.value.ping())

  async function openAll(config: Config, { apps }: Generation): Promise<OpenedDoor[]> {
    const done: OpenedDoor[] = []
    const log = options.logger
    try {
      for (const [door, app] of apps) {
        const onRefusal = (refusal: AuthError, asked: Parameters<Generation['onDecision']>[0]) =>
          current.onDecision(asked, refusedUnasked(refusal))
        const onConnectionFailure = (failure: string) =>
          metrics.onConnectionFailure(failure, door.name)
        done.push(await openDoor(door, config, app, { log, onRefusal, onConnectionFailure }))
      }
    } catch (error) {
      for (const [, app] of [...apps].slice(done.length)) await app.close()
      await Promise.all(done.map((one) => one.close(0)))
      throw error
    }
    return done
  }

  return {
    doors: opened.map(({ door, url, app }) => ({
      name: door.name,
      title: door.title,
      url,
      description: app.description,
    })),
    url: opened[0]?.url ?? '',
    snapshot: () => metrics.snapshot(),
    administered: {
      async readiness() {
        const upstreams = opened.map(({ app }) => app.upstream?.() ?? [])
        const { open: ready, reason } = gate
        const metaNode = { name: 'meta node', ready, ...(reason !== undefined && { reason }) }
        const provider = providerParts(current.login?.value.stats().provider)
        return [metaNode, ...provider, ...(await Promise.all(upstreams)).flat()]
      },
      metrics: async (others = []) => mergeMetrics([await metrics.snapshot(), ...others]),
      purge: async (user) => current.login?.value.forget(user),
      async explain(question) {
        const name = question.query === undefined ? 'kapacitor' : 'influxdb'
        const door = opened.find(({ door }) => door.name === name)
        return (
          door?.app.explain(question) ?? new AuthError('ERR_NOT_FOUND', 'no such API is served')
        )
      },
    },
    async reload(next) {
      const generation = await createGeneration(next, generationOptions, current)
      current = generation
      // A subject that is not listed any more is refused from here on, also where the login goes on
      generation.login?.value.useProvider(next.oidc)
      for (const one of opened) {
        const app = generation.apps.get(one.door)
        if (app) one.replace(app)
      }
    },
    async useProvider(next) {
      current.login?.value.useProvider(next.oidc)
      current = { ...current, config: next }
    },
    async reopen() {
      await Promise.all([current.audit.reopen(), ...opened.map((one) => one.reopen())])
    },
    async close() {
      gate.close()
      const { shutdownTimeout } = current.config.http
      await Promise.all(opened.map((one) => one.close(shutdownTimeout)))
    },
  }
}
